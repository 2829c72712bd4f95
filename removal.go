package synced

import (
	"context"
	"reflect"

	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/store"
)

// Removal is what happens to rows that are gone remotely. The zero Removal
// keeps them in a declaration, and leaves it to the declaration in a [Call].
type Removal struct {
	engine engine.Removal
	row    reflect.Type // what RemoveBy's function takes
}

var (
	// Keep removes nothing.
	Keep = Removal{engine: engine.Removal{Kind: engine.Keep}}
	// CancelOrDestroy cancels rows where the table has a column canceled_at, and
	// deletes them elsewhere.
	CancelOrDestroy = Removal{engine: engine.Removal{Kind: engine.CancelOrDestroy, Column: "canceled_at"}}
	// Destroy deletes rows.
	Destroy = Removal{engine: engine.Removal{Kind: engine.Destroy}}
)

// Cancel sets a column of rows to the time of their removal, and to null when
// the remote lists them again.
func Cancel(column string) Removal {
	return Removal{engine: engine.Removal{Kind: engine.Cancel, Column: column}}
}

// RemoveBy calls f with the rows to remove, up to 1,000 at a time, in the
// transaction that ends the run. What f leaves in the table is given to it again
// by the next complete run.
func RemoveBy[T any](f func(ctx context.Context, tx store.Tx, rows []*T) error) Removal {
	if f == nil {
		return Removal{row: reflect.TypeFor[T](), engine: engine.Removal{Kind: engine.Custom}}
	}
	return Removal{row: reflect.TypeFor[T](), engine: engine.Removal{Kind: engine.Custom,
		Func: func(ctx context.Context, tx store.Tx, rows []any) error {
			typed := make([]*T, len(rows))
			for i, row := range rows {
				typed[i] = row.(*T)
			}
			return f(ctx, tx, typed)
		}}}
}
