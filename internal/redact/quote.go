package redact

import (
	"strings"

	"github.com/syncedgo/synced/remote"
)

// unsaid stands where an error would quote what rules may concern.
const unsaid = "[not quoted: it may have what Redact takes out]"

// unquoted returns an error without what it quotes of bodies: all of an answer that can't be
// read, and of one with an error status what names something that the rules concern.
func (r *Redactor) unquoted(err error) error {
	if err == nil {
		return nil
	}
	var quoted []string
	hide := func(excerpt *string, instead string) {
		if *excerpt != "" {
			quoted = append(quoted, *excerpt)
			*excerpt = instead
		}
	}
	each(err, func(err error) {
		switch e := err.(type) {
		case *remote.FormatError:
			hide(&e.Excerpt, "")
		case *remote.Error:
			if r.concerns([]byte(e.Excerpt)) {
				hide(&e.Excerpt, unsaid)
			}
		}
	})
	text := err.Error()
	clean := text
	for _, excerpt := range quoted {
		clean = strings.ReplaceAll(clean, excerpt, unsaid) // where another error's text has it
	}
	if clean == text {
		return err
	}
	return &unquotedError{clean, err}
}

// unquotedError has the text of an error without what that quotes.
type unquotedError struct {
	text string
	err  error
}

func (e *unquotedError) Error() string { return e.text }
func (e *unquotedError) Unwrap() error { return e.err }

// each calls a function with an error and all that it wraps.
func each(err error, f func(error)) {
	f(err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			each(inner, f)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			each(inner, f)
		}
	}
}
