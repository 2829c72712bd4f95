package report

import (
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/shown"
)

// Error says where in a run something went wrong. It reads as a path: model,
// scope, page, record, cause, in which what is the remote's stands escaped where it is
// not plain text. It unwraps to the cause.
type Error struct {
	Model  string
	Scope  string // "account_id 42"; "" for a model without scopes
	Page   int    // 0 when no page was in hand
	Record string // remote id, or "no. 3" where it is not known; "" when none was in hand
	Err    error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("synced: " + e.Model)
	if e.Scope != "" {
		b.WriteString(" (" + e.Scope + ")")
	}
	if e.Page > 0 {
		fmt.Fprintf(&b, ": page %d", e.Page)
	}
	if e.Record != "" {
		b.WriteString(": record " + e.Record)
	}
	return shown.Text(b.String() + ": " + e.Err.Error())
}

func (e *Error) Unwrap() error { return e.Err }

// What callers branch on, with errors.Is. store.ErrLockLost, which a run returns
// that lost its lock, is another.
var (
	// ErrNoAPI is the error of a run where neither the call, nor the scope, nor the
	// declaration has an API.
	ErrNoAPI = errors.New("no API to ask: give one in the declaration (API or APIFor) or in the call")
	// ErrNoSyncTime is the error of a run whose first page brought no time to store,
	// nor did any declared fallback. Nothing was written.
	ErrNoSyncTime = errors.New("the first page brings no time to store: name where the API tells its clock with rest.Config.SyncedAtPath or SyncedAtHeader, and check the spelling; or declare where the time comes from with strategy.UpdatedSince.Fallbacks")
	// ErrDeletionsUnknown is the error of an incremental run with removal on whose
	// remote lists no deleted ids. Nothing was written.
	ErrDeletionsUnknown = errors.New("deletions cannot be known: the remote lists no deleted ids; declare a Tombstone, use strategy.Full, or declare no removal and let complete runs remove (Call.Remove)")
	// ErrNothingToReset is the error of a Reset where the next run asks for
	// everything anyway.
	ErrNothingToReset = errors.New("nothing to reset")
	// ErrDuplicateID is the error of a page with two different records that have one
	// id. Most likely, the declared attribute is not the id.
	ErrDuplicateID = errors.New("two different records of one page have the same remote id")
	// ErrTooManyInvalid is the error of a run with more records that can't be mapped
	// than the quarantine's Limit.
	ErrTooManyInvalid = errors.New("too many records can't be mapped")
	// ErrStale is the error of an Apply where a row is no longer as the [Diff] found
	// it. Nothing was written.
	ErrStale = errors.New("not as it was when the diff was made")
	// ErrRunning is the error of a run while another of the same model and scope is
	// under way, in this process or another.
	ErrRunning = errors.New("another run of this model and scope is under way")
	// ErrUnknownPlan is the error of an ApproveRemoval of a plan that was approved
	// already, or is no longer what the last run found.
	ErrUnknownPlan = errors.New("no such refused removal")
	// ErrNotFound is the error of a Find where no row has the remote id.
	ErrNotFound = errors.New("no such row")
)
