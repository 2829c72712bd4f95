package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// finish visits a parent, unless it need not, and reports whether it is done.
func (e *each) finish(ctx context.Context, p *model.Listed, standing ledger.Standing) bool {
	if slices.Contains(e.round.Done, p.Key.String()) || e.skips(p, &standing) {
		return true
	}
	e.mu.Lock()
	begins := e.round.begins()
	e.mu.Unlock()
	return begins && e.visit(ctx, p, standing)
}

// skips reports whether nothing makes the list of a parent due. A parent whose row has
// become that of another record is asked for everything.
func (e *each) skips(p *model.Listed, s *ledger.Standing) bool {
	if s.Marked && s.Record != p.Record {
		s.Time, s.Settled = time.Time{}, false
		return false
	}
	if e.of.Each.Due == "" || !s.Marked || !s.Settled || s.Due != settledDue+p.Due || e.call.Filtered {
		return false
	}
	request, err := e.of.Each.Request(e.call.Request, p)
	if ask := askFrom(e.call.Strategy, s, p.Key.Value(), &request); err != nil || ask.Everything() {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.total.Parents.Skipped++
	e.total.complete = false
	return true
}

// visit runs one parent, and takes note of what came of it. It reports whether the parent
// is done, be it with an error.
func (e *each) visit(ctx context.Context, p *model.Listed, standing ledger.Standing) bool {
	call := e.call
	call.Scope = p.Key.Value()
	var err error
	if call.Request, err = e.of.Each.Request(call.Request, p); err != nil {
		err = e.of.Fail(call.Scope, err)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.total.Parents.Asked++
		e.failed(p, err)
		return true
	}
	if standing.Marked && standing.Record != p.Record {
		if err := Reset(ctx, e.of, call.Scope); err != nil && !errors.Is(err, report.ErrNothingToReset) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.failed(p, err)
			return true
		}
	}
	mark := ledger.Parent{Root: e.root(), Record: p.Record, Due: settledDue + p.Due}
	v := newVisit(e.of, call, standing, e.work.Lock)
	if !e.call.Filtered {
		v.mark = &mark
	}
	_, err = told{run: v.run, call: "Synchronize", ofParent: true}.of(ctx, v.do)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.total.add(v.run, e.call.Changes)
	switch {
	case err == nil && v.result.Stopped != "":
		e.round.halt.early = true
		return false
	case err == nil:
		e.control, e.round.Control = v.asked(), p.Key.String()
		if !v.quietly {
			return true // its own transaction wrote the mark
		}
	case errors.Is(err, remote.ErrNotFound) && v.result.Pages == 0:
		e.missing, e.round.lost = append(e.missing, lost{*p, standing, err}), append(e.round.lost, p.Key.String())
		if standing.Marked {
			return true
		}
		mark.Due = ""
	default:
		mark.Due = ""
		e.failed(p, err)
		if hopeless(ctx, err) {
			e.stop = err
		}
	}
	if v.mark != nil && (!standing.Marked || standing.Parent != mark) {
		e.marks[p.Key.String()] = mark
	}
	if v.moved != nil {
		e.moved = append(e.moved, *v.moved)
	}
	return true
}

// failed takes note of a parent that failed.
func (e *each) failed(p *model.Listed, err error) {
	e.total.failed(err)
	e.round.lost = append(e.round.lost, p.Key.String())
}

// hopeless reports whether the other parents would meet an error as well.
func hopeless(ctx context.Context, err error) bool {
	if answer, ok := errors.AsType[*remote.Error](err); ok && answer.Status == 401 {
		return true
	}
	for _, mistake := range []error{report.ErrNoSyncTime, report.ErrDeletionsUnknown} {
		if errors.Is(err, mistake) {
			return true
		}
	}
	_, waits := errors.AsType[*remote.WaitError](err)
	return waits || ctx.Err() != nil || errors.Is(err, remote.ErrConsentNeeded) || errors.Is(err, store.ErrLockLost)
}

// keep writes the marks that changed and the times that moved, of many parents in one
// transaction.
func (e *each) keep(ctx context.Context) error {
	if len(e.marks)+len(e.moved) == 0 {
		return nil
	}
	err := e.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		if err := ledger.MarkParents(ctx, tx, e.family(), e.marks); err != nil {
			return err
		}
		return ledger.Move(ctx, tx, e.family(), e.moved)
	})
	clear(e.marks)
	e.moved = e.moved[:0]
	return err
}
