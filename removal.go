package synced

import (
	"context"
	"reflect"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// Removal is what happens to rows whose records are gone remotely: [KeepRows],
// [Destroy], [Cancel], [CancelOrDestroy] or [RemoveBy]. A setting that is zero in the
// removal of a [Call] is as declared.
//
// Limit is the largest share of a scope that a complete run may remove because the
// remote did not list it; of up to 100 rows, 20 may go in any case. It holds as well for
// what the remote says it deleted, in any run, of which 20 may go in any case.
// Defaults to 0.5; 1 sets no limit. Verify says which of those records the run asks for first.
// Defaults to [VerifyShifting].
type Removal interface{ removal() declare.Removal }

// KeepRows removes nothing.
type KeepRows struct{}

// Destroy deletes rows.
type Destroy struct {
	// Referenced is what happens to a row that a foreign key of another table points to,
	// one that neither cascades nor sets null: KeepRows{} leaves it, Cancel{Column: …}
	// cancels it. Result.NotDeleted names the table and the key in both cases, and the other
	// rows go. A later complete run tries again, but not to delete what is canceled. Keys
	// of the model's own children, translations, links and BelongsTo keep no row. Defaults
	// to KeepRows{}.
	Referenced Removal
	Limit      float64
	Verify     Verify
}

// Cancel sets a column of rows to the time of their removal, and to null when the
// remote lists them again; or to true and false, where it is a boolean.
type Cancel struct {
	// Column is the column to set, such as canceled_at. It must be given.
	Column string
	Limit  float64
	Verify Verify
}

// CancelOrDestroy cancels rows where the table has a column canceled_at, and
// deletes them elsewhere.
type CancelOrDestroy struct {
	Limit  float64
	Verify Verify
}

// RemoveBy removes rows by a function.
type RemoveBy[T any] struct {
	// Func is called with the rows to remove, up to 1,000 at a time, in the
	// transaction that ends the run. What it leaves in the table, the next complete run
	// gives it again. It must be given.
	Func   func(ctx context.Context, tx store.Tx, rows []*T) error
	Limit  float64
	Verify Verify
}

// Verify says which absent records are asked for by their ids before their rows are
// removed, where the API is a [remote.Getter], as rest.Client is. A record is gone if
// the API answers with remote.ErrNotFound, with a tombstone, or with another record;
// and only if it answers rightly for a control, a record that the run has just
// listed, before the first and after the last of them. What exists is written. What
// has no clear answer stays, and is told in Result.Refused. Up to 1,000 records are
// asked for one by one in a run, the others in the next runs; a [remote.ManyGetter] is
// asked for lists of ids, and for up to five of the records that they leave out one by
// one: if one exists, the lists have a filter, and each record is asked for.
type Verify int

const (
	// VerifyShifting asks where the list came on pages that are cut by position: a
	// record may go and another come while they are read, so that a third is on none
	// of them and the totals agree all the same. It asks as well where the list came on
	// one page, or ended with an empty one, which is all that some remotes show to those
	// who may not see the rest.
	// An API that is no Getter is believed, unless its list is proven to have shifted,
	// or to have no known end.
	VerifyShifting = Verify(model.VerifyShifting)
	// VerifyAlways asks for each absent record.
	VerifyAlways = Verify(model.VerifyAlways)
	// VerifyNever believes the list, unless it is proven to have shifted, or to have no
	// known end.
	VerifyNever = Verify(model.VerifyNever)
)

var (
	_ Removal = KeepRows{}
	_ Removal = Destroy{}
	_ Removal = Cancel{}
	_ Removal = CancelOrDestroy{}
	_ Removal = RemoveBy[struct{}]{}
)

func (KeepRows) removal() declare.Removal { return removal(model.Keep, "", 0, 0) }

func (r Destroy) removal() declare.Removal {
	settings := removal(model.Destroy, "", r.Limit, r.Verify)
	if referenced := removalOf(r.Referenced); referenced.Kind != model.Undecided {
		settings.Referenced, settings.Column = referenced.Kind, referenced.Column
	}
	return settings
}

func (r Cancel) removal() declare.Removal {
	return removal(model.Cancel, r.Column, r.Limit, r.Verify)
}

func (r CancelOrDestroy) removal() declare.Removal {
	return removal(model.CancelOrDestroy, "canceled_at", r.Limit, r.Verify)
}

func (r RemoveBy[T]) removal() declare.Removal {
	settings := removal(model.Custom, "", r.Limit, r.Verify)
	settings.Row = reflect.TypeFor[T]()
	if r.Func != nil {
		settings.Func = func(ctx context.Context, tx backend.Tx, rows []any) error {
			typed := make([]*T, len(rows))
			for i, row := range rows {
				typed[i] = row.(*T)
			}
			return backend.Handle(ctx, tx, func(ctx context.Context, own store.Tx) error { return r.Func(ctx, own, typed) })
		}
	}
	return settings
}

func removal(kind model.RemovalKind, column string, limit float64, verify Verify) declare.Removal {
	return declare.Removal{Removal: model.Removal{Kind: kind, Column: column, Limit: limit, Verify: model.Verify(verify)}}
}

// removalOf returns the settings of a choice, zero where none was made.
func removalOf(r Removal) declare.Removal {
	if declare.IsNil(r) {
		return declare.Removal{}
	}
	return r.removal()
}
