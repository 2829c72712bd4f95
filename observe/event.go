package observe

import (
	"time"

	"github.com/syncedgo/synced/report"
)

// Event is what an [Observer] is told: one of the types of this package. None shows a
// credential. Later versions may have more types, so pass over those that you don't know.
type Event interface{ event() }

// Run says which run an event belongs to.
type Run struct {
	// Model is the name of the table, and Scope the local key of the scope; nil where the
	// model has none.
	Model string
	Scope any
	// Call is the method that runs: "Synchronize", "SyncOne", "Check", "Differences",
	// "Apply", "ApproveRemoval" or "Remap"; or "DryRun", which is a Synchronize.
	Call string
	// Strategy is the name of the strategy, such as "updated_since".
	Strategy string
	// OfParent reports whether it is the part of one parent in the run of a model that is
	// listed for each; Scope is then the parent's. See synced.Each.
	OfParent bool
}

// RunStarted is the first event of a run.
type RunStarted struct{ Run Run }

// RunEnded is the last event of a run, also of one that panics in a function of the
// service's. The result is valid even if there is an error.
type RunEnded struct {
	Run    Run
	Result report.Result
	// Err is the error that the call returns; nil where the run ended well.
	Err error
}

// RequestMade is an answer to a request, or that none came. One that is repeated is told
// each time. A remote.API that makes requests by itself, and is no rest.Client, tells none.
type RequestMade struct {
	// Method is that of HTTP, and URL is without credentials.
	Method, URL string
	// Attempt counts from 1.
	Attempt int
	// Status is that of the answer; 0 where there was none.
	Status int
	// Err is why the answer can't be used; nil where it can.
	Err error
	// Took is how long the request took. Held is how long the limiter had held it back
	// before, and Wait how long it is until the next attempt; 0 where there is none.
	Took, Held, Wait time.Duration
	// Bytes were read of the answer's body.
	Bytes int64
}

// PageReceived is a page that came, before anything of it is written.
type PageReceived struct {
	// Number counts from 1 in each run.
	Number int
	// Records are listed on it, and Deleted is how many ids it says were deleted.
	Records, Deleted int
	// Total is how many records the remote says the whole list has, where TotalKnown.
	Total      int
	TotalKnown bool
	// Requests and Bytes are what it cost.
	Requests int
	Bytes    int64
	// Asked is when the run turned to it, and Came when it was here, with its requests and
	// waits between. Both may lie before the write of the page before: pages are fetched ahead.
	Asked, Came time.Time
}

// WriteStarted is the beginning of a transaction that brings rows in step. Where several
// small pages are one transaction, each of them is told, in their order: the transaction is
// between the beginning and the end of the first.
type WriteStarted struct {
	// Page is the number of the page that is written; 0 where it is no single one, as at the
	// end of a run that commits everything at once.
	Page int
}

// WriteEnded is the end of a transaction that brings rows in step. One that the database
// gave up, for the sake of another, and that was tried again, is one.
type WriteEnded struct {
	// Page is that of the WriteStarted.
	Page int
	// Counts are the rows that were committed, those of associated models left out.
	Counts report.Counts
	// Err is why nothing was committed; nil where it was.
	Err error
}

// RemovalRefused is a removal of rows that was not done, since it is not proven that their
// records are gone.
type RemovalRefused struct{ Refusal report.Refusal }

// Quarantined are records that can't be mapped, and went into quarantine, or back there.
// It is told when that is committed.
type Quarantined struct {
	// Model is theirs: the run's, or an associated one.
	Model string
	// IDs are their remote ids.
	IDs []string
	// Reason is what is wrong with the last of them.
	Reason string
}

// Trouble is something that should be looked into, though no run fails by it.
type Trouble struct{ Err error }

func (RunStarted) event()     {}
func (RunEnded) event()       {}
func (RequestMade) event()    {}
func (PageReceived) event()   {}
func (WriteStarted) event()   {}
func (WriteEnded) event()     {}
func (RemovalRefused) event() {}
func (Quarantined) event()    {}
func (Trouble) event()        {}
