// Package strategy says how a run keeps a scope in step: what it asks the remote
// for, what it may remove, and what time it stores for the next run. A strategy
// is a value with its own settings and nothing else.
package strategy

import (
	"errors"
	"fmt"
	"time"
)

// Strategy decides what a run does. [Full], [UpdatedSince] and [Check] are
// strategies.
type Strategy interface {
	// Name is what errors and logs call it.
	Name() string
	// Validate reports a mistake in the settings.
	Validate() error
	// Plan decides from the stored time of the scope, which is zero when there is
	// none.
	Plan(stored time.Time, scope any) Plan
}

// Plan is what one run does.
type Plan struct {
	// Since is the time to ask from. Zero asks for everything: only then is what
	// the remote does not list gone. Otherwise, it is gone when the remote says
	// so.
	Since time.Time
	// Complete says why the run asks for everything although there is a stored
	// time. Empty otherwise.
	Complete string
	// StoreTime says that the run reads and stores the remote's time, from the
	// first of these sources that has one.
	StoreTime bool
	Sources   []TimeSource
	// Compare writes nothing, and reports the differences.
	Compare bool
}

// Full fetches everything each time, and removes what is not listed any more,
// where removal is on.
type Full struct{}

// Name is "full".
func (Full) Name() string { return "full" }

// Validate finds nothing to say.
func (Full) Validate() error { return nil }

// Plan asks for everything.
func (Full) Plan(time.Time, any) Plan { return Plan{} }

// Check fetches everything, compares it with the table's columns, and writes
// nothing.
type Check struct{}

// Name is "check".
func (Check) Name() string { return "check" }

// Validate finds nothing to say.
func (Check) Validate() error { return nil }

// Plan asks for everything, to compare it.
func (Check) Plan(time.Time, any) Plan { return Plan{Compare: true} }

// UpdatedSince asks for what changed since the stored time of the scope. A scope
// without a stored time is fetched whole.
type UpdatedSince struct {
	// Tolerance widens what is asked for, to before the stored time: for remotes
	// whose clocks or caches lag. It never moves the stored time. Defaults to 0.
	Tolerance time.Duration
	// Initial is the time to ask from while the stored time is not later.
	// Defaults to none: the first run asks for everything. What is older than
	// Initial is never fetched, and so never removed.
	Initial time.Time
	// InitialFor is Initial by scope, which is nil for a model without scopes. It
	// is used where Initial is zero.
	InitialFor func(scope any) time.Time
	// Retention is how long the remote knows what it deleted, or what changed.
	// Where a run would ask from a time longer ago, by this machine's clock, it
	// asks for everything instead, as a first run without Initial does: what is not
	// listed is then removed, where removal is on. Defaults to 0: for ever.
	Retention time.Duration
	// Fallbacks are where the time to store is taken from when the first page
	// does not bring the remote's own clock, in this order. Defaults to none: such
	// a run is an error, before anything is written.
	Fallbacks []TimeSource
}

// Name is "updated_since".
func (UpdatedSince) Name() string { return "updated_since" }

// Validate reports a negative tolerance, a retention that is no longer, two
// initial times and broken fallbacks.
func (u UpdatedSince) Validate() error {
	if u.Tolerance < 0 {
		return fmt.Errorf("tolerance %s is negative: it widens what is asked for, so give 0 or more", u.Tolerance)
	}
	if u.Retention < 0 || u.Retention > 0 && u.Retention <= u.Tolerance {
		return fmt.Errorf("retention %s: give more than the tolerance, %s, or leave it out", u.Retention, u.Tolerance)
	}
	if !u.Initial.IsZero() && u.InitialFor != nil {
		return errors.New("both Initial and InitialFor are set: keep one")
	}
	for _, s := range u.Fallbacks {
		if err := s.validate(); err != nil {
			return err
		}
	}
	return nil
}

// Plan asks from the later of the stored and the initial time, less the
// tolerance.
func (u UpdatedSince) Plan(stored time.Time, scope any) Plan {
	since := stored
	initial := u.Initial
	if initial.IsZero() && u.InitialFor != nil {
		initial = u.InitialFor(scope)
	}
	if initial.After(since) {
		since = initial
	}
	if !since.IsZero() {
		since = since.Add(-u.Tolerance)
	}
	plan := Plan{Since: since, StoreTime: true, Sources: append([]TimeSource{remoteClock}, u.Fallbacks...)}
	if u.Retention > 0 && !stored.IsZero() && time.Since(since) > u.Retention {
		plan.Since, plan.Complete = time.Time{}, fmt.Sprintf("the remote knows of %s, and %s is longer ago", u.Retention, since.Format(time.RFC3339))
	}
	return plan
}

var (
	_ Strategy = Full{}
	_ Strategy = Check{}
	_ Strategy = UpdatedSince{}
)
