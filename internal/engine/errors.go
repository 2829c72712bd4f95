package engine

import (
	"errors"
	"fmt"

	"github.com/syncedgo/synced/report"
)

// recordError carries the record at fault through a store.
type recordError struct {
	record string
	err    error
}

func (e *recordError) Error() string { return "record " + e.record + ": " + e.err.Error() }
func (e *recordError) Unwrap() error { return e.err }

// fail puts an error into the run's path.
func (r *run) fail(page int, err error) error {
	if err == nil {
		return nil
	}
	if _, known := err.(*report.Error); known {
		return err
	}
	e := &report.Error{Model: r.m.Table.Name, Scope: r.m.scopeName(r.call.Scope), Page: page, Err: err}
	var record *recordError
	if errors.As(err, &record) {
		e.Record, e.Err = record.record, record.err
	}
	return e
}

// scopeName is how errors name a scope.
func (m *Model) scopeName(scope any) string {
	if scope == nil || m.Table.Scope == "" {
		return ""
	}
	return fmt.Sprintf("%s %v", m.Table.Scope, scope)
}

// Fail puts an error into the path of a model and scope.
func (m *Model) Fail(scope any, err error) error {
	return (&run{m: m, call: Call{Scope: scope}}).fail(0, err)
}
