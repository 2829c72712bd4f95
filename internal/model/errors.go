package model

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/internal/shown"
	"github.com/syncedgo/synced/report"
)

// RecordError carries the record at fault through a store.
type RecordError struct {
	Record string
	Err    error
}

func (e *RecordError) Error() string {
	return shown.Text("record " + e.Record + ": " + e.Err.Error())
}
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
func Reason(ctx context.Context, err error) string {
	for record := (*RecordError)(nil); errors.As(err, &record); {
		err = record.Err
	}
	return Shown(ctx, err)
}

// Hide takes the credentials that a context was told of out of an error's text, and
// out of the record that it names.
func Hide(ctx context.Context, err error) error {
	texts := secret.Of(ctx)
	switch e := err.(type) {
	case *report.Error:
		hidden := *e
		hidden.Record, hidden.Err = texts.In(e.Record), texts.Error(e.Err)
		return &hidden
	case *RecordError:
		return &RecordError{Record: texts.In(e.Record), Err: texts.Error(e.Err)}
	}
	return texts.Error(err)
}

// Shown returns an error as others quote it: in one line, short, and without the
// credentials that a context was told of.
func Shown(ctx context.Context, err error) string {
	const most = 500
	line := strings.Join(strings.Fields(strings.ReplaceAll(Hide(ctx, err).Error(), "\x00", "\u2400")), " ")
	text := []rune(shown.Text(line))
	if len(text) > most {
		text = append(text[:most-1], '…')
	}
	return string(text)
}
