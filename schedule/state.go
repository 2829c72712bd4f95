package schedule

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/ledger"
)

// State is what a schedule knows of one model and scope. Times are by the database's
// clock, and zero for never.
type State struct {
	Model string
	Scope synced.Scope
	// Every and Complete are the intervals of its runs and of its complete passes;
	// Priority and Credential are those of its entry.
	Every, Complete time.Duration
	Priority        int
	Credential      string
	// Next is when it is due, and NextComplete when its complete pass is. What is past
	// waits for a worker, for its parents, or for others with its credential.
	Next, NextComplete time.Time
	// Running reports whether a process runs it, and By says which.
	Running bool
	By      string
	// Began and Ended are when the last run began and ended, and Succeeded when the last
	// one began that ended well.
	Began, Ended, Succeeded time.Time
	// Failures is how many runs in a row have failed. Error is why the last run ended
	// otherwise than well, in one line, without credentials, of at most 500 letters.
	Failures int
	Error    string
	// Paused is why it is not run, "" where it is. ConsentNeeded reports whether the
	// account's owner must consent again.
	Paused        string
	ConsentNeeded bool
	// Refused is why a removal was refused, Quarantined how many records are in
	// quarantine. ListedNothing reports whether the remote listed nothing although there
	// are rows.
	Refused       string
	Quarantined   int
	ListedNothing bool
}

// stateOf reads a row at a time of the database's.
func stateOf(s ledger.Scheduled, now time.Time) State {
	state := State{Model: s.Model, Scope: scopeOf(s.Kind, s.Target.Scope), Every: s.Every, Complete: s.CompleteEvery, Priority: s.Priority, Credential: s.Credential,
		Next: s.Next, NextComplete: s.Complete, Began: s.Began, Ended: s.Ended, Succeeded: s.Succeeded, Failures: s.Failures, Error: s.Error,
		Paused: s.Paused, ConsentNeeded: s.Consent, Refused: s.Refused, Quarantined: s.Quarantined, ListedNothing: s.ListedNone}
	if state.Running = s.By != "" && s.Next.After(now); state.Running {
		state.By = s.By
	}
	return state
}

// scopeOf returns the scope that the database keeps as text.
func scopeOf(kind, id string) synced.Scope {
	switch kind {
	case integers:
		n, _ := strconv.ParseInt(id, 10, 64) // it was written so
		return synced.In(n)
	case texts:
		return synced.In(id)
	default:
		return synced.NoScope
	}
}

// List yields what is scheduled of a model and scope, in the order of models and scopes.
// "" is every model of the schedule, and synced.NoScope every scope. It knows what Run has
// made known, in any process. An error is yielded once, last. No connection is held while
// the loop's body runs.
func (s *Schedule) List(ctx context.Context, model string, scope synced.Scope) iter.Seq2[State, error] {
	return func(yield func(State, error) bool) {
		for state, err := range s.list(ctx, model, scope) {
			if err != nil {
				err = fmt.Errorf("schedule: list: %w", err)
			}
			if !yield(state, err) || err != nil {
				return
			}
		}
	}
}

func (s *Schedule) list(ctx context.Context, model string, scope synced.Scope) iter.Seq2[State, error] {
	return func(yield func(State, error) bool) {
		models, id, err := s.selected(model, scope)
		var now time.Time
		if err == nil {
			now, err = ledger.Clock(ctx, s.db)
		}
		for after := (ledger.Target{}); err == nil; {
			var some []ledger.Scheduled
			if some, err = ledger.SchedulesOf(ctx, s.db, models, id, after); len(some) == 0 {
				break
			}
			for _, one := range some {
				if !yield(stateOf(one, now), nil) {
					return
				}
				after = one.Target
			}
		}
		if err != nil {
			yield(State{}, err)
		}
	}
}

// selected returns the models and the scope that are meant: nil for every scope.
func (s *Schedule) selected(model string, scope synced.Scope) ([]string, *string, error) {
	models := s.names
	if model != "" {
		if _, ok := s.entries[model]; !ok {
			return nil, nil, fmt.Errorf("the schedule has no model %q: it has %q", model, s.names)
		}
		models = []string{model}
	}
	if scope == synced.NoScope {
		return models, nil, nil
	}
	_, id, err := textOf(scope)
	if err != nil {
		err = fmt.Errorf("the scope: %w", err)
	}
	return models, &id, err
}
