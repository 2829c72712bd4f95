package breaking_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Belief is a row that is believed to have a record.
type Belief struct {
	SyncedID   int64      `json:"id" db:"synced_id"`
	AccountID  int64      `db:"account_id"`
	Name       string     `json:"name" db:"name"`
	CanceledAt *time.Time `db:"canceled_at"`
}

// creed is what is declared of a witness, beside its manner.
type creed struct {
	Incremental bool
	Remove      string // "keep", "destroy", "cancel"
	Verify      synced.Verify
	Commit      synced.Commit
}

func drawCreed(t *rapid.T, m manner) creed {
	c := creed{
		Incremental: rapid.Bool().Draw(t, "incremental"),
		Remove:      sampled(t, "remove", "destroy", "destroy", "cancel", "keep"),
		Verify:      sampled(t, "verify", synced.VerifyShifting, synced.VerifyAlways, synced.VerifyNever),
		Commit:      sampled[synced.Commit](t, "commit", synced.PerPage{Checkpoint: time.Nanosecond}, synced.PerPage{}, synced.Atomic{}),
	}
	if c.Incremental && m.Deletions == "" {
		c.Remove = "keep" // anything else is an error
	}
	return c
}

func (c creed) removal() synced.Removal {
	switch c.Remove {
	case "destroy":
		return synced.Destroy{Verify: c.Verify}
	case "cancel":
		return synced.Cancel{Column: "canceled_at", Verify: c.Verify}
	default:
		return synced.KeepRows{}
	}
}

// believer follows a witness, and is judged.
type believer struct {
	creed
	t     *rapid.T
	w     *witness
	db    backend.Store
	m     *synced.Model[Belief]
	scope synced.Scope
	// since is the tick when the pass began that may be resumed.
	since int
	// exists are records that a run that ended well has listed since they were withheld.
	exists map[string]bool
	// approved are rows that went because somebody approved it, whatever the remote has.
	approved map[int]bool
}

// beliefs makes the table of all believers of a database.
func beliefs(t testing.TB, db backend.Store) {
	t.Helper()
	require.NoError(t, db.Migrate(context.Background()))
	require.NoError(t, synced.Synced[Belief]{Table: "items", Scope: "account_id"}.CreateTable(context.Background(), db))
}

func newBeliever(t *rapid.T, w *witness, c creed, db backend.Store, scope int) *believer {
	api, err := w.client()
	require.NoError(t, err)
	d := synced.Synced[Belief]{Table: "items", Scope: "account_id", API: api, Remove: c.removal(), Commit: c.Commit, Strategy: strategy.Full{}}
	if c.Incremental {
		s := strategy.UpdatedSince{Tolerance: -1}
		switch w.Time {
		case "date":
			s.Fallbacks = []strategy.TimeSource{strategy.ResponseDate{}}
		case "largest":
			s.Fallbacks = []strategy.TimeSource{strategy.LargestValue{Attribute: "updated_at"}}
		case "local":
			s.Fallbacks = []strategy.TimeSource{strategy.LocalClock{}}
		}
		if w.late() {
			s.Tolerance = tolerance
		}
		d.Strategy = s
	}
	if w.Deletions == "tombstones" {
		d.Tombstone = func(o remote.Object) bool { v, ok := o.Lookup("deleted"); return ok && v.Kind() == 't' }
	}
	m, err := synced.New(context.Background(), db, d)
	require.NoError(t, err)
	return &believer{creed: c, t: t, w: w, db: db, m: m, scope: synced.In(scope), exists: map[string]bool{}, approved: map[int]bool{}}
}

// rows are the names of the rows that are not canceled, by id.
func (b *believer) rows() map[int]string {
	rows := map[int]string{}
	for row, err := range b.m.All(context.Background(), b.scope) {
		require.NoError(b.t, err)
		if row.CanceledAt == nil {
			rows[int(row.SyncedID)] = row.Name
		}
	}
	return rows
}

// stored is the stored time, less the tolerance.
func (b *believer) stored() (at time.Time) {
	query := squirrel.Expr("SELECT CAST(synced_at AS text) FROM synced_times WHERE scope_id = ?", b.scope.String())
	require.NoError(b.t, store.Each(context.Background(), b.db, query, func(rows store.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var err error
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999-07"} {
			if at, err = time.Parse(layout, text); err == nil {
				break
			}
		}
		return err
	}))
	if b.w.late() && !at.IsZero() {
		at = at.Add(-tolerance)
	}
	return at
}

// act does something, and judges what it did: no row has gone whose record the remote
// had all the time since a tick.
func (b *believer) act(what string, since int, p plan, do func(ctx context.Context) (synced.Result, error)) (synced.Result, error) {
	before := b.rows()
	ctx := b.w.prepare(context.Background(), p)
	result, err := do(ctx)
	b.w.die()
	b.w.mu.Lock() // the last request may not have ended
	defer b.w.mu.Unlock()
	after := b.rows()
	b.t.Logf("%s, %d requests: %s; error: %v\nrows %v\nremote %v", what, b.w.requests, result, err, after, b.w.names())
	for id := range before {
		if _, here := after[id]; !here && !b.w.lacked(id, since) {
			b.t.Fatalf("%s: row %d has gone, and its record exists: %s", what, id, result)
		}
	}
	stored := b.stored()
	for id, truth := range b.w.records {
		if _, here := after[id]; !here && b.approved[id] {
			continue
		}
		if truth.at.Before(stored) && after[id] != truth.name {
			b.t.Fatalf("%s: record %d changed at %s, before the time %s that the next run asks from, and its row is %q, not %q: %s", what, id, truth.at, stored, after[id], truth.name, result)
		}
	}
	if b.Remove != "keep" && b.w.Deletions != "" {
		for id, at := range b.w.deleted {
			if _, here := after[id]; here && at.Before(stored) {
				b.t.Fatalf("%s: record %d was deleted at %s, before the time %s that the next run asks from, and its row is there: %s", what, id, at, stored, result)
			}
		}
	}
	return result, err
}

// names are what the remote has, by id.
func (w *witness) names() map[int]string {
	list := map[int]string{}
	for id, t := range w.records {
		list[id] = t.name
	}
	return list
}

// synchronize is a run.
func (b *believer) synchronize(what string, p plan, call ...synced.Call) (synced.Result, error) {
	since := b.w.tick
	if b.since >= 0 {
		since = b.since
	}
	result, err := b.act(what, since, p, func(ctx context.Context) (synced.Result, error) { return b.m.Synchronize(ctx, b.scope, call...) })
	if err != nil {
		b.since = since
		return result, err
	}
	b.since = -1
	for id, listed := range b.w.listed {
		if listed {
			b.exists[fmt.Sprint(id)] = true
		}
	}
	if refused := b.refused(); refused != nil && result.Refused != nil {
		for _, id := range refused.IDs {
			delete(b.exists, id)
		}
	}
	return result, nil
}

func (b *believer) refused() *synced.RefusedRemoval {
	refused, err := b.m.RefusedRemoval(context.Background(), b.scope)
	require.NoError(b.t, err)
	return refused
}

// approve approves what was refused: what was listed since must not go.
func (b *believer) approve() {
	refused := b.refused()
	if refused == nil {
		return
	}
	for _, id := range refused.IDs {
		if b.exists[id] {
			b.t.Fatalf("record %s was listed since its removal was refused, and is about to be removed", id)
		}
	}
	before := b.rows()
	_, err := b.m.ApproveRemoval(context.Background(), b.scope, refused.Plan)
	if b.Remove == "keep" {
		return
	}
	require.NoError(b.t, err)
	after := b.rows()
	for id := range before {
		if _, here := after[id]; !here && !slices.Contains(refused.IDs, fmt.Sprint(id)) {
			b.t.Fatalf("row %d was removed, and nobody approved it", id)
		} else if !here {
			b.approved[id] = true
		}
	}
}

// apply applies a diff, which was made since a tick.
func (b *believer) apply(since int, diff *synced.Diff) {
	text, err := json.Marshal(diff)
	require.NoError(b.t, err)
	var read synced.Diff
	require.NoError(b.t, json.Unmarshal(text, &read))
	b.t.Logf("diff %s", text)
	_, _ = b.act("apply", since, plan{}, func(ctx context.Context) (synced.Result, error) { return b.m.Apply(ctx, b.scope, &read) })
}

// odd is a call that sees a part of the records.
var odd = synced.Call{Ask: synced.Ask{Query: url.Values{"odd": {"1"}}}}
