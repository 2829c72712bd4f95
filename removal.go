package synced

import (
	"context"
	"reflect"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// Removal is what happens to rows that are gone remotely. The zero Removal
// keeps them in a declaration, and leaves it to the declaration in a [Call].
type Removal struct {
	engine model.Removal
	row    reflect.Type // what RemoveBy's function takes
}

var (
	// Keep removes nothing.
	Keep = Removal{engine: model.Removal{Kind: model.Keep}}
	// CancelOrDestroy cancels rows where the table has a column canceled_at, and
	// deletes them elsewhere.
	CancelOrDestroy = Removal{engine: model.Removal{Kind: model.CancelOrDestroy, Column: "canceled_at"}}
	// Destroy deletes rows.
	Destroy = Removal{engine: model.Removal{Kind: model.Destroy}}
)

// Verify says which absent records are asked for by their ids before their rows
// are removed, where the API is a [remote.Getter], as rest.Client is: only what
// it answers with remote.ErrNotFound is gone, and what it has is written. Up to
// 1,000 records are asked for one by one in a run, the others in the next runs; a
// [remote.ManyGetter] is asked for lists of ids.
type Verify int

const (
	// VerifyShifting asks where the list came on several pages that are cut by
	// position: a record may go and another come while the pages are read, so that
	// a third is on none of them and the totals agree all the same. An API that is
	// no Getter is believed.
	VerifyShifting = Verify(model.VerifyShifting)
	// VerifyAlways asks for each absent record.
	VerifyAlways = Verify(model.VerifyAlways)
	// VerifyNever believes the list.
	VerifyNever = Verify(model.VerifyNever)
)

// Cancel sets a column of rows to the time of their removal, and to null when
// the remote lists them again.
func Cancel(column string) Removal {
	return Removal{engine: model.Removal{Kind: model.Cancel, Column: column}}
}

// RemoveBy calls f with the rows to remove, up to 1,000 at a time, in the
// transaction that ends the run. What f leaves in the table is given to it again
// by the next complete run.
func RemoveBy[T any](f func(ctx context.Context, tx store.Tx, rows []*T) error) Removal {
	if f == nil {
		return Removal{row: reflect.TypeFor[T](), engine: model.Removal{Kind: model.Custom}}
	}
	return Removal{row: reflect.TypeFor[T](), engine: model.Removal{Kind: model.Custom,
		Func: func(ctx context.Context, tx backend.Tx, rows []any) error {
			typed := make([]*T, len(rows))
			for i, row := range rows {
				typed[i] = row.(*T)
			}
			return f(ctx, backend.ForHandler(tx), typed)
		}}}
}
