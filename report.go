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
	// Refusal is why rows were not removed.
	Refusal = report.Refusal
	// RefusedRemoval is a refused removal that waits to be approved.
	RefusedRemoval = report.RefusedRemoval
	// Freshness is how the runs of a scope went.
	Freshness = report.Freshness
	// Diff is what a check found.
	Diff = report.Diff
	// Difference is one finding, as [Handle.Differences] yields them.
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

// What callers branch on, with errors.Is; package report documents each.
var (
	ErrNoAPI            = report.ErrNoAPI
	ErrNoSyncTime       = report.ErrNoSyncTime
	ErrDeletionsUnknown = report.ErrDeletionsUnknown
	ErrNothingToReset   = report.ErrNothingToReset
	ErrDuplicateID      = report.ErrDuplicateID
	ErrTooManyInvalid   = report.ErrTooManyInvalid
	ErrStale            = report.ErrStale
	ErrRunning          = report.ErrRunning
	ErrUnknownPlan      = report.ErrUnknownPlan
	ErrNotFound         = report.ErrNotFound
	// ErrLockLost is the error of a run that lost its lock to another, because its
	// database connection had broken or its lease had run out. It wrote nothing after
	// that.
	ErrLockLost = store.ErrLockLost
)
