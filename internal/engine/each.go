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
	// round is the walk through all parents, of which this run may be a part.
	round round
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
		return beginning{e.run}.locked(ctx, e.do)
	})
}

// do visits the parents, and notes how that went.
func (e *each) do(ctx context.Context) error {
	s := synchronization{run: e.run}
	err := e.stages(ctx)
	if err != nil {
		s.noteFailure(ctx, err)
		return err
	}
	var succeeded, completed time.Time
	if e.total.complete && e.total.Refused == nil && !e.round.halt.early {
		completed = e.round.began
	}
	if !e.call.Filtered && !e.round.halt.early {
		succeeded = e.round.began
	}
	return e.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		if err := ledger.RunSucceeded(ctx, tx, e.m.Scope(e.call.Scope), succeeded, completed); err != nil {
			return err
		}
		return endLock(ctx, e.run, tx)
	})
}

func (e *each) stages(ctx context.Context) error {
	e.total.complete = true
	if err := e.round.take(ctx, e); err != nil {
		return fmt.Errorf("look for parents that were left: %w", err)
	}
	if err := e.visits(ctx); err != nil {
		return err
	}
	switch {
	case e.stop != nil:
	case e.round.halt.early:
		if err := e.round.leave(ctx, e); err != nil {
			return fmt.Errorf("note which parents are left: %w", err)
		}
	default:
		if err := e.round.again(ctx, e); err != nil {
			return err
		}
		if e.stop != nil {
			break
		}
		if err := e.leave(ctx); err != nil {
			return err
		}
		if err := e.round.end(ctx, e); err != nil {
			return err
		}
	}
	return e.total.failure(e.stop)
}

// visits goes through the parents in the order of their keys. No query is open while the
// remote is asked.
func (e *each) visits(ctx context.Context) error {
	after := e.round.after
	for e.stop == nil && !e.round.halt.early {
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
	done := make([]bool, len(list))
	atOnce(inFlight, len(list), func(i int) bool {
		done[i] = e.finish(ctx, &list[i], known[list[i].Key.String()])
		return !e.stopped()
	})
	e.round.pass(list, done)
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

func (e *each) stopped() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stop != nil
}
