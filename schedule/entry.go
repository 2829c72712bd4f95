package schedule

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced"
)

// Model is what a schedule runs: a [synced.Model], or its Handle.
type Model interface {
	Name() string
	Parents() []string
	Synchronize(ctx context.Context, scope synced.Scope, call ...synced.Call) (synced.Result, error)
	RefusedRemoval(ctx context.Context, scope synced.Scope) (*synced.RefusedRemoval, error)
	Quarantined(ctx context.Context, scope synced.Scope) iter.Seq2[synced.QuarantinedRecord, error]
}

var _ Model = (*synced.Handle)(nil)

// Scopes yields the scopes of a model, such as the service's accounts. It is called at
// the start and then every [Options].Refresh: a scope that is new is run at once, and one
// that is no longer yielded is forgotten by the schedule, with its state but not its rows.
// An error, which is yielded last, forgets nothing. The context ends after two minutes, or
// after Refresh where that is longer, since other models wait meanwhile.
type Scopes func(ctx context.Context) iter.Seq2[synced.Scope, error]

// Fixed returns scopes that never change.
func Fixed(scopes ...synced.Scope) Scopes {
	return func(context.Context) iter.Seq2[synced.Scope, error] {
		return func(yield func(synced.Scope, error) bool) {
			for _, s := range scopes {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// Entry says when the scopes of one model run. [Every] makes one; the other fields may be
// set after that. What is left zero is the default.
type Entry struct {
	Model Model
	// Every is the interval of the runs of each scope. They are spread over it by a hash of
	// the scope, which is the same for all models, so that parents and their children are
	// due together. A run that takes longer than its interval leaves out what it missed.
	Every time.Duration
	// Scopes are those of the model. Defaults to synced.NoScope, for a model that declares no
	// Scope; others need them.
	Scopes Scopes
	// Complete is the interval of complete passes (strategy.Full) beside the incremental
	// runs, which find what those can't: records that are gone without a word. They are
	// spread over it by a hash of model and scope. One that does not end well is tried
	// again an hour later, and the incremental runs go on. Defaults to none.
	Complete time.Duration
	// Remove is what becomes of rows whose records a complete pass finds to be gone. It is
	// for APIs that tell no deletions: their incremental runs can't remove, so their models
	// declare no removal, and only complete passes do. It needs Complete. Defaults to what
	// the model declares.
	Remove synced.Removal
	// Priority orders what is due: larger numbers first, and of one number what has been due
	// for the longest time. Defaults to 0.
	Priority int
	// Credential names what the runs of a scope share, and what Options.PerCredential
	// bounds: an account, a token. "" is not bounded. Defaults to the scope's key.
	Credential func(scope synced.Scope) string
	// Stale is how long after its last success a scope counts as [Stale], or after it came.
	// Defaults to three times Every, at least 1 hour.
	Stale time.Duration
}

// Every returns an entry that runs each scope of a model at an interval.
func Every(model Model, interval time.Duration, scopes Scopes) Entry {
	return Entry{Model: model, Every: interval, Scopes: scopes}
}

// filled returns the entry with its defaults, or what is wrong with it.
func (e Entry) filled() (Entry, error) {
	if e.Model == nil {
		return e, errors.New("an entry has no Model: give a *synced.Model or its Handle")
	}
	fail := func(format string, args ...any) (Entry, error) {
		return e, fmt.Errorf(e.Model.Name()+": "+format, args...)
	}
	switch {
	case e.Every < time.Millisecond:
		return fail("Every is %v: give the interval of its runs, such as 5*time.Minute", e.Every)
	case e.Complete < 0 || e.Stale < 0:
		return fail("Complete is %v and Stale %v: give positive durations, or 0 for the default", e.Complete, e.Stale)
	case e.Complete != 0 && e.Complete < e.Every:
		return fail("Complete is %v, less than Every, which is %v: give a longer interval, or declare the strategy Full", e.Complete, e.Every)
	case e.Remove != nil && e.Complete == 0:
		return fail("Remove is for complete passes, and there are none: set Complete, such as to 24*time.Hour, or declare Remove with the model")
	}
	if e.Scopes == nil {
		if m, ok := e.Model.(synced.Runnable); ok && synced.Scoped(m) {
			return fail("the model has a Scope, and the entry no Scopes: give what yields them, such as the service's accounts")
		}
		e.Scopes = Fixed(synced.NoScope)
	}
	if e.Credential == nil {
		e.Credential = synced.Scope.String
	}
	if e.Stale == 0 {
		e.Stale = max(3*e.Every, time.Hour)
	}
	return e, nil
}
