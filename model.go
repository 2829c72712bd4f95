package synced

import (
	"context"
	"iter"
)

// Model is a declaration bound to a database. It is safe for concurrent use, as
// its database is. Its embedded [Handle] has the methods that don't return rows.
type Model[T any] struct {
	*Handle
}

// Find reads the row with a remote id: an integer, a string or a UUID, as the
// model's ids are. It returns [ErrNotFound] if there is none. With [NoScope], the
// row may be in any scope.
func (m *Model[T]) Find(ctx context.Context, scope Scope, remoteID any) (T, error) {
	var row T
	found, err := m.find(ctx, scope, remoteID)
	if err == nil {
		row = *found.(*T)
	}
	return row, err
}

// All reads the rows of a scope in the order of their remote ids, including
// canceled ones; with [NoScope], those of the table. A connection is held until the
// sequence ends or the loop breaks; rows with translations are read 500 at a time.
func (m *Model[T]) All(ctx context.Context, scope Scope) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for found, err := range m.all(ctx, scope) {
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
