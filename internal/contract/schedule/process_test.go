package schedule_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// taskVariable makes this test binary run a schedule instead of the tests.
const taskVariable = "SYNCED_SCHEDULE"

// task is what a process does, in JSON.
type task struct {
	// Store is sqlite or postgres, and Database its file or URL.
	Store, Database, API string
	Scopes               []int
	Every, Lease         time.Duration
}

// program runs a task in a process of its own until it is interrupted, and returns its
// exit code.
func program(text string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var t task
	err := json.Unmarshal([]byte(text), &t)
	if err == nil {
		err = t.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (t task) run(ctx context.Context) error {
	db, done, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	m, err := synced.New(ctx, db, synced.Synced[harness.Rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.UpdatedSince{}, Log: slog.New(slog.DiscardHandler),
		APIFor: func(_ context.Context, scope synced.Scope) (remote.API, error) {
			return rest.NewClient(rest.Config{BaseURL: t.API, Auth: wire.Bearer(tokenOf(scope.Value())), Retry: wire.Retry{Max: -1}})
		}})
	if err != nil {
		return err
	}
	s, err := schedule.New(ctx, db, schedule.Options{Workers: 3, Lease: t.Lease, Poll: 20 * time.Millisecond}, schedule.Every(m, t.Every, in(t.Scopes...)))
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

func (t task) open(ctx context.Context) (store.Store, func(), error) {
	if t.Store == "sqlite" {
		db, err := sqlite.Open(ctx, t.Database, sqlite.Options{})
		if err != nil {
			return nil, nil, err
		}
		return db, func() { _ = db.Close() }, nil
	}
	pool, err := pgxpool.New(ctx, t.Database)
	if err != nil {
		return nil, nil, err
	}
	return postgres.New(pool, postgres.Options{}), pool.Close, nil
}

// taskOn is a task on a bundle's database and API.
func taskOn(t *testing.T, b *harness.Bundle) task {
	t.Helper()
	on := task{Store: "sqlite", API: b.Server.URL(), Every: 50 * time.Millisecond, Lease: 2 * time.Second}
	if b.Pool != nil {
		on.Store, on.Database = "postgres", b.Pool.Config().ConnString()
	} else {
		on.Database = b.Column(t, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0]
	}
	return on
}

func begin(t *testing.T, on task) *harness.Process {
	t.Helper()
	return harness.Begin(t, taskVariable, on)
}

func TestContract_C231_ManyProcesses(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		on := taskOn(t, b)
		for i := range 30 {
			on.Scopes = append(on.Scopes, i+1)
		}
		m := harness.Model(t, b, rentals(t, b, on.Scopes...))
		w := harness.WatchTogether(b, 10*time.Millisecond)
		all := []*harness.Process{begin(t, on), begin(t, on), begin(t, on)}
		// counted reports whether each scope has had n requests more.
		counted := func(n int, before map[int]int) func() bool {
			return func() bool {
				for _, id := range on.Scopes {
					if requests(b, id) < before[id]+n {
						return false
					}
				}
				return true
			}
		}
		await(t, counted(2, nil))
		workers := b.Column(t, "SELECT DISTINCT claimed_by FROM synced_schedules WHERE claimed_by IS NOT NULL")
		require.LessOrEqual(t, len(workers), 3)

		// One is killed while it works: what it ran is run again by the others.
		require.NotEmpty(t, workers)
		all[0].Kill(t)
		before := map[int]int{}
		for _, id := range on.Scopes {
			before[id] = requests(b, id)
		}
		await(t, counted(3, before))
		for _, p := range all[1:] {
			p.Stop(t)
		}
		require.Empty(t, w.Tokens(), "no scope ran beside itself")
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_schedules WHERE claimed_by IS NOT NULL"))
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_schedules WHERE failures > 0 OR error <> ''"))
		for _, id := range on.Scopes {
			require.Equal(t, []string{fmt.Sprint("of ", id)}, harness.Names(t, m, synced.In(id)))
		}
	})
}

// Claims alone keep a scope from running beside itself, whatever the run's own lock does:
// processes that wake at the same moment claim one after the other.
func TestContract_C231_OneAfterTheOther(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var mu sync.Mutex
		within, beside := map[synced.Scope]int{}, 0
		m := &idle{during: func(scope synced.Scope) {
			mu.Lock()
			if within[scope]++; within[scope] > 1 {
				beside++
			}
			mu.Unlock()
			time.Sleep(2 * time.Millisecond)
			mu.Lock()
			within[scope]--
			mu.Unlock()
		}}
		for range 4 {
			run(t, plan(t, b.Other(t), options(t), schedule.Every(m, 20*time.Millisecond, many(10))))
		}
		await(t, func() bool { return m.runs.Load() > 300 })
		mu.Lock()
		defer mu.Unlock()
		require.Zero(t, beside)
	})
}

// A process that is killed while it runs each of its scopes leaves them claimed, and
// nobody is blocked for longer than its lease.
func TestContract_C231_ClaimsRunOut(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		on := taskOn(t, b)
		on.Scopes, on.Every, on.Lease = []int{1, 2}, never, 3*time.Second
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		g := newGate(b)
		t.Cleanup(g.open)
		p := begin(t, on)
		await(t, func() bool { return g.count() == 2 })
		s := plan(t, b, options(t), schedule.Every(m, never, in(1, 2)))
		for _, state := range states(t, s, "rentals") {
			require.True(t, state.Running)
			require.Contains(t, state.By, fmt.Sprintf("process %d of ", p.PID()))
		}
		p.Kill(t)
		g.open()
		began := states(t, s, "rentals")[int64(1)].Began
		run(t, s)
		await(t, func() bool {
			now := states(t, s, "rentals")
			return !now[int64(1)].Succeeded.IsZero() && !now[int64(2)].Succeeded.IsZero()
		})
		require.True(t, states(t, s, "rentals")[int64(1)].Began.After(began))
	})
}

// While the run goes on, its claim is renewed: nobody takes it over, however long it takes.
func TestContract_C231_ClaimsAreRenewed(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		m := harness.Model(t, b, d)
		g := newGate(b)
		t.Cleanup(g.open)
		o := options(t)
		o.Lease = time.Second
		s := plan(t, b, o, schedule.Every(m, never, in(1)))
		run(t, s)
		await(t, func() bool { return g.count() == 1 })
		first := states(t, s, "rentals")[int64(1)]
		other := b.Other(t)
		run(t, plan(t, other, o, schedule.Every(harness.Bind(t, other, d), never, in(1))))
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Next.After(first.Next.Add(2 * time.Second)) })
		require.Equal(t, first.By, states(t, s, "rentals")[int64(1)].By)
		require.Equal(t, first.Began, states(t, s, "rentals")[int64(1)].Began)
		g.open()
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
	})
}

// A process that freezes, or is cut off, while it claims, keeps others waiting for seconds
// only. SQLite's locks end with their process.
func TestContract_C286_FrozenWhileItClaims(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	tx, err := b.Other(t).DB.Begin(t.Context())
	require.NoError(t, err)
	_, err = ledger.ScheduleTurn(t.Context(), tx)
	require.NoError(t, err)
	m := &idle{}
	run(t, plan(t, b, options(t), schedule.Every(m, never, in(1))))
	await(t, func() bool { return m.runs.Load() == 1 })
	require.Error(t, tx.Commit(t.Context()), "its transaction is gone")
}
