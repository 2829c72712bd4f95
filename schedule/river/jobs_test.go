package river

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	queue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
)

// due are scopes of a model that is so large, each a moment after the one before.
func due(n, of int, apart time.Duration) (list []schedule.Due) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range n {
		list = append(list, schedule.Due{State: schedule.State{Model: "rentals", Scope: synced.In(i), Every: 5 * time.Minute, Next: at.Add(time.Duration(i) * apart)}, Of: of})
	}
	return list
}

func TestJobsOf(t *testing.T) {
	t.Parallel()
	count := func(list []queue.InsertManyParams) (jobs, scopes, most int) {
		keys := map[string]bool{}
		for _, j := range list {
			args := j.Args.(run)
			keys[args.Key] = true
			scopes, most = scopes+len(args.Scopes), max(most, len(args.Scopes))
		}
		require.Len(t, keys, len(list))
		return len(list), scopes, most
	}
	jobs, scopes, most := count(jobsOf(due(1000, 1000, time.Second)))
	require.Equal(t, []int{1000, 1000, 1}, []int{jobs, scopes, most})

	// 100,000 scopes in five minutes are one each 3 ms.
	jobs, scopes, most = count(jobsOf(due(1000, 100_000, 3*time.Millisecond)))
	require.Equal(t, 1000, scopes)
	require.LessOrEqual(t, jobs, 21)
	require.LessOrEqual(t, most, 2*batch)

	// All at once, as when they are new, each is a job.
	jobs, _, most = count(jobsOf(due(1000, 100_000, 0)))
	require.Equal(t, []int{1000, 1}, []int{jobs, most})

	// What is left of a span has the same key.
	list := due(60, 100_000, 0)
	require.Equal(t, jobsOf(list)[0].Args.(run).Key, jobsOf(list[30:])[0].Args.(run).Key)

	list = due(6, 6, 0)
	for i := range list {
		list[i].Level = i
	}
	var priorities []int
	for _, j := range jobsOf(list) {
		priorities = append(priorities, j.InsertOpts.Priority)
	}
	require.Equal(t, []int{1, 2, 3, 4, 4, 4}, priorities)
}

// idle is a model with nothing to do.
type idle struct{}

func (idle) Name() string      { return "idles" }
func (idle) Parents() []string { return nil }
func (idle) Synchronize(context.Context, synced.Scope, ...synced.Call) (synced.Result, error) {
	return synced.Result{}, nil
}
func (idle) RefusedRemoval(context.Context, synced.Scope) (*synced.RefusedRemoval, error) {
	return nil, nil //nolint:nilnil // none
}
func (idle) Quarantined(context.Context, synced.Scope) iter.Seq2[synced.QuarantinedRecord, error] {
	return func(func(synced.QuarantinedRecord, error) bool) {}
}

// begun makes a schedule of idles with their jobs in the queue, which nobody works on.
func begun(t *testing.T, n int) (*harness.Bundle, *schedule.Schedule, func(jobs []queue.InsertManyParams)) {
	t.Helper()
	ctx := context.Background()
	b := harness.Setup(t, "postgres")
	require.NoError(t, Migrate(ctx, b.Pool, Options{}))
	scopes := make([]synced.Scope, n)
	for i := range scopes {
		scopes[i] = synced.In(i)
	}
	s, err := schedule.New(ctx, b.DB, schedule.Options{Poll: 200 * time.Millisecond}, schedule.Every(idle{}, time.Hour, schedule.Fixed(scopes...)))
	require.NoError(t, err)
	s.Tick(ctx)
	client, err := queue.NewClient[pgx.Tx](riverpgxv5.New(b.Pool), &queue.Config{Schema: "synced_river"})
	require.NoError(t, err)
	return b, s, func(jobs []queue.InsertManyParams) {
		_, err := client.InsertMany(ctx, jobs)
		require.NoError(t, err)
	}
}

// A job that a process took, and died before it claimed its scope, is in nobody's way
// once it is rescued.
func TestContract_C249_TakenAndNotClaimed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, s, insert := begun(t, 1)
	list, err := s.Due(ctx, 10)
	require.NoError(t, err)
	insert(jobsOf(list))
	insert(jobsOf(list))
	require.Equal(t, []string{"1"}, b.Column(t, "SELECT count(*)::text FROM synced_river.river_job"), "one job for what is due")
	tx, err := b.DB.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, squirrel.Expr("UPDATE synced_river.river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '125 seconds', attempted_by = '{dead}'"))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
	done := make(chan error)
	go func() { done <- Run(ctx, s, b.Pool, Options{}) }()
	require.Eventually(t, func() bool {
		return len(b.Column(t, "SELECT 1 FROM synced_schedules WHERE succeeded_at IS NOT NULL")) == 1
	}, 6*harness.WaitLong, 10*harness.WaitTick)
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, []string{"discarded", "completed"}, b.Column(t, "SELECT state::text FROM synced_river.river_job WHERE kind = 'synced_run' ORDER BY id"))
}

// A job of many scopes runs each that is still due.
func TestContract_C249_ManyScopes(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, s, insert := begun(t, 3)
	_, err := s.Pause(ctx, "idles", synced.In(1), "")
	require.NoError(t, err)
	insert([]queue.InsertManyParams{{Args: run{Model: "idles", Key: "some", Scopes: []string{"0", "1", "2", "3"}}, InsertOpts: &queue.InsertOpts{Queue: runs, MaxAttempts: 1}}})
	for _, key := range []string{"0", "2"} { // the others come too late
		insert([]queue.InsertManyParams{{Args: run{Model: "idles", Key: "late " + key, Scopes: []string{key}}, InsertOpts: &queue.InsertOpts{Queue: runs, MaxAttempts: 1}}})
	}
	done := make(chan error)
	go func() { done <- Run(ctx, s, b.Pool, Options{}) }()
	require.Eventually(t, func() bool {
		return len(b.Column(t, "SELECT 1 FROM synced_river.river_job WHERE kind = 'synced_run' AND state <> 'completed'")) == 0
	}, 6*harness.WaitLong, 10*harness.WaitTick)
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, []string{"0", "2"}, b.Column(t, "SELECT scope_id FROM synced_schedules WHERE succeeded_at IS NOT NULL ORDER BY 1"))
	require.Empty(t, b.Column(t, "SELECT 1 FROM synced_schedules WHERE claimed_by IS NOT NULL"), "none is left claimed")
}
