package run_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// arriving returns a strip of pages of one record each, and a model of them whose first page
// is not written before the last has been asked for: all between have arrived then. A name of
// "" does not fit. Its rows are not looked at ahead, so that nothing else takes the pages.
func arriving(t *testing.T, d *synced.Synced[harness.Rental], names ...string) (*harness.Strip, *writes) {
	strip := &harness.Strip{T: t}
	for i, name := range names {
		r := remotetest.Record{"id": i + 1, "name": name}
		if name == "" {
			r["name"] = 7
		}
		strip.Listing = append(strip.Listing, []remotetest.Record{r})
	}
	seen := &writes{until: make(chan struct{})}
	strip.Each = func(i int, _ *remote.Page) {
		if i == len(names)-1 {
			seen.arrived()
		}
	}
	*d = harness.Stripped(strip)
	d.Invalid, d.Observer = synced.Quarantine{Limit: 0.1}, seen
	return strip, seen
}

// named returns n names, all different.
func named(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i + 1)
	}
	return list
}

// writes is an observer that notes what it is told of pages, and has the first wait.
type writes struct {
	until chan struct{}
	here  atomic.Bool
	told  []string
}

func (w *writes) arrived() {
	if w.here.CompareAndSwap(false, true) {
		close(w.until)
	}
}

// Observe implements [observe.Observer].
func (w *writes) Observe(ctx context.Context, e observe.Event) context.Context {
	switch e := e.(type) {
	case observe.WriteStarted:
		if e.Page == 1 {
			select {
			case <-w.until:
			case <-time.After(time.Minute):
				panic("the other pages did not arrive")
			}
		}
	case observe.PageReceived:
		w.told = append(w.told, fmt.Sprint("page ", e.Number))
	case observe.WriteEnded:
		w.told = append(w.told, fmt.Sprintf("wrote %d: %s", e.Page, e.Counts))
		if e.Err != nil {
			w.told[len(w.told)-1] += " not: " + e.Err.Error()
		}
	}
	return ctx
}

// written lists what was told of pages that were written.
func (w *writes) written() []string {
	return slices.DeleteFunc(slices.Clone(w.told), func(line string) bool { return !strings.HasPrefix(line, "wrote") })
}

// Pages that arrived while one was written cost one transaction, and as many statements
// whatever their number. What becomes of them is what becomes of each by itself.
func TestContract_C403_PagesAreWrittenTogether(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		count := b.Statements(t)
		cost := func(n int) int64 {
			var d synced.Synced[harness.Rental]
			_, _ = arriving(t, &d, named(n)...)
			d.Table, d.Outbox = fmt.Sprint("rentals_", n), true
			m := harness.Model(t, b, d)
			before := count.Load()
			result := harness.Sync(t, m, synced.In(1), synced.Call{Changes: n})
			spent := count.Load() - before
			require.Equal(t, harness.Counts{Created: n}, harness.CountsOf(result))
			require.Equal(t, []int{n, n}, []int{result.Pages, result.Records})
			require.Equal(t, named(n), harness.Names(t, m, synced.In(1)))
			var changed []string
			for _, c := range result.Changes {
				changed = append(changed, c.ID)
			}
			require.Equal(t, named(n), changed, "in the order of the pages")
			told := harness.Told(harness.Deliver(t, b, d.Table, n, d.Table))
			require.Len(t, told, n)
			for i, line := range told {
				require.Contains(t, line, fmt.Sprint(i+1))
			}
			return spent
		}
		few, many := cost(4), cost(40)
		if b.Pool != nil {
			require.Equal(t, few, many)
		} else {
			require.LessOrEqual(t, many, few+36, "a statement a row, and no more")
		}
	})
}

// A page that has arrived is written though no other comes.
func TestContract_C404_NoPageWaitsForAnother(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, invalid := range map[string]synced.WhenInvalid{"looked at ahead": synced.Fail{}, "not looked at": synced.Quarantine{}} {
			var d synced.Synced[harness.Rental]
			strip, seen := arriving(t, &d, named(6)...)
			seen.arrived()
			d.Table, d.Invalid = "rentals_"+strings.ReplaceAll(name, " ", "_"), invalid
			m := harness.Model(t, b, d)
			strip.Each = func(i int, _ *remote.Page) {
				for begin := time.Now(); i > 0 && time.Since(begin) < time.Minute; {
					if rows := b.Column(t, "SELECT count(*) FROM "+d.Table); rows[0] == strconv.Itoa(i) {
						return
					}
				}
				if i > 0 {
					panic("the page before was not written")
				}
			}
			require.Equal(t, 6, harness.Sync(t, m, synced.In(1)).Created, name)
		}
	})
}

// Where a page that arrived with others fails, those before it stand, and the error, the
// result and the observers tell of it as if it had come by itself.
func TestContract_C405_APageFailsByItself(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		invalid := named(8)
		invalid[5] = ""
		twice := named(8)
		twice[5] = "3"
		many := named(30)
		many[21], many[22], many[23] = "", "", ""
		for table, c := range map[string]struct {
			names   []string
			invalid synced.WhenInvalid
			err     string
			created int
			set     int // aside
		}{
			"invalid":  {invalid, synced.Fail{}, "page 6: record 6: name: ", 5, 0},
			"kept":     {invalid, synced.Quarantine{}, "", 7, 1},
			"refused":  {twice, synced.Fail{}, "page 6: ", 5, 0},
			"refusing": {twice, synced.Quarantine{}, "", 7, 1},
			"too_many": {many, synced.Quarantine{Limit: 0.1}, "page 24: too many records can't be mapped: 3 of 24 records, more than 10 %", 21, 2},
		} {
			var d synced.Synced[harness.Rental]
			_, seen := arriving(t, &d, c.names...)
			d.Table, d.Invalid = table, c.invalid
			m := harness.Model(t, b, d)
			b.Execute(t, "CREATE UNIQUE INDEX "+table+"_names ON "+table+" (name)")
			result, err := m.Synchronize(context.Background(), synced.In(1))
			if c.err == "" {
				require.NoError(t, err, table)
			} else {
				require.ErrorContains(t, err, c.err, table)
			}
			require.Equal(t, []int{c.created, c.set}, []int{result.Created, result.Quarantined}, table)
			require.Equal(t, []string{strconv.Itoa(c.created)}, b.Column(t, "SELECT count(*) FROM "+table), table)
			require.Equal(t, []string{strconv.Itoa(c.set)}, b.Column(t, "SELECT count(*) FROM synced_quarantine WHERE model = '"+table+"'"), table)
			written := seen.written()
			for i, line := range written {
				require.True(t, strings.HasPrefix(line, fmt.Sprintf("wrote %d: ", i+1)), line)
				require.Equal(t, c.err != "" && i == len(written)-1, strings.Contains(line, " not: "), line)
			}
		}
	})
}

// Of two rows of which the database takes one, that of the earlier page stands, though the
// later one has arrived as well, and would be written first.
func TestContract_C405_ARowIsRefusedAsByItself(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var d synced.Synced[harness.Rental]
		strip, seen := arriving(t, &d, named(8)...)
		m := harness.Model(t, b, d)
		b.Execute(t, "CREATE UNIQUE INDEX rentals_names ON rentals (name)")
		harness.Sync(t, m, synced.In(1))
		strip.Listing[0][0]["name"] = "first"
		strip.Listing[3] = []remotetest.Record{{"id": 70, "name": "new"}}
		strip.Listing[6][0]["name"] = "new"
		seen.until, seen.told = make(chan struct{}), nil
		seen.here.Store(false)
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: 5, Removed: 1}, harness.CountsOf(result))
		require.Equal(t, []string{"70"}, b.Column(t, "SELECT synced_id FROM rentals WHERE name = 'new'"))
		require.Equal(t, []string{"7"}, b.Column(t, "SELECT remote_id FROM synced_quarantine"))
	})
}

// A run that fails after pages that were written together resumes after the last of them.
func TestContract_C406_APassResumesAfterPagesThatWereWrittenTogether(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		broken := errors.New("broken")
		var d synced.Synced[harness.Rental]
		strip, seen := arriving(t, &d, named(9)...)
		strip.Fails = map[int]error{7: broken}
		strip.Each = func(i int, _ *remote.Page) {
			if i == 6 {
				seen.arrived()
			}
		}
		m := harness.Model(t, b, d)
		first, err := m.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, broken)
		require.ErrorContains(t, err, "page 8: ")
		require.Equal(t, 7, first.Created)
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, strip.TakeListed())

		strip.Fails = nil
		result := harness.Sync(t, m, synced.In(1))
		require.True(t, result.Resumed)
		require.Equal(t, []int{7, 8}, strip.TakeListed())
		require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(result), "rows of the first part are not absent")
	})
}

// A page that can't be accepted has those before it written, and leaves no position of which
// the next run would believe what that page says.
func TestContract_C406_APageThatIsNotAccepted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var d synced.Synced[harness.Rental]
		strip, _ := arriving(t, &d, named(9)...)
		strip.Listing[5] = []remotetest.Record{{"id": 6, "name": "6"}, {"id": 6, "name": "another"}}
		m := harness.Model(t, b, d)
		first, err := m.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrDuplicateID)
		require.ErrorContains(t, err, "page 6: ")
		require.Equal(t, 5, first.Created)

		strip.Listing[5] = harness.Records(6)
		result := harness.Sync(t, m, synced.In(1))
		require.True(t, result.Resumed)
		require.Equal(t, harness.Counts{Created: 4, Unchanged: 4}, harness.CountsOf(result))
	})
}

// A record that comes again on a page that arrived with the first is written again: the last
// one wins, and it counts once.
func TestContract_C406_ARecordOfTwoPages(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var d synced.Synced[harness.Rental]
		strip, seen := arriving(t, &d, named(9)...)
		strip.Listing[6] = []remotetest.Record{{"id": 3, "name": "later"}, {"id": 7, "name": "7"}}
		each := strip.Each
		strip.Each = func(i int, p *remote.Page) {
			p.Shifting = true
			each(i, p)
		}
		m := harness.Model(t, b, d)
		result := harness.Sync(t, m, synced.In(1), synced.Call{AllowRemoval: true})
		require.Equal(t, harness.Counts{Created: 9}, harness.CountsOf(result))
		require.Equal(t, []string{"1", "2", "later", "4", "5", "6", "7", "8", "9"}, harness.Names(t, m, synced.In(1)))
		require.Len(t, seen.written(), 9)
	})
}

// A handler has each page in its own transaction, whatever has arrived.
func TestContract_C407_AHandlerGetsPageByPage(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var d synced.Synced[harness.Rental]
		strip, seen := arriving(t, &d, named(8)...)
		seen.arrived()
		var rows []int
		d.OnChange = func(ctx context.Context, tx store.Tx, changes []synced.Change[harness.Rental]) error {
			require.Len(t, changes, 1)
			n := 0
			require.NoError(t, store.Each(ctx, tx, squirrel.Select("1").From("rentals"), func(store.Rows) error { n++; return nil }))
			if rows = append(rows, n); n == 6 {
				return errors.New("no more")
			}
			return nil
		}
		m := harness.Model(t, b, d)
		result, err := m.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "page 6: OnChange: no more")
		require.Equal(t, 5, result.Created)
		require.Equal(t, []int{1, 2, 3, 4, 5, 6}, rows, "each page once, and nothing of the next")
		require.LessOrEqual(t, len(strip.Listed), 8)
	})
}

// What is fetched ahead is bounded by records and by bytes, however slow the database is: by
// 500 records and 1 MiB, beside as much that is being written.
func TestContract_C408_WhatArrivesIsBounded(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for table, c := range map[string]struct{ pages, bytes, least, most int }{
			"small": {1600, 0, 400, 1004},
			"large": {60, 100_000, 9, 24},
		} {
			var d synced.Synced[harness.Rental]
			strip, seen := arriving(t, &d, named(c.pages)...)
			var written atomic.Int64
			for i := range strip.Listing {
				strip.Listing[i][0]["more"] = strings.Repeat("x", c.bytes)
			}
			strip.Each = func(i int, _ *remote.Page) {
				ahead := i + 1 - int(written.Load())
				if ahead > c.most {
					panic(fmt.Sprint(ahead, " pages are ahead of what is written"))
				}
				if ahead > c.least {
					seen.arrived()
				}
			}
			d.Table = table
			d.Observer = observe.Join(seen, observe.Func(func(ctx context.Context, e observe.Event) context.Context {
				if w, ok := e.(observe.WriteEnded); ok {
					written.Store(int64(w.Page))
				}
				return ctx
			}))
			require.Equal(t, c.pages, harness.Sync(t, harness.Model(t, b, d), synced.In(1)).Created, table)
		}
	})
}

// Observers are told of each page once, and in order, though several are one transaction.
func TestContract_C409_ObserversAreToldOfEachPage(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		names := named(9)
		names[4] = "" // goes into quarantine
		var d synced.Synced[harness.Rental]
		strip, seen := arriving(t, &d, names...)
		strip.Listing[2] = nil
		strip.Listing[6] = []remotetest.Record{{"id": 7, "name": "7"}, {"id": 70, "name": "70"}}
		m := harness.Model(t, b, d)
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, 8, result.Created)
		want := []string{}
		for page, counts := range map[int]synced.Counts{1: {Created: 1}, 2: {Created: 1}, 4: {Created: 1}, 5: {Quarantined: 1}, 6: {Created: 1}, 7: {Created: 2}, 8: {Created: 1}, 9: {Created: 1}} {
			want = append(want, fmt.Sprintf("wrote %d: %s", page, counts))
		}
		slices.Sort(want)
		require.Equal(t, want, seen.written())
		pages := slices.DeleteFunc(slices.Clone(seen.told), func(line string) bool { return !strings.HasPrefix(line, "page") })
		require.Equal(t, []string{"page 1", "page 2", "page 3", "page 4", "page 5", "page 6", "page 7", "page 8", "page 9"}, pages)
		for n := 1; n <= 9; n++ {
			written := slices.IndexFunc(seen.told, func(line string) bool { return strings.HasPrefix(line, fmt.Sprintf("wrote %d:", n)) })
			require.True(t, n == 3 || slices.Index(seen.told, fmt.Sprint("page ", n)) < written, "page %d came before it was written", n)
		}
	})
}
