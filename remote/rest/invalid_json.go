package rest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// cutShort is the reason where a body ends too early.
const cutShort = "the body is cut short"

// invalidJSON describes what the JSON decoder refused.
func invalidJSON(err error) *remote.FormatError {
	e := &remote.FormatError{Reason: "invalid JSON: " + err.Error(), Err: err}
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
	e.Reason, e.Offset = short(e.Reason), syntax.ByteOffset
	return e
}

// mostShown is how many bytes of what a body holds stand in an error.
const mostShown = 300

// short cuts a text that has names of the remote's in it, which may be of any length.
func short(text string) string {
	if len(text) <= mostShown {
		return text
	}
	return strings.ToValidUTF8(text[:mostShown], "") + "…"
}
