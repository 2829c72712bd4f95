package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// parentsAhead is how many parents are read at a time.
const parentsAhead = 500

// settledDue stands before what made a parent due, where its list need not be asked for
// again until it has another value.
const settledDue = "="

// errOneParent is a comparison of all parents.
var errOneParent = errors.New("a check, a dry run and given records are of one parent at a time: pass synced.InParent(…) with the local key of its row")

// each runs a model that is listed once for each row of its parent: a visit of each
// parent that is due, under one lock. The scope of its run is that of the topmost parents.
type each struct {
	*run
	of *model.Model // the model, whose scope is a parent

	mu    sync.Mutex
	total total
	// marks and moved are what is written of parents together.
	marks map[string]ledger.Parent
	moved []ledger.Moved
	// missing are those whose lists were not found, and control is what another list was
	// asked for that was.
	missing []lost
	control *remote.Request
	// stop is an error that the other parents would meet as well.
	stop error
}

// lost is a parent whose list was not found.
type lost struct {
	model.Listed
	standing ledger.Standing
	err      error
}

// Each synchronizes a model for each parent of a scope.
func Each(ctx context.Context, m *model.Model, call Call) (report.Result, error) {
	e := &each{run: newRun(m.Whole(), call), of: m, marks: map[string]ledger.Parent{}}
	return told{run: e.run, call: "Synchronize", sum: e.total.into}.of(ctx, func(ctx context.Context) error {
		if call.Given || call.DryRun || model.Asks(call.Strategy, time.Time{}, call.Scope).Compares {
			return errOneParent
		}
		return e.locked(ctx, e.do)
	})
}

// do visits the parents, and notes how that went.
func (e *each) do(ctx context.Context) error {
	s := synchronization{run: e.run}
	if err := s.noteBeginning(ctx); err != nil {
		return err
	}
	err := e.stages(ctx)
	if err != nil {
		s.noteFailure(ctx, err)
		return err
	}
	var completed time.Time
	if e.total.complete && e.total.Refused == nil {
		completed = e.turn.began
	}
	succeeded := e.turn.began
	if e.call.Filtered {
		succeeded = time.Time{}
	}
	return e.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		return ledger.RunSucceeded(ctx, tx, e.m.Scope(e.call.Scope), succeeded, completed)
	})
}

func (e *each) stages(ctx context.Context) error {
	e.total.complete = true
	if err := e.visits(ctx); err != nil {
		return err
	}
	if e.stop == nil {
		if err := e.leave(ctx); err != nil {
			return err
		}
	}
	return e.total.failure(e.stop)
}

// visits goes through the parents in the order of their keys. No query is open while the
// remote is asked.
func (e *each) visits(ctx context.Context) error {
	var after *backend.ID
	for e.stop == nil {
		list, err := rows.Listed(ctx, e.m.DB, e.of.Each, e.call.Scope, after, parentsAhead)
		if err == nil && len(list) > 0 {
			err = e.some(ctx, list)
		}
		if err != nil {
			return fmt.Errorf("the parents in %s: %w", e.of.Each.Parent.Table.Name, err)
		}
		if len(list) < parentsAhead {
			return nil
		}
		after = &list[len(list)-1].Key
	}
	return nil
}

// some visits a batch of parents, several at a time. Then it writes the marks and times
// of all of them in one transaction.
func (e *each) some(ctx context.Context, list []model.Listed) error {
	keys := make([]backend.ID, len(list))
	for i := range list {
		keys[i] = list[i].Key
	}
	known, err := ledger.StandingsOf(ctx, e.m.DB, e.family(), keys)
	if err != nil {
		return err
	}
	inFlight := e.of.Each.InFlight
	if !e.m.DB.Parallel() {
		inFlight = 1
	}
	atOnce(inFlight, len(list), func(i int) bool {
		p, standing := &list[i], known[list[i].Key.String()]
		if !e.skips(p, &standing) {
			e.visit(ctx, p, standing)
		}
		return !e.stopped()
	})
	clean, cancel := commit.Cleanup(ctx)
	defer cancel()
	return e.keep(clean)
}

// family is every parent of the model, in synced's own tables.
func (e *each) family() ledger.Scope {
	return ledger.Scope{Model: e.of.Table.Name, Type: e.of.Table.Scope}
}

// root is the scope of the topmost parents as text.
func (e *each) root() string { return e.m.Scope(e.call.Scope).ID }

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

func (e *each) stopped() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stop != nil
}

// visit runs one parent, and takes note of what came of it.
func (e *each) visit(ctx context.Context, p *model.Listed, standing ledger.Standing) {
	call := e.call
	call.Scope = p.Key.Value()
	var err error
	if call.Request, err = e.of.Each.Request(call.Request, p); err != nil {
		err = e.of.Fail(call.Scope, err)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.total.Parents.Asked++
		e.total.failed(err)
		return
	}
	if standing.Marked && standing.Record != p.Record {
		if err := Reset(ctx, e.of, call.Scope); err != nil && !errors.Is(err, report.ErrNothingToReset) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.total.failed(err)
			return
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
	case err == nil:
		e.control = &call.Request
		if !v.quietly {
			return // its own transaction wrote the mark
		}
	case errors.Is(err, remote.ErrNotFound) && v.result.Pages == 0:
		e.missing = append(e.missing, lost{*p, standing, err})
		return
	default:
		mark.Due = ""
		e.total.failed(err)
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
