package river

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	queue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/syncedgo/synced/schedule"
)

// How long finished jobs are kept, and those that failed.
const (
	keep       = time.Minute
	keepFailed = time.Hour
)

// lastWait is how long canceled jobs have to end.
const lastWait = 10 * time.Second

// Run works on a schedule's jobs until ctx ends, and blocks, as [schedule.Schedule.Run]
// does. Call it in any number of processes, with one pool of PostgreSQL's, in which
// [Migrate] has made River's tables. The pool needs a connection more than the runs do.
//
// When ctx ends, it takes no more jobs. The runs that are under way end at their next page.
// They have the schedule's Grace for that, and are then canceled: they are due again at
// once. An error says that River can't be used, or that runs have not ended, though they
// were canceled.
func Run(ctx context.Context, s *schedule.Schedule, pool *pgxpool.Pool, options Options) error {
	of := s.Options()
	o, err := options.filled(of)
	if err == nil {
		err = migrated(ctx, pool, o.Schema)
	}
	var w *works
	if err == nil {
		w, err = newWorks(ctx, s, pool, o)
	}
	if err == nil {
		err = w.client.Start(context.WithoutCancel(ctx))
	}
	if err != nil {
		return fmt.Errorf("river: %w", err)
	}
	w.fill(ctx)
	if err := stop(ctx, w.client, of.Grace); err != nil {
		return fmt.Errorf("river: %w", err)
	}
	return nil
}

// newWorks makes a client of River's, and what it works with.
func newWorks(ctx context.Context, s *schedule.Schedule, pool *pgxpool.Pool, o Options) (*works, error) {
	of := s.Options()
	w := &works{schedule: s, pool: pool, stop: ctx.Done(), timeout: o.Timeout, ended: make(chan struct{}, 1)}
	workers := queue.NewWorkers()
	queue.AddWorker(workers, &runWorker{works: w})
	queue.AddWorker(workers, &tickWorker{works: w})
	var err error
	w.client, err = queue.NewClient(riverpgxv5.New(pool), &queue.Config{
		Schema:  o.Schema,
		Workers: workers,
		Queues:  map[string]queue.QueueConfig{runs: {MaxWorkers: of.Workers}, ticks: {MaxWorkers: 1}},
		PeriodicJobs: []*queue.PeriodicJob{queue.NewPeriodicJob(queue.PeriodicInterval(of.Poll),
			func() (queue.JobArgs, *queue.InsertOpts) {
				return tick{}, &queue.InsertOpts{Queue: ticks, MaxAttempts: 1}
			},
			&queue.PeriodicJobOpts{RunOnStart: true})},
		JobTimeout: o.Timeout, RescueStuckJobsAfter: o.rescue(of),
		CompletedJobRetentionPeriod: keep, CancelledJobRetentionPeriod: keep, DiscardedJobRetentionPeriod: keepFailed,
		FetchCooldown: 25 * time.Millisecond,
		Logger:        slog.New(warnings{of.Log.Handler()}),
	})
	return w, err
}

// stop stops a client, softly at first.
func stop(ctx context.Context, client *queue.Client[pgx.Tx], grace time.Duration) error {
	ctx = context.WithoutCancel(ctx)
	soft, cancel := context.WithTimeout(ctx, max(grace, 0))
	defer cancel()
	if client.Stop(soft) == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(ctx, lastWait)
	defer cancel()
	err := client.StopAndCancel(hard)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("runs have not ended %v after they were canceled: look for a handler or an API that does not heed its context", lastWait)
	}
	return err
}
