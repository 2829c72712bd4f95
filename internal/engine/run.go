package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
)

// run is one Synchronize of one model and scope.
type run struct {
	m    *Model
	call Call
	plan strategy.Plan

	started time.Time
	result  report.Result
	tally   tally
	clock   clock
	totals  totals
	// gone are the ids that the remote says it deleted and has not listed since.
	gone map[backend.ID]struct{}
	// shifting says that the pages are cut by position: what others do to the list
	// while it is read may hide a record.
	shifting bool
	alive    *page // records that were not listed, and exist
	// withheld are the rows of a removal that was refused.
	withheld []backend.ID
	// eager says that pages are mapped before it is known what differs.
	eager    atomic.Bool
	progress progress
	lock     backend.Lock // nil where the run writes nothing, or goes beside others
	// undisturbing says that no pass was interrupted that could miss what the run
	// writes.
	undisturbing bool
	pending      *pending
	kids         map[*Association]*run
	asked        map[*Parent]map[backend.ID]bool // parents that were fetched
	// translated are the rows of translations that were written.
	translated report.Counts
	// aside are the records that this run left in quarantine, by idset.Key.
	aside map[uint64]struct{}
	// parent is whose nested records these are, "" for those of the API: the
	// parent's table and attribute.
	parent string
	// asked304 says that the remote may answer that nothing was modified,
	// validator is the first page's, and dropped says that the last run's is
	// forgotten.
	asked304  bool
	validator string
	dropped   bool
	// retrying says that the pages are written.
	retrying bool
	// again, where set, is told which records a page lists once more.
	again func(ids map[string]bool)
}

func newRun(m *Model, call Call) *run {
	return &run{m: m, call: call, started: time.Now(), gone: map[backend.ID]struct{}{}, pending: &pending{}, kids: map[*Association]*run{}, asked: map[*Parent]map[backend.ID]bool{}, aside: map[uint64]struct{}{}}
}

// Run synchronizes a scope, or checks it, as the strategy decides.
func (m *Model) Run(ctx context.Context, call Call) (report.Result, error) {
	r := newRun(m, call)
	return r.ended(ctx, r.do(ctx))
}

// ended completes the result and the error.
func (r *run) ended(ctx context.Context, err error) (report.Result, error) {
	if where, ok := err.(*report.Error); ok && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		// Some drivers only say that they were interrupted.
		where.Err = fmt.Errorf("%w: %w", ctx.Err(), where.Err)
	}
	r.result.Duration = time.Since(r.started)
	if len(r.kids) > 0 || r.m.Table.Translations != nil {
		r.result.Children = map[string]report.Counts{}
		r.children(r.result.Children)
	}
	r.m.Log.LogAttrs(ctx, slog.LevelDebug, "synced: run ended", slog.String("model", r.m.Table.Name), slog.Any("scope", r.call.Scope),
		slog.String("strategy", r.call.Strategy.Name()), slog.String("result", r.result.String()), slog.Any("error", err))
	return r.result, err
}

func (r *run) do(ctx context.Context) error {
	if r.call.DryRun || r.call.Strategy.Plan(time.Time{}, r.call.Scope).Compare {
		if err := r.decide(ctx); err != nil {
			return r.fail(0, err)
		}
		return r.check(ctx)
	}
	return r.fail(0, r.locked(ctx, func(ctx context.Context) error { return r.noted(ctx, r.work) }))
}

// work brings the scope in step.
func (r *run) work(ctx context.Context) error {
	if r.call.Atomic {
		return r.atomic(ctx)
	}
	return r.pageByPage(ctx)
}

// decide asks the strategy, and the database for the stored time where the
// strategy keeps one.
func (r *run) decide(ctx context.Context) error {
	r.plan = r.call.Strategy.Plan(time.Time{}, r.call.Scope)
	if !r.plan.StoreTime {
		return nil
	}
	stored, err := r.m.Timestamps.Stored(ctx, r.m.DB, r.m.subject(r.call.Scope))
	if err != nil {
		return fmt.Errorf("read the stored time: %w", err)
	}
	r.plan = r.call.Strategy.Plan(stored, r.call.Scope)
	r.result.Since, r.result.Complete = r.plan.Since, r.plan.Complete
	return nil
}

// pageByPage commits each page on its own. The last one is committed together
// with the removals and the time: a page is held until it is known whether
// another follows.
func (r *run) pageByPage(ctx context.Context) error {
	var held *page
	flush := func() error {
		if held == nil {
			return nil
		}
		p := held
		held = nil
		if len(p.rows) == 0 && !r.due(p) {
			r.foresee(p, nil)
			r.count(&r.result.Counts, p, nil)
			r.recycle(p)
			return nil
		}
		if err := r.fetchParents(ctx, p); err != nil {
			return r.fail(p.number, err)
		}
		err := r.transact(ctx, func(tx backend.Tx) error {
			if err := r.write(ctx, tx, p); err != nil {
				return err
			}
			return r.checkpoint(ctx, tx, p)
		})
		if err == nil {
			r.recycle(p)
		}
		return r.fail(p.number, err)
	}
	for received, err := range r.pages(ctx) {
		// The page before this one is whole and stands, whatever this one is.
		if flushed := flush(); flushed != nil && err == nil {
			return flushed
		}
		if err != nil {
			return r.notReceived(received, err)
		}
		p, err := r.accept(received)
		if err != nil {
			return r.fail(received.Number, err)
		}
		held = p
		if received.More {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	number := 0
	if held != nil {
		number = held.number
		if err := r.fetchParents(ctx, held); err != nil {
			return r.fail(number, err)
		}
	}
	last := func(tx backend.Tx) error {
		if held == nil {
			return nil
		}
		return r.write(ctx, tx, held)
	}
	remove, err := r.toRemove(ctx, held)
	if err != nil {
		if written := r.transact(ctx, last); written != nil {
			err = written
		}
		return r.fail(number, err)
	}
	return r.fail(number, r.finish(ctx, last, remove))
}

// finish ends a run: its last rows, the removals and the time, in one
// transaction. What is to be removed was found before it begins.
func (r *run) finish(ctx context.Context, rows func(backend.Tx) error, remove []backend.ID) error {
	if r.result.NotModified {
		return r.transact(ctx, func(tx backend.Tx) error {
			if err := r.mendOwn(ctx, tx); err != nil {
				return err
			}
			if err := r.noteSuccess(ctx, tx); err != nil {
				return fmt.Errorf("note that the run ended: %w", err)
			}
			return r.saveTime(ctx, tx)
		})
	}
	return r.transact(ctx, func(tx backend.Tx) error {
		if err := r.dropValidator(ctx, tx); err != nil { // also where there are only rows to remove
			return err
		}
		if err := rows(tx); err != nil {
			return err
		}
		if err := r.writeAlive(ctx, tx); err != nil {
			return err
		}
		gone, err := r.retry(ctx, tx)
		if err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		if err := r.mendOwn(ctx, tx); err != nil {
			return err
		}
		if r.pass() && len(remove) > 0 {
			if remove, err = r.unseen(ctx, tx, remove); err != nil { // verifying took its time
				return fmt.Errorf("find what others wrote meanwhile: %w", err)
			}
		}
		if err := r.remove(ctx, tx, append(remove, gone...)); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		if err := r.keepValidator(ctx, tx); err != nil {
			return err
		}
		if err := r.keepRefusal(ctx, tx); err != nil {
			return fmt.Errorf("note the refused removal: %w", err)
		}
		if err := r.noteSuccess(ctx, tx); err != nil {
			return fmt.Errorf("note that the run ended: %w", err)
		}
		return r.saveTime(ctx, tx)
	})
}

// saveTime stores the time of the run, where it has one.
func (r *run) saveTime(ctx context.Context, tx backend.Tx) error {
	stamp, ok := r.clock.stamp()
	if !ok || !r.plan.StoreTime {
		return nil
	}
	if missed := r.totals.missed(r.tally.size()); r.shifting && missed != "" {
		r.result.NotStored = missed
		return nil
	}
	if err := r.m.Timestamps.Save(ctx, tx, r.m.subject(r.call.Scope), stamp); err != nil {
		return fmt.Errorf("store the time: %w", err)
	}
	r.committed(func() { r.result.StoredTime, r.result.TimeSource = stamp.At, stamp.Source })
	return nil
}

// committed notes what to do once the transaction is committed.
func (r *run) committed(do func()) { r.pending.do = append(r.pending.do, do) }

// pending is what a transaction leaves to be done once it is committed. A run ends
// with the first transaction that is not.
type pending struct {
	do     []func()
	counts map[*run]*report.Counts
	outbox outbox
}

// counts are those of the transaction that is open.
func (r *run) counts() *report.Counts {
	c := r.pending.counts[r]
	if c == nil {
		c = &report.Counts{}
		r.pending.counts[r] = c
	}
	return c
}

// transact runs work in a transaction.
func (r *run) transact(ctx context.Context, work func(backend.Tx) error) error {
	*r.pending = pending{counts: map[*run]*report.Counts{}}
	defer r.pending.outbox.close()
	tx, err := r.m.DB.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	// Also when a function of the service's panics: the transaction must not stay.
	defer func() {
		clean, cancel := cleanup(ctx)
		defer cancel()
		_ = tx.Rollback(clean) // harmless once committed
	}()
	if r.lock != nil {
		if err := r.lock.Check(ctx, tx); err != nil {
			return fmt.Errorf("the lock of the run: %w", err)
		}
	}
	if err := work(tx); err != nil {
		return err
	}
	if err := r.pending.outbox.append(ctx, tx); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for run, counts := range r.pending.counts {
		run.result.Counts.Add(*counts)
	}
	for _, do := range r.pending.do {
		do()
	}
	return nil
}
