package report

import "time"

// ScopeFreshness is how the runs of one scope of one model went.
type ScopeFreshness struct {
	// Model is the model's table, and Scope the scope's key as text; "" for a model
	// without scopes.
	Model, Scope string
	Freshness
	// Quarantined is how many records of it are in quarantine, and Refused how many rows
	// wait for a refused removal to be approved; those of its parents included where the
	// model is listed for each.
	Quarantined, Refused int
}

// Freshness is how the runs of a model and scope went, by this machine's clock. A
// zero time means never. Checks and dry runs do not count.
type Freshness struct {
	// LastAttempt is when the last run began.
	LastAttempt time.Time
	// LastSuccess is when the last run began that ended well: the rows are at least
	// that fresh. Runs of given records, and those whose call has a Query, tell
	// nothing about the other rows and do not count.
	LastSuccess time.Time
	// LastComplete is the same of the last run that proved what the remote has, and
	// what it lacks.
	LastComplete time.Time
	// Unfinished reports whether the last run is under way, or was killed.
	Unfinished bool
	// UnfinishedPass is when a pass began that was interrupted or stopped, and that the
	// next run like it resumes.
	UnfinishedPass time.Time
	// NotBefore is when the remote may be asked again, if it ended the last run by
	// saying so.
	NotBefore time.Time
	// Error is why the last run that ended failed, in one line; empty if it did not.
	Error string
}
