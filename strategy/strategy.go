// Package strategy has the ways in which a run keeps a scope in step: what it asks
// the remote for, what it may remove, and what time it stores for the next run. A
// strategy is a value with its own settings and nothing else.
package strategy

import "time"

// Strategy decides what a run does. It is one of [Full], [UpdatedSince], [Position] and
// [Check].
type Strategy interface {
	// String returns what errors and logs call it: "full", "updated_since", "position", "check".
	String() string
	strategy()
}

// Full fetches everything each time. Where removal is on, it removes what is no
// longer listed.
type Full struct{}

// String returns "full".
func (Full) String() string { return "full" }

// Check fetches everything, compares it with the table's columns, and writes
// nothing.
type Check struct{}

// String returns "check".
func (Check) String() string { return "check" }

// DefaultTolerance is how far before the stored time [UpdatedSince] asks from. A
// remote that stamps a record when its transaction begins, and shows it when that
// commits, shows records with times before those it has answered already; so do
// replicas that lag and servers whose clocks differ. The records of these seconds
// are fetched again, and found unchanged.
const DefaultTolerance = 5 * time.Second

// UpdatedSince asks for what changed since the stored time of the scope. A scope
// without a stored time is fetched whole.
type UpdatedSince struct {
	// Tolerance widens what is asked for, to before the stored time: a record may
	// get its time before it can be seen, or from a server whose clock is behind.
	// It never moves the stored time. Defaults to [DefaultTolerance]. A negative one
	// sets none, for a remote that hands out a time only once everything before it can
	// be seen.
	Tolerance time.Duration
	// Initial is the time to ask from while the stored time is not later.
	// Defaults to none: the first run asks for everything. What is older than
	// Initial is never fetched, and so never removed.
	Initial time.Time
	// InitialFor is Initial by scope, which is nil for a model without scopes. It
	// is used where Initial is zero.
	InitialFor func(scope any) time.Time
	// NewestFirst has a first run ask for the newest changes first, and then for older
	// ones, back to Initial; a run that ends before is continued by the next ones, each of
	// which asks for what is new before. It is for an API that lists windows of time (see
	// rest.Since.Window), and for timestamp.PerScope. What older windows tell as deleted
	// may have been created again since, so that each such row is removed only once the
	// remote does not find its record. Defaults to false: from Initial on.
	NewestFirst bool
	// Retention is how long the remote knows what it deleted, or what changed. A run
	// that would ask from a time longer ago, by this machine's clock, asks for
	// everything instead, as a first run without Initial does: what is not listed is
	// then removed, where removal is on. Defaults to 0: for ever.
	Retention time.Duration
	// Fallbacks are where the time to store is taken from when the first page
	// does not bring the remote's own clock, in this order. Defaults to none: such
	// a run is an error, before anything is written.
	Fallbacks []TimeSource
}

// String returns "updated_since".
func (UpdatedSince) String() string { return "updated_since" }

func (Full) strategy()         {}
func (Check) strategy()        {}
func (UpdatedSince) strategy() {}
func (Position) strategy()     {}
