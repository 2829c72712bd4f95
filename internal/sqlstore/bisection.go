package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
)

// bisection finds the rows of a page that the database refuses, by halves, and has
// the others written: a page without such a row costs nothing more.
type bisection struct{ *page }

// refusal is a row that the database refuses, and why.
type refusal struct {
	row int
	err error
}

// carefully runs statements for rows, in the order of their ids and as many at a time
// as a statement can carry: what one does is done, or not at all. It returns the
// rows that the database refuses, or the error about one that may not be left.
func (b bisection) carefully(ctx context.Context, which []int, columns int, run func(which []int) error) (refused []refusal, err error) {
	slices.SortFunc(which, b.byID)
	for some := range slices.Chunk(which, b.dialect.SourceRows(columns)) {
		more, err := b.careful(ctx, some, run)
		if err != nil {
			return nil, err
		}
		refused = append(refused, more...)
	}
	return refused, nil
}

// careful runs statements for the rows of one. What was refused is tried again in
// the end, since it may have waited for another row.
func (b bisection) careful(ctx context.Context, which []int, run func(which []int) error) ([]refusal, error) {
	refused, err := b.halve(ctx, which, run)
	if err != nil || len(refused) == 0 {
		return nil, err
	}
	if len(which) > 1 && len(refused) < len(which) {
		first := refused
		refused = nil
		for _, r := range first {
			again, err := b.halve(ctx, []int{r.row}, run)
			if err != nil {
				return nil, err
			}
			refused = append(refused, again...)
		}
	}
	for n, r := range refused {
		if refused[n], err = b.refuse(ctx, r.row, r.err); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// halve returns the rows that are refused, with the database's own errors. The first
// that may not be left is enough.
func (b bisection) halve(ctx context.Context, which []int, run func(which []int) error) ([]refusal, error) {
	err := b.try(ctx, func() error { return run(slices.Clone(which)) })
	_, told := errors.AsType[*backend.RefusedError](err)
	switch {
	case err == nil || told || !b.refused(err):
		return nil, err
	case len(which) == 1 && !b.records[which[0]].Quarantine:
		_, err := b.refuse(ctx, which[0], err)
		return nil, err
	case len(which) == 1:
		return []refusal{{which[0], err}}, nil
	}
	half := len(which) / 2
	first, err := b.halve(ctx, which[:half], run)
	if err != nil {
		return nil, err
	}
	second, err := b.halve(ctx, which[half:], run)
	return append(first, second...), err
}

// refuse says why the row of a record stays as it is, which columns are at fault, and
// what they were given. Where the record may not be left, that is the error.
func (b bisection) refuse(ctx context.Context, i int, cause error) (refusal, error) {
	refused := &backend.RefusedError{ID: b.records[i].ID, Err: cause}
	given := b.given(i)
	var value *valueError
	var err error
	if errors.As(cause, &value) {
		refused.Columns = []string{value.column}
	} else if _, ok := errors.AsType[skipped](cause); ok {
		return b.left(i, refused)
	} else if refused.Columns, err = b.conn.(Refuser).AtFault(ctx, b.t.Name, given, cause); err != nil {
		return refusal{}, fmt.Errorf("%w (and which column is at fault could not be told: %w)", cause, err)
	}
	refused.Columns = slices.DeleteFunc(refused.Columns, func(name string) bool { _, known := given[name]; return !known })
	for _, name := range refused.Columns {
		refused.Values = append(refused.Values, given[name])
	}
	return b.left(i, refused)
}

// left returns a refusal, as the error where the record may not be left.
func (b bisection) left(i int, refused *backend.RefusedError) (refusal, error) {
	if !b.records[i].Quarantine {
		return refusal{}, refused
	}
	return refusal{i, refused}, nil
}
