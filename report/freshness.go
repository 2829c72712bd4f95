package report

import "time"

// Freshness is how the runs of a model and scope went, by this side's clock.
// Zero times are for what never happened. Checks and dry runs are not counted.
type Freshness struct {
	// LastAttempt is when the last run began.
	LastAttempt time.Time
	// LastSuccess is when the last run began that ended well: the rows are at
	// least as fresh as that. Runs of given records, and those with a query of the
	// call's own, say nothing of the other rows and do not count.
	LastSuccess time.Time
	// LastComplete is the same of the last run that proved what the remote has and
	// what it has not.
	LastComplete time.Time
	// Unfinished says that the last run is under way, or was killed.
	Unfinished bool
	// UnfinishedPass is when a complete pass began that was interrupted, and that
	// the next complete run goes on with.
	UnfinishedPass time.Time
	// NotBefore is when the remote lets itself be asked again, where it has ended
	// the last run by saying so.
	NotBefore time.Time
	// Error is why the last run that ended did not end well, in one line. Empty
	// where it did.
	Error string
}
