package remote

import (
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/shown"
)

// FormatError is an answer with a good status that can't be used: not JSON, cut short,
// too large, another envelope, a header that makes no sense. Credentials are left out of
// all its fields.
type FormatError struct {
	Method, URL string
	// Page counts from 1.
	Page int
	// Offset is where in the body the trouble is, in bytes.
	Offset int64
	// Reason says what is wrong.
	Reason string
	// Excerpt is a piece of the body around Offset, at most about 200 bytes of
	// valid UTF-8 on one line, escaped where it is not plain text. Empty where the body
	// is not at fault.
	Excerpt string
	// Err is the cause where there is one: [ErrTooLarge], [ErrNoRecords],
	// io.ErrUnexpectedEOF for a body cut short, or what the JSON decoder refused.
	Err error
}

// Error reads as a path, from the request to the reason.
func (e *FormatError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s", e.Method, e.URL, e.Reason)
	if e.Offset > 0 {
		fmt.Fprintf(&b, " (byte %d)", e.Offset)
	}
	if e.Excerpt != "" {
		b.WriteString(": " + e.Excerpt)
	}
	return shown.Text(b.String())
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }
