package synced

import (
	"context"
	"iter"

	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/store"
)

// Model is a declaration bound to a database. It is safe for concurrent use, as
// its database is. Its embedded [Handle] has the methods that don't return rows.
type Model[T any] struct {
	*Handle
}

// New binds a declaration to a database. It fills in the defaults, makes the
// plan from T to columns, and compares the plan with the table; a mistake is an
// error that names the model, the field, and what to do. It reads from the database
// and writes nothing, but for the times that it takes over (see timestamp.Gem).
func New[T any](ctx context.Context, db store.Store, declaration Synced[T]) (*Model[T], error) {
	h, err := handle(declaration.erase().Bind(ctx, db))
	if err != nil {
		return nil, err
	}
	return &Model[T]{Handle: h}, nil
}

// bound returns the declaration behind the model; nil where there is none.
func (m *Model[T]) bound() *declare.Bound {
	if m == nil {
		return nil
	}
	return m.declared
}

// Find reads the row with a remote id. It returns [ErrNotFound] if there is none.
// With [NoScope], the row may be in any scope.
//
// The id may have another type than the model's: an integer, its digits in a string or
// a json.Number, or a float64 without a fraction stand for an integer, and its digits
// where ids are strings. A UUID may be in any spelling, or a [16]byte. What has a
// MarshalJSON method stands for the number or string that it gives. Anything else is an
// error.
func (m *Model[T]) Find(ctx context.Context, scope Scope, remoteID any) (T, error) {
	var row T
	found, err := find(ctx, m.Handle, scope, remoteID)
	if err == nil {
		row = *found.(*T)
	}
	return row, err
}

// All reads the rows of a scope in the order of their remote ids, including
// canceled ones; with [NoScope], those of the table. A connection is held until the
// sequence ends or the loop breaks. Rows with translations, and those of a store that
// has one connection, are read 500 at a time, and none is held: the loop may use the
// store.
func (m *Model[T]) All(ctx context.Context, scope Scope) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for found, err := range all(ctx, m.Handle, scope) {
			var row T
			if err == nil {
				row = *found.(*T)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
