package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
)

// Refuser is a [Conn] that knows the errors of a database which refuses what a row
// holds: too long, out of range, against a constraint.
type Refuser interface {
	Refused(err error) bool
	// AtFault returns the columns of a table that such an error is about, none where
	// nothing tells. Values are what the columns of the row were given.
	AtFault(ctx context.Context, table string, values map[string]any, err error) ([]string, error)
}

// Trier is a [Conn] in whose transactions an error undoes all.
type Trier interface {
	// Try calls do, and undoes what it did if the database refuses it. It costs no
	// exchange unless that happens.
	Try(ctx context.Context, do func() error) error
}

// valueError is a value that can't be given to a database.
type valueError struct {
	column string
	err    error
}

func (e *valueError) Error() string { return e.err.Error() }
func (e *valueError) Unwrap() error { return e.err }

// refused reports whether an error is about what a row holds.
func (s Session) refused(err error) bool {
	var value *valueError
	if errors.As(err, &value) {
		return true
	}
	conn, ok := s.conn.(Refuser)
	return ok && err != nil && conn.Refused(err)
}

// try runs statements that the database may refuse, and that are undone then.
func (s Session) try(ctx context.Context, do func() error) error {
	if conn, ok := s.conn.(Trier); ok {
		return conn.Try(ctx, do)
	}
	return do()
}

// carefully runs statements for rows, in the order of their ids and as many at a time
// as a statement can carry: what one does is done, or not at all.
func (w *writer) carefully(ctx context.Context, which []int, columns int, run func(which []int) error) error {
	slices.SortFunc(which, w.byID)
	for some := range slices.Chunk(which, w.dialect.SourceRows(columns)) {
		if err := w.careful(ctx, some, run); err != nil {
			return err
		}
	}
	return nil
}

// careful runs statements for rows. Of rows that the database refuses, it finds
// which by halves, and has the others written: a page without such a row costs
// nothing more. What was refused is tried again in the end, since it may have
// waited for another row.
func (w *writer) careful(ctx context.Context, which []int, run func(which []int) error) error {
	var refused []refusal
	if err := w.halve(ctx, which, run, &refused); err != nil || len(refused) == 0 {
		return err
	}
	again := refused
	if len(which) > 1 && len(refused) < len(which) {
		again = nil
		for _, r := range refused {
			if err := w.halve(ctx, []int{r.row}, run, &again); err != nil {
				return err
			}
		}
	}
	for _, r := range again {
		if err := w.refuse(ctx, r.row, r.err); err != nil {
			return err
		}
	}
	return nil
}

// refusal is a row that the database refuses.
type refusal struct {
	row int
	err error
}

func (w *writer) halve(ctx context.Context, which []int, run func(which []int) error, refused *[]refusal) error {
	err := w.try(ctx, func() error { return run(slices.Clone(which)) })
	switch {
	case err == nil || !w.refused(err):
		return err
	case len(which) == 1:
		if *refused = append(*refused, refusal{which[0], err}); !w.page[which[0]].Quarantine {
			return w.refuse(ctx, which[0], err) // one is enough
		}
		return nil
	}
	half := len(which) / 2
	if err := w.halve(ctx, which[:half], run, refused); err != nil {
		return err
	}
	return w.halve(ctx, which[half:], run, refused)
}

// refuse leaves the row of a record as it is, or returns the error about it.
func (w *writer) refuse(ctx context.Context, i int, cause error) error {
	refused := &backend.RefusedError{ID: w.page[i].ID, Err: cause}
	given := w.given(i)
	var value *valueError
	var err error
	if errors.As(cause, &value) {
		refused.Columns = []string{value.column}
	} else if refused.Columns, err = w.conn.(Refuser).AtFault(ctx, w.t.Name, given, cause); err != nil {
		return fmt.Errorf("%w (and which column is at fault could not be told: %w)", cause, err)
	}
	refused.Columns = slices.DeleteFunc(refused.Columns, func(name string) bool { _, known := given[name]; return !known })
	for _, name := range refused.Columns {
		refused.Values = append(refused.Values, given[name])
	}
	if !w.page[i].Quarantine {
		return refused
	}
	w.outcomes[i] = backend.Outcome{Err: refused}
	return nil
}

// given returns what the columns of a row were given.
func (w *writer) given(i int) map[string]any {
	given := map[string]any{}
	for _, c := range w.inserted() {
		v, err := backend.Plain(c.value(i))
		if err != nil {
			v = "a value"
		}
		given[c.Name] = v
	}
	return given
}
