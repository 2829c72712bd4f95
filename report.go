package synced

import (
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// What runs return; see package report.
type (
	// Result counts what a run did.
	Result = report.Result
	// Counts are rows by what became of them.
	Counts = report.Counts
	// Refusal is a removal that did not happen, and why.
	Refusal = report.Refusal
	// RefusedRemoval is one as it waits to be approved.
	RefusedRemoval = report.RefusedRemoval
	// Freshness is how the runs of a scope went.
	Freshness = report.Freshness
	// Diff is what a check found.
	Diff = report.Diff
	// Difference is one difference, as [Handle.Differences] yields them.
	Difference = report.Difference
	// QuarantinedRecord is a record in quarantine.
	QuarantinedRecord = report.Quarantined
	// Error says where in a run something went wrong: model, scope, page, record.
	Error = report.Error
	// Kind is the kind of a [Change].
	Kind = report.Kind
)

// The kinds of changes.
const (
	Created  = report.Created
	Updated  = report.Updated
	Removed  = report.Removed
	Restored = report.Restored
)

// Change is what happened to one row.
type Change[T any] struct {
	Kind Kind
	// ID is the remote id.
	ID string
	// Old is the row before: nil when it was created. New is the row after: nil
	// when it was removed.
	Old, New *T
}

// What callers branch on, with errors.Is.
var (
	// ErrNoAPI says that neither the call, nor the scope, nor the declaration has
	// an API.
	ErrNoAPI = report.ErrNoAPI
	// ErrNoSyncTime says that the first page brought no time to store, nor did any
	// declared fallback. Nothing was written.
	ErrNoSyncTime = report.ErrNoSyncTime
	// ErrDeletionsUnknown says that removal is on, and the remote has no list of
	// deleted ids. Nothing was written.
	ErrDeletionsUnknown = report.ErrDeletionsUnknown
	// ErrNothingToReset says that the strategy keeps no time.
	ErrNothingToReset = report.ErrNothingToReset
	// ErrDuplicateID says that a page has two different records with one id: most
	// likely, the declared attribute is not the id.
	ErrDuplicateID = report.ErrDuplicateID
	// ErrTooManyInvalid says that more records can't be mapped than
	// the Limit of [Quarantine] lets a run keep apart.
	ErrTooManyInvalid = report.ErrTooManyInvalid
	// ErrStale says that a row is not any more as a [Diff] found it.
	ErrStale = report.ErrStale
	// ErrRunning says that another run of this model and scope is under way, in
	// this process or another.
	ErrRunning = report.ErrRunning
	// ErrLockLost says that a run lost its lock to another, because its database
	// connection had broken or its lease had run out. It wrote nothing after that.
	ErrLockLost = store.ErrLockLost
	// ErrUnknownPlan says that a refused removal was approved already, or is no
	// longer what the last run found.
	ErrUnknownPlan = report.ErrUnknownPlan
	// ErrNotFound says that there is no row with a remote id.
	ErrNotFound = report.ErrNotFound
)
