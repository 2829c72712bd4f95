package river_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/schedule/river"
	"github.com/syncedgo/synced/store/postgres"
)

// taskVariable makes this test binary work on jobs instead of running the tests.
const taskVariable = "SYNCED_RIVER"

// task is what a process does, in JSON.
type task struct {
	Database, API       string
	Scopes              int
	Every, Slice, Lease time.Duration
}

// program runs a task in a process of its own until it is interrupted.
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
	pool, err := pgxpool.New(ctx, t.Database)
	if err != nil {
		return err
	}
	defer pool.Close()
	db := postgres.New(pool, postgres.Options{})
	m, err := synced.New(ctx, db, rentals(t.API))
	if err != nil {
		return err
	}
	s, err := schedule.New(ctx, db, schedule.Options{Workers: 3, Slice: t.Slice, Lease: t.Lease, Poll: 500 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}, schedule.Every(m, t.Every, in(t.Scopes)))
	if err != nil {
		return err
	}
	return river.Run(ctx, s, pool, river.Options{})
}

// Three processes share 300 scopes, and one is killed while it works.
func TestContract_C246_ManyProcesses(t *testing.T) {
	t.Parallel()
	const scopes = 300
	b, m := setup(t, scopes)
	w := harness.WatchTogether(b, 20*time.Millisecond)
	on := task{Database: b.Pool.Config().ConnString(), API: b.Server.URL(), Scopes: scopes, Every: 2 * time.Second, Slice: 4 * time.Second, Lease: 2 * time.Second}
	begin := func() *harness.Process { return harness.Begin(t, taskVariable, on) }
	all := []*harness.Process{begin(), begin(), begin()}
	// counted reports whether each scope has had n requests more.
	counted := func(n int, before map[string]int) func() bool {
		return func() bool {
			now := requests(b)
			for id := range scopes {
				if token := tokenOf(id + 1); now[token] < before[token]+n {
					return false
				}
			}
			return true
		}
	}
	await(t, counted(2, nil))
	own := fmt.Sprintf("process %d of %%", all[0].PID())
	await(t, func() bool { // it runs something
		return b.Column(t, "SELECT count(*)::text FROM synced_schedules WHERE claimed_by LIKE ?", own)[0] != "0"
	})
	all[0].Kill(t)
	for id := range scopes {
		b.Server.Account(tokenOf(id + 1)).Collection("rentals").Put(map[string]any{"id": id + 1, "name": fmt.Sprint("new ", id+1)})
	}
	await(t, counted(3, requests(b)))
	for _, p := range all[1:] {
		p.Stop(t)
	}

	require.Empty(t, w.Tokens(), "no scope ran beside itself")
	require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*)::text FROM synced_schedules WHERE failures > 0 OR error <> ''"))
	for id := range scopes {
		require.Equal(t, []string{fmt.Sprint("new ", id+1)}, harness.Names(t, m, synced.In(id+1)))
	}
	require.Equal(t, []string{"0"}, b.Column(t, `SELECT count(*)::text FROM (SELECT 1 FROM synced_river.river_job WHERE kind = 'synced_run' AND finalized_at IS NULL GROUP BY args->>'key' HAVING count(*) > 1) d`))
}
