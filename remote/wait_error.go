package remote

import (
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/shown"
)

// WaitError is a request that may be made again after Until: nothing is wrong but
// the time. It matches [ErrBudgetSpent] where the remote's rate limit or our
// own is used up for longer than the request may wait, and [ErrCircuitOpen] where
// the host failed too often. It unwraps to the last answer where there was one.
type WaitError struct {
	// Until is by the client's Clock, and at most a day ahead.
	Until time.Time
	// Wait is how long that was when the error was made.
	Wait time.Duration
	// Err is the cause.
	Err error
}

// Error says why, and when to come back.
func (e *WaitError) Error() string {
	text := fmt.Sprintf("%v: come back after %s", e.Err, e.Until.UTC().Format(time.RFC3339))
	if e.Wait > 0 {
		text += fmt.Sprintf(" (in %v)", e.Wait.Round(time.Millisecond))
	}
	return shown.Text(text)
}

// Unwrap returns the cause.
func (e *WaitError) Unwrap() error { return e.Err }

// Is matches ErrBudgetSpent, unless the wait is for the circuit breaker.
func (e *WaitError) Is(target error) bool {
	return target == ErrBudgetSpent && !errors.Is(e.Err, ErrCircuitOpen)
}
