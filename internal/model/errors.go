package model

import (
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/report"
)

// RecordError carries the record at fault through a store.
type RecordError struct {
	Record string
	Err    error
}

func (e *RecordError) Error() string { return "record " + e.Record + ": " + e.Err.Error() }
func (e *RecordError) Unwrap() error { return e.Err }

// Fail puts an error into the path of a model and scope.
func (m *Model) Fail(scope any, err error) error { return m.FailPage(scope, 0, err) }

// FailPage puts an error into the path of a model, a scope and a page, 0 where no
// page was in hand. Nil stays nil.
func (m *Model) FailPage(scope any, page int, err error) error {
	if err == nil {
		return nil
	}
	if _, known := err.(*report.Error); known {
		return err
	}
	e := &report.Error{Model: m.Table.Name, Scope: m.ScopeName(scope), Page: page, Err: err}
	if record, ok := errors.AsType[*RecordError](err); ok {
		e.Record, e.Err = record.Record, record.Err
	}
	return e
}

// ScopeName returns how errors name a scope.
func (m *Model) ScopeName(scope any) string {
	if scope == nil || m.Table.Scope == "" {
		return ""
	}
	return fmt.Sprintf("%s %v", m.Table.Scope, scope)
}

// Reason returns why a record can't be mapped, without the path to it.
func Reason(err error) string {
	for record := (*RecordError)(nil); errors.As(err, &record); {
		err = record.Err
	}
	return Shown(err)
}

// Shown returns an error as others quote it: in one line, and short.
func Shown(err error) string {
	const most = 500
	text := []rune(strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "\uFFFD"), "\x00", "\u2400")), " "))
	if len(text) > most {
		text = append(text[:most-1], '…')
	}
	return string(text)
}
