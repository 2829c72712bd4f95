package river

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	queue "github.com/riverqueue/river"

	"github.com/syncedgo/synced/schedule"
)

const (
	// ahead is how many scopes a tick makes jobs of, and aheadOfWorker how many a process
	// does for each of its workers after jobs have ended, at most every pause.
	ahead         = 2000
	aheadOfWorker = 4
	pause         = 100 * time.Millisecond
	// tickTimeout is how long a tick may take.
	tickTimeout = time.Minute
)

// works is what the jobs of this process work with.
type works struct {
	schedule *schedule.Schedule
	pool     *pgxpool.Pool
	client   *queue.Client[pgx.Tx]
	timeout  time.Duration
	// stop is closed when runs are to end at their next page, and ended gets something when
	// a job has ended.
	stop  <-chan struct{}
	ended chan struct{}
}

// fill makes jobs of what is due each time that jobs have ended, until ctx ends: of
// children whose parents have run, of a credential that is free, of the next slices. It is
// the tick that is there for all others.
func (w *works) fill(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.ended:
		}
		if err := w.enqueue(ctx, aheadOfWorker*w.schedule.Options().Workers); err != nil && ctx.Err() == nil {
			w.schedule.Options().Log.WarnContext(ctx, "synced: river: make jobs of what is due", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// enqueue makes jobs of what is due, but for those that are there already. While another
// process does, it makes none.
//
// River's unique keys alone would do, but an insert that meets a job takes its row, as does
// whoever ends it: at many runs a second they would wait for each other, and deadlock.
func (w *works) enqueue(ctx context.Context, most int) error {
	list, err := w.schedule.Due(ctx, most)
	if err != nil || len(list) == 0 {
		return err
	}
	err = pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		var alone bool
		err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(hashtext($1))", "synced: jobs in "+w.client.Schema()).Scan(&alone)
		if err != nil || !alone {
			return err
		}
		jobs, err := w.without(ctx, tx, jobsOf(list))
		if err == nil && len(jobs) > 0 {
			_, err = w.client.InsertManyTx(ctx, tx, jobs)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("make jobs of %d scopes: %w", len(list), err)
	}
	return nil
}

// without returns the jobs that are not there yet.
func (w *works) without(ctx context.Context, tx pgx.Tx, jobs []queue.InsertManyParams) ([]queue.InsertManyParams, error) {
	rows, err := tx.Query(ctx, "SELECT args->>'model', args->>'key' FROM "+pgx.Identifier{w.client.Schema(), "river_job"}.Sanitize()+" WHERE kind = $1 AND finalized_at IS NULL", runs)
	if err != nil {
		return nil, err
	}
	there := map[[2]string]bool{}
	var model, key string
	_, err = pgx.ForEachRow(rows, []any{&model, &key}, func() error {
		there[[2]string{model, key}] = true
		return nil
	})
	return slices.DeleteFunc(jobs, func(j queue.InsertManyParams) bool {
		args := j.Args.(run)
		return there[[2]string{args.Model, args.Key}]
	}), err
}

// tickWorker looks for what is due.
type tickWorker struct {
	queue.WorkerDefaults[tick]
	*works
	last time.Time // of this process
}

func (w *tickWorker) Timeout(*queue.Job[tick]) time.Duration { return min(tickTimeout, w.timeout) }

// Work does nothing if the last tick was a moment ago: they pile up while the database is
// away. One at a time works in a process.
func (w *tickWorker) Work(ctx context.Context, _ *queue.Job[tick]) error {
	if time.Since(w.last) < w.schedule.Options().Poll/2 {
		return nil
	}
	w.last = time.Now()
	w.schedule.Tick(ctx)
	return w.enqueue(ctx, ahead)
}

// runWorker runs scopes.
type runWorker struct {
	queue.WorkerDefaults[run]
	*works
}

// Work runs what is still due of a job. A run that failed is an error of the job, which is
// not tried again: the schedule says when the scope is.
func (w *runWorker) Work(ctx context.Context, job *queue.Job[run]) error {
	defer w.next()
	ran, err := w.schedule.RunDue(ctx, w.stop, job.Args.Model, job.Args.Scopes...)
	var texts []string
	for _, r := range ran {
		switch {
		case r.Failed && len(job.Args.Scopes) > 1:
			texts = append(texts, r.Scope+": "+r.Error)
		case r.Failed:
			texts = append(texts, r.Error)
		case err == nil && r.Error != "" && r.Again > 0 && len(job.Args.Scopes) == 1:
			return queue.JobSnooze(r.Again)
		}
	}
	if len(texts) > 0 {
		err = errors.Join(errors.New(strings.Join(texts, "\n")), err)
	}
	return err
}

// next has the next jobs made.
func (w *works) next() {
	select {
	case w.ended <- struct{}{}:
	default:
	}
}
