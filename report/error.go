package report

import (
	"errors"
	"fmt"
	"strings"
)

// Error says where in a run something went wrong. It reads as a path: model,
// scope, page, record, cause.
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
	return b.String() + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// What callers branch on.
var (
	ErrNoAPI = errors.New("nobody to ask: give an API in the declaration (API or APIFor) or in the call")

	ErrNoSyncTime = errors.New("the first page brings no time to store: declare where it comes from with strategy.UpdatedSince.Fallbacks")

	ErrDeletionsUnknown = errors.New("deletions cannot be known: the remote lists no deleted ids; declare a Tombstone, turn removal off, or use strategy.Full")

	ErrNothingToReset = errors.New("nothing to reset")

	ErrDuplicateID = errors.New("two different records of one page have the same remote id")

	ErrTooManyInvalid = errors.New("too many records can't be mapped")

	ErrStale = errors.New("not as it was when the diff was made")

	ErrRunning = errors.New("another run of this model and scope is under way")

	ErrUnknownPlan = errors.New("no such refused removal")

	ErrNotFound = errors.New("no such row")
)
