package budgets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/budget"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// taskVariable makes this test binary make requests instead of running the tests.
const taskVariable = "SYNCED_BUDGET"

// task is what a process does, in JSON: requests without an end, of several runs.
type task struct {
	Store, Database, API string
	PerSecond            float64
	Runs                 int
}

func program(text string) int {
	var t task
	err := json.Unmarshal([]byte(text), &t)
	if err == nil {
		err = t.run(context.Background())
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func (t task) run(ctx context.Context) error {
	db, err := t.open(ctx)
	if err != nil {
		return err
	}
	c, err := client(db, t.API, t.PerSecond)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range t.Runs {
		go func() {
			queue := &wire.Queue{}
			for {
				if _, err := c.Do(ctx, &wire.Request{URL: c.URL("rentals"), Queue: queue}); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func (t task) open(ctx context.Context) (store.Store, error) {
	if t.Store == "sqlite" {
		return sqlite.Open(ctx, t.Database, sqlite.Options{})
	}
	pool, err := pgxpool.New(ctx, t.Database)
	if err != nil {
		return nil, err
	}
	return postgres.New(pool, postgres.Options{}), nil
}

// client asks an API within a budget, with the credential of the account.
func client(db store.Store, api string, perSecond float64) (*wire.Client, error) {
	b, err := budget.New(db, budget.Config{Credential: harness.Token, PerSecond: perSecond})
	if err != nil {
		return nil, err
	}
	return wire.NewClient(wire.Config{BaseURL: api, Auth: wire.Bearer(harness.Token), Retry: wire.Retry{Max: -1},
		Limiter: wire.NewLimiter(wire.LimiterConfig{Budget: b})})
}

// begin starts a process that asks an API within a budget.
func begin(t *testing.T, b *harness.Bundle, api string, perSecond float64) *harness.Process {
	t.Helper()
	on := task{Store: "sqlite", API: api, PerSecond: perSecond, Runs: 2}
	if b.Pool != nil {
		on.Store, on.Database = "postgres", b.Pool.Config().ConnString()
	} else {
		on.Database = b.Column(t, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0]
	}
	return harness.Begin(t, taskVariable, on)
}

// counting serves anything, and counts requests.
func counting(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	n := new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		_, _ = w.Write([]byte(`[]`))
	}))
	t.Cleanup(srv.Close)
	return srv, n
}

func TestContract_C263_ProcessesShareABudget(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const perSecond = 100
		srv, n := counting(t)
		within := bound(n, perSecond)
		var wg sync.WaitGroup
		processes := make([]*harness.Process, 3)
		for i := range processes {
			wg.Go(func() { processes[i] = begin(t, b, srv.URL, perSecond) })
		}
		wg.Wait()
		reach := func(more int64) {
			t.Helper()
			want := n.Load() + more
			require.Eventually(t, func() bool { return n.Load() >= want }, 3*harness.WaitLong, harness.WaitTick)
			within(t)
		}
		reach(100)
		processes[0].Kill(t) // with what it has leased
		reach(100)
		processes[1].Kill(t)
		reach(100)
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM synced_budgets"))
	})
}

// bound returns a check that no more requests came than a budget gives from now on. It
// holds on a slow machine, too.
func bound(n *atomic.Int64, perSecond float64) func(t *testing.T) {
	start := time.Now()
	return func(t *testing.T) {
		t.Helper()
		came := n.Load() // before the time is read
		require.LessOrEqual(t, float64(came), time.Since(start).Seconds()*perSecond+2)
	}
}
