package synced

import (
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Result counts what a run did. It is valid even if the run failed: it counts what was
// committed. It prints as one line. Its fields, as package report documents them:
//
//   - Created, Updated, Unchanged, Removed, Restored, Quarantined, Older: the rows, by
//     what became of them ([Counts])
//   - Children: the same of associated models and translations, by table
//   - Changes: the rows that changed ([ChangedRow]), as many as [Call].Changes asks for
//   - Records, Pages, Requests, Bytes, Duration: what the run received, and its cost
//   - Since: the time that the run asked from; Complete: why it asked for everything
//     instead
//   - StoredTime, TimeSource, StoredPosition: what the next run asks from; NotStored: why
//     there is none
//   - Stopped: how the next run goes on, where [Call].Stop ended this one early
//   - NotModified, Resumed, ListedNothing, Tombstones, Gone: what kind of answer it was
//   - Parents: the parents of a model that is listed for each ([Parents])
//   - Unknown: the attributes that the model reads and no record of a complete run had
//   - Refused: why rows were not removed ([Refusal]); nil when none was refused
//   - NotDeleted: which rows stay although their records are gone, since a foreign key or
//     a trigger keeps them ([NotDeleted])
//   - Diff: what a check or a dry run found ([Diff])
//
// For example:
//
//	result, err := rentals.Synchronize(ctx, synced.In(42))
//	fmt.Println(result.Created, result.Requests, result.StoredTime)
//	if result.Refused != nil {
//		log.Print(result.Refused.Reason)
//	}
type Result = report.Result

// Counts are rows by what became of them: Created, Updated, Unchanged, Removed,
// Restored, Quarantined and Older, each an int. Add totals those of several runs.
type Counts = report.Counts

// Parents are the parents of a run whose model is listed for each (see [Each]): how many
// lists were Asked for and Skipped, how many of those asked for Failed, and how many
// parents are Gone.
type Parents = report.Parents

// ChangedRow is a row that a run changed: its Model (the table), the Kind of the change,
// and the remote ID.
type ChangedRow = report.ChangedRow

// Refusal is why rows were not removed: Rows of Of in the scope, the Reason, and the
// Plan that [Handle.ApproveRemoval] takes.
type Refusal = report.Refusal

// NotDeleted are rows that stay although their records are gone: the model's Table, and the
// Child below it, where it is children that can't be deleted; the table By which a foreign
// key, the Constraint, points to them, or none where the database skips the statement; how
// many Rows, the ids of some Records, and whether they were Canceled instead.
type NotDeleted = report.NotDeleted

// RefusedRemoval is a refused removal that waits to be approved: its Scope, which is the
// key as text, its [Refusal], the remote IDs of the rows, and when it was refused, At.
type RefusedRemoval = report.RefusedRemoval

// Freshness is how the runs of a scope went. LastAttempt, LastSuccess and LastComplete
// are when the last such runs began. Unfinished and UnfinishedPass tell of one that did
// not end, Error is why the last one failed, and NotBefore when the remote may be asked
// again. A zero time means never.
type Freshness = report.Freshness

// ScopeFreshness is the [Freshness] of one scope of one model, as [Stale] yields it: its
// Model and Scope, which is the key as text, and the fields of Freshness. Quarantined is how
// many records are in quarantine, and Refused how many rows wait in refused removals.
type ScopeFreshness = report.ScopeFreshness

// Diff is what a check found. It prints as a table, has a JSON form, and can be applied
// by [Handle.Apply]. Its fields, as package report documents them:
//
//   - Model, Scope: what was compared; Compared: how many records the remote listed
//   - Missing: records without a row (ID, Object)
//   - Additional: rows that the remote does not list (ID, Row, Deleted, Verified)
//   - Changed: rows with other values (ID, Object, and Fields: Column, Local, Remote)
//   - Invalid: records that can't be mapped (ID, Error)
//   - Older: records that are older than their rows (ID)
//   - Doubt: why additional rows may exist remotely after all; "" where nothing speaks
//     for it
//
// For example:
//
//	diff, err := rentals.Check(ctx, synced.In(42))
//	for _, changed := range diff.Changed {
//		for _, field := range changed.Fields {
//			fmt.Println(changed.ID, field.Column, field.Local, field.Remote)
//		}
//	}
type Diff = report.Diff

// Difference is one finding, as [Handle.Differences] yields them. One of its fields is
// set: Missing, Additional, Changed, Invalid or Older; [Diff] has what is in each. Doubt
// says why an Additional row may exist remotely after all.
type Difference = report.Difference

// QuarantinedRecord is a record in quarantine: its Scope, ID and Object as received, the
// Error of the last attempt to map it, the number of Attempts, and when the First and
// the Last were made.
type QuarantinedRecord = report.Quarantined

// Error says where in a run something went wrong: Model, Scope ("account_id 42"), Page
// (0 when none was in hand), Record (its remote id), and the cause, Err, to which it
// unwraps. It reads as a path. For example:
//
//	if e, ok := errors.AsType[*synced.Error](err); ok && e.Record != "" {
//		log.Print("look at record ", e.Record, ": ", e.Err)
//	}
type Error = report.Error

// Kind is the kind of a [Change]: [Created], [Updated], [Removed] or [Restored].
type Kind = report.Kind

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
	// ErrNoAPI: neither the call, nor the scope, nor the declaration has an API.
	ErrNoAPI = report.ErrNoAPI
	// ErrNoSyncTime: no page brought a time to store. Nothing was written.
	ErrNoSyncTime = report.ErrNoSyncTime
	// ErrDeletionsUnknown: an incremental run with removal on, and a remote that lists
	// no deleted ids. Nothing was written.
	ErrDeletionsUnknown = report.ErrDeletionsUnknown
	// ErrNothingToReset: the next run asks for everything anyway.
	ErrNothingToReset = report.ErrNothingToReset
	// ErrDuplicateID: two different records of one page have the same id.
	ErrDuplicateID = report.ErrDuplicateID
	// ErrTooManyInvalid: more records can't be mapped than Quarantine.Limit allows.
	ErrTooManyInvalid = report.ErrTooManyInvalid
	// ErrStale: a row is no longer as the diff found it. Apply wrote nothing.
	ErrStale = report.ErrStale
	// ErrRunning: another run of the model and scope is under way.
	ErrRunning = report.ErrRunning
	// ErrUnknownPlan: the plan was approved already, or a later run replaced it.
	ErrUnknownPlan = report.ErrUnknownPlan
	// ErrNotFound: no row has the remote id.
	ErrNotFound = report.ErrNotFound
	// ErrLockLost: the run lost its lock to another, because its database connection
	// had broken or its lease had run out. It wrote nothing after that.
	ErrLockLost = store.ErrLockLost
)
