package breaking_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// stopped is closed.
var stopped = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Shelved is an item whose object is stored.
type Shelved struct {
	Item
	Data synced.Data `db:"synced_data"`
}

// windowed is a remote that lists no more than two days at once, and a table that is to
// follow it.
type windowed struct {
	t      *rapid.T
	srv    *remotetest.Server
	remote *remotetest.Collection
	items  *synced.Model[Shelved]
	ids    int
	edits  int
	bind   func(t *rapid.T) // declares the windows, at random
	rests  int              // minutes between two calls, at most
}

// edit changes the remote at random.
func (w *windowed) edit(t *rapid.T) {
	w.edits++
	id := rapid.IntRange(1, w.ids).Draw(t, "id")
	name := fmt.Sprintf("edit %d", w.edits)
	switch _, exists := w.remote.Get(id); {
	case !exists:
		w.remote.Put(remotetest.Record{"id": id, "name": name, "rev": w.edits})
	case id > 1 && rapid.IntRange(0, 4).Draw(t, "kind") == 0:
		w.remote.Delete(id)
	default:
		w.remote.Update(id, remotetest.Record{"name": name, "rev": w.edits})
	}
}

// run makes one call, during which the remote changes, and which may die at a request.
func (w *windowed) run(t *rapid.T, call ...synced.Call) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	dies := rapid.IntRange(0, 25).Draw(t, "dies at") // 0 does not
	changes := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 4).Draw(t, "changes at")
	n := 0
	asked := make(chan struct{}, 1) // requests are handled one by one
	w.srv.OnRequest(func(remotetest.Request) {
		asked <- struct{}{}
		defer func() { <-asked }()
		n++
		for _, at := range changes {
			if at == n {
				w.edit(t)
				w.srv.Advance(time.Duration(rapid.IntRange(0, 30).Draw(t, "minutes")) * time.Minute)
			}
		}
		if n == dies {
			cancel()
		}
	})
	if stops := len(call) == 0 || call[0].From.IsZero(); stops && rapid.IntRange(0, 2).Draw(t, "stops") == 0 {
		call = append(call, synced.Call{Stop: stopped})
		if len(call) > 1 {
			call = []synced.Call{{Strategy: call[0].Strategy, Stop: stopped}}
		}
	}
	_, err := w.items.Synchronize(ctx, synced.NoScope, call...)
	w.srv.OnRequest(nil)
	if err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
}

// equal checks that the table has what the remote has.
func (w *windowed) equal(t *rapid.T) {
	want, got := map[int64]string{}, map[int64]string{}
	for _, id := range w.remote.IDs() {
		record, _ := w.remote.Get(id)
		want[id.(int64)] = record["name"].(string)
	}
	for row, err := range w.items.All(context.Background(), synced.NoScope) {
		require.NoError(t, err)
		got[row.SyncedID] = row.Name
	}
	require.Equal(t, want, got)
}

// Whatever changes while windows are asked for, whatever run dies and at which request,
// in whichever order and however many at once they are asked for: the next run that comes
// to its end leaves what the remote has. Spans that are asked for once more change nothing
// about that, nor do runs that are told to stop, lists that show only summaries, times that
// are those of records, and windows that are declared otherwise from one run to the next.
func TestWindows(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) (store.Store, func(sql string)){
		"sqlite": func(t *testing.T) (store.Store, func(string)) {
			db, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { _ = db.Close() })
			return db, func(sql string) {
				_, err := db.DB().ExecContext(context.Background(), sql)
				require.NoError(t, err)
			}
		},
		"postgres": func(t *testing.T) (store.Store, func(string)) {
			pool := testdb.Postgres(t)
			return postgres.New(pool, postgres.Options{}), func(sql string) {
				_, err := pool.Exec(context.Background(), sql)
				require.NoError(t, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, execute := open(t)
			require.NoError(t, db.Migrate(t.Context()))
			d := synced.Synced[Shelved]{Table: "items"}
			require.NoError(t, d.CreateTable(t.Context(), db))
			rapid.Check(t, func(t *rapid.T) {
				for _, table := range []string{"items", "synced_times", "synced_runs", "synced_seen", "synced_refusals", "synced_refused", "synced_quarantine", "synced_passes"} {
					execute("DELETE FROM " + table)
				}
				w := newWindowed(t, db)
				defer w.srv.Close()
				for range rapid.IntRange(1, 5).Draw(t, "runs") {
					w.play(t)
				}
				w.srv.Advance(time.Minute)
				for range 2 { // what changed during the last one is of the next
					_, err := w.items.Synchronize(context.Background(), synced.NoScope)
					require.NoError(t, err)
				}
				w.equal(t)
			})
		})
	}
}

// newWindowed is a remote with some days behind it.
func newWindowed(t *rapid.T, db store.Store) *windowed {
	off := rapid.SampledFrom([]time.Duration{0, -3 * time.Hour, 3 * time.Hour, -400 * 24 * time.Hour}).Draw(t, "the remote's clock is off by")
	rests := 60
	if rapid.Bool().Draw(t, "far behind") { // so that it may come to today
		rests, off = 3000, off-12*24*time.Hour
	}
	days := rapid.IntRange(0, 12).Draw(t, "days")
	began := time.Now().UTC().Add(off - time.Duration(days)*24*time.Hour).Truncate(time.Second)
	since := remotetest.Since{Param: "from", Until: "to", Window: 48 * time.Hour * time.Duration(rapid.IntRange(0, 1).Draw(t, "needs windows")),
		Exclusive: rapid.Bool().Draw(t, "the beginning is excluded"), UntilExclusive: rapid.Bool().Draw(t, "the end is excluded"),
		Format: rapid.SampledFrom([]string{"", remotetest.Unix, "2006-01-02 15:04:05"}).Draw(t, "format")}
	style := byCursor.style
	if rapid.Bool().Draw(t, "lists show summaries") {
		style.Summary = []string{"updated_at", "rev"}
	}
	w := &windowed{t: t, ids: 12, rests: rests, srv: remotetest.New(remotetest.Config{PerPage: 2, Since: since, Style: style, Clock: func() time.Time { return began }})}
	w.remote = w.srv.Collection("items")
	w.remote.Put(remotetest.Record{"id": 1, "name": "stays"})
	for range days {
		for range rapid.IntRange(0, 3).Draw(t, "edits of a day") {
			w.edit(t)
		}
		w.srv.Advance(24 * time.Hour)
	}
	expand := 0
	if style.Summary != nil {
		expand = 3
	}
	largest := rapid.Bool().Draw(t, "the time is that of records")
	if largest {
		w.srv.SetQuirks(remotetest.Quirks{NoSyncedAt: true})
	}
	spans := []int{48}
	if since.Window == 0 {
		spans = []int{48, 30, 100, 0}
	}
	w.bind = func(t *rapid.T) {
		window := time.Duration(rapid.SampledFrom(spans).Draw(t, "window")) * time.Hour
		declared := rest.Since{Param: "from", Until: "to", Window: window, Exclusive: since.Exclusive, Format: since.Format}
		api, err := rest.NewClient(rest.Config{BaseURL: w.srv.URL(), HTTP: w.srv.Client(), Retry: wire.Retry{Max: -1}, Pagination: byCursor.pagination,
			Since: declared, InFlight: rapid.IntRange(1, 4).Draw(t, "in flight")})
		require.NoError(t, err)
		commit := synced.Commit(synced.PerPage{})
		if rapid.Bool().Draw(t, "atomic") {
			commit = synced.Atomic{}
		}
		u := strategy.UpdatedSince{Initial: began, NewestFirst: window > 0 && rapid.Bool().Draw(t, "the newest first")}
		if largest {
			u.Fallbacks = []strategy.TimeSource{strategy.LargestValue{Attribute: "updated_at"}}
		}
		w.items, err = synced.New(context.Background(), db, synced.Synced[Shelved]{Table: "items", API: api, Remove: synced.Destroy{}, Commit: commit, Expand: expand, Strategy: u, Invalid: synced.Quarantine{Limit: 1}})
		require.NoError(t, err)
	}
	w.bind(t)
	return w
}

// play makes one call, and lets some time pass.
func (w *windowed) play(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "call") {
	case 0:
		require.NoError(t, w.items.Reset(context.Background(), synced.NoScope))
	case 1:
		from := w.srv.Now().Add(-time.Duration(rapid.IntRange(1, 300).Draw(t, "hours back")) * time.Hour)
		w.run(t, synced.Call{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)})
	case 3:
		w.bind(t)
		w.run(t)
	case 2:
		w.run(t, synced.Call{Strategy: strategy.Full{}})
	default:
		w.run(t)
	}
	for range rapid.IntRange(0, 2).Draw(t, "edits") {
		w.edit(t)
	}
	w.srv.Advance(time.Duration(rapid.IntRange(1, w.rests).Draw(t, "minutes later")) * time.Minute)
}
