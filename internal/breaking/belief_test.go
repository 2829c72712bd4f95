package breaking_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/strategy"
)

// TestBelief lets a remote mislead a service in every way that a declaration can
// know of: it shifts its pages, hides records and counts them, lies about totals, loses
// the credentials at any request, dies, repeats, merges, redirects, is late. Whatever is
// declared, no row goes whose record the remote had all the time, and no change is
// missing that is older than the stored time. After all that, two quiet passes over an
// honest remote make the rows equal to its records.
//
// What no declaration can know is in docs/guarantees.md, and left out: see kinds, told and
// counted.
func TestBelief(t *testing.T) {
	for _, kind := range []struct {
		name  string
		cases uint64
	}{{"sqlite", 400}, {"postgres", 100}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			const each = 100 // rapid's own number
			for i := range number(t, "SYNCED_BELIEFS", kind.cases) / each {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					address := ":memory:"
					if kind.name == "postgres" {
						address = database(t, kind.name)
					}
					db := opened(t, kind.name, address)
					beliefs(t, db)
					var scope atomic.Int64
					check(t, i, func(t *rapid.T) { believe(t, db, int(scope.Add(1))) })
				})
			}
		})
	}
}

var seeding sync.Mutex

// check is rapid.Check with a seed that is the same each time, plus SYNCED_SEED. It may
// be called concurrently, although rapid's seed is one for the whole process.
func check(t *testing.T, seed uint64, prop func(*rapid.T)) {
	seeding.Lock()
	started := sync.OnceFunc(seeding.Unlock)
	defer started()
	require.NoError(t, flag.Set("rapid.seed", fmt.Sprint(seed+number(t, "SYNCED_SEED", 1))))
	rapid.Check(t, func(t *rapid.T) {
		started()
		prop(t)
	})
}

func believe(t *rapid.T, db backend.Store, scope int) {
	m := drawManner(t)
	c := drawCreed(t, m)
	w := newWitness(m, rapid.IntRange(2, 14).Draw(t, "records"))
	defer w.srv.Close()
	b := newBeliever(t, w, c, db, scope)
	b.since = -1
	if sampled(t, "at first", "rows", "rows", "none") == "rows" {
		_, _ = b.synchronize("first", plan{}, synced.Call{Strategy: strategy.Full{}})
	}
	for range rapid.IntRange(1, 6).Draw(t, "steps") {
		b.step()
		w.rest(sampled(t, "rest", time.Second, 5*time.Minute))
	}
	b.quiet()
}

// step is one thing that a service does.
func (b *believer) step() {
	t, w := b.t, b.w
	for _, c := range drawChanges(t, "between", 3, "create", "update", "delete") {
		w.edit(c)
	}
	switch what := sampled(t, "step", "run", "run", "run", "full", "odd", "one", "check", "dry run", "approve"); what {
	case "run":
		_, _ = b.synchronize(what, b.drawPlan(b.Incremental, false))
	case "full":
		_, _ = b.synchronize(what, b.drawPlan(false, false), synced.Call{Strategy: strategy.Full{}})
	case "odd":
		_, _ = b.synchronize(what, b.drawPlan(b.Incremental, false), odd)
	case "one":
		id := rapid.IntRange(1, 14).Draw(t, "id")
		if w.Lag == 0 { // a list may be later than one record
			_, _ = b.act(fmt.Sprintf("one %d", id), w.tick, b.drawPlan(false, false), func(ctx context.Context) (synced.Result, error) { return b.m.SyncOne(ctx, b.scope, id) })
		}
	case "check", "dry run":
		since, p := w.tick, b.drawPlan(false, what == "check")
		call := synced.Call{DryRun: true}
		if what == "check" {
			call = synced.Call{Strategy: strategy.Check{}}
		}
		result, err := b.act(what, since, p, func(ctx context.Context) (synced.Result, error) { return b.m.Synchronize(ctx, b.scope, call) })
		if err == nil && result.Diff != nil {
			b.apply(since, result.Diff)
		}
	case "approve":
		b.approve()
	}
}

// drawChanges draws changes of certain kinds.
func drawChanges(t *rapid.T, name string, most int, kinds ...string) []change {
	one := rapid.Custom(func(t *rapid.T) change {
		return change{Kind: sampled(t, "kind", kinds...), ID: rapid.IntRange(1, 14).Draw(t, "id")}
	})
	return rapid.SliceOfN(one, 0, most).Draw(t, name)
}

// drawPlan draws what happens in a call, of what its declaration can know: one that
// stores a time, or one that only compares.
func (b *believer) drawPlan(stores, compares bool) plan {
	t := b.t
	p := plan{edits: map[int][]change{}, hidden: map[int]bool{}}
	if rapid.Bool().Draw(t, "restless") {
		kinds := b.kinds(stores)
		for n := 1; n <= 7; n++ {
			p.edits[n] = drawChanges(t, fmt.Sprintf("before request %d", n), 2, kinds...)
		}
	}
	trouble := sampled(t, "trouble", "none", "lapse", "trouble", "hidden", "hidden, lapse", "hidden, lapse")
	switch trouble {
	case "lapse", "hidden, lapse":
		p.fault = fault{Kind: sampled(t, "fault", lapses...), Asked: rapid.Bool().Draw(t, "asked")}
		if p.fault.At = rapid.IntRange(1, 7).Draw(t, "at"); p.fault.Asked {
			p.fault.At = sampled(t, "asked at", 1, 2, 2, 2, 3) // the first is the control
		}
	case "trouble":
		p.fault = fault{Kind: sampled(t, "fault", troubles...), At: rapid.IntRange(1, 7).Draw(t, "at")}
	}
	if !b.told(p.fault, stores) {
		p.fault = fault{}
	}
	if strings.HasPrefix(trouble, "hidden") && b.counted(stores) {
		for _, c := range drawChanges(t, "hidden", 3, "hide") {
			p.hidden[c.ID] = true
		}
		p.edits = nil // a record that comes would make up for a hidden one in the total
	}
	return p
}

// kinds are changes that may happen while a list is read. In one that is cut by
// position, one record may go and another come, which hides a third: no time knows that,
// and no removal that asks for nothing.
func (b *believer) kinds(stores bool) []string {
	switch {
	case b.w.stays() || b.w.single():
	case stores && b.w.counts():
		return [][]string{{"delete"}, {"create", "update"}}[rapid.IntRange(0, 1).Draw(b.t, "kinds")]
	case stores, b.Verify == synced.VerifyNever:
		return []string{"create", "update"}
	}
	return []string{"create", "update", "delete"}
}

// told reports whether a list that ends early by a fault can be told from a whole one.
func (b *believer) told(f fault, stores bool) bool {
	missing := f.Kind == "404" || f.Kind == "410"
	early := f.Kind == "nothing" || f.Kind == "404" && b.w.PastEnd ||
		missing && b.w.guesses() && b.w.Total != "" && b.w.Count != "honest" // the page after a total that seems reached
	switch {
	case !early, f.Asked:
		return true
	case b.w.counts() && f.At > 1, b.w.Probe:
		return true
	default:
		return !stores && (b.Verify != synced.VerifyNever || f.Kind == "nothing" && f.At == 1)
	}
}

// counted reports whether it can be known that a list hides a record that exists.
func (b *believer) counted(stores bool) bool {
	asks := b.Verify == synced.VerifyAlways || b.Verify == synced.VerifyShifting && !b.w.stays()
	return b.w.counts() || !stores && asks
}

// quiet ends the case: the remote is honest and nothing happens.
func (b *believer) quiet() {
	t, w := b.t, b.w
	w.rest(time.Hour)
	full := synced.Call{Strategy: strategy.Full{}}
	_, err := b.synchronize("quiet", plan{}, full)
	honest := w.Total == "" || w.Count == "honest"
	if !honest && w.Total != "undeclared" {
		return
	}
	require.NoError(t, err)
	result, err := b.synchronize("quiet again", plan{}, full)
	require.NoError(t, err)
	if !honest {
		return
	}
	if b.Remove != "keep" && w.ends() {
		if result.Refused == nil || b.Verify == synced.VerifyNever || w.asks() {
			require.Nil(t, result.Refused)
			require.Equal(t, w.names(), b.rows(), "two quiet passes later")
		}
	}
	rows := b.rows()
	for id, name := range w.names() {
		require.Equal(t, name, rows[id], "record %d two quiet passes later", id)
	}
	if !b.Incremental {
		return
	}
	result, err = b.synchronize("quiet run", plan{})
	require.NoError(t, err)
	if w.ends() {
		require.Empty(t, result.NotStored)
	}
}
