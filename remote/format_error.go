package remote

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// FormatError is a good status with an answer that can't be used: not JSON, cut
// short, too large, another envelope, a header that makes no sense. Credentials
// are left out of all its fields.
type FormatError struct {
	Method, URL string
	// Page counts from 1.
	Page int
	// Offset is where in the body the trouble is, in bytes.
	Offset int64
	// Reason says what is wrong.
	Reason string
	// Excerpt is a piece of the body around Offset, at most about 200 bytes of
	// valid UTF-8 on one line. Empty where the body is not at fault.
	Excerpt string
	// Err is the cause where there is one: [ErrTooLarge], [ErrNoRecords],
	// io.ErrUnexpectedEOF for a body cut short, or a *jsontext.SyntacticError.
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
	return b.String()
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// cutShort is the reason where a body ends too early.
const cutShort = "the body is cut short"

// invalidJSON describes what the JSON decoder refused.
func invalidJSON(err error) *FormatError {
	e := &FormatError{Reason: "invalid JSON: " + err.Error(), Err: err}
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok:
		return e
	case syntax.Err == io.ErrUnexpectedEOF:
		e.Reason = cutShort
	case syntax.JSONPointer != "":
		e.Reason = fmt.Sprintf("invalid JSON at %s: %v", syntax.JSONPointer, syntax.Err)
	default:
		e.Reason = fmt.Sprintf("invalid JSON: %v", syntax.Err)
	}
	e.Offset = syntax.ByteOffset
	return e
}
