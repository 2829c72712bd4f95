package backend

import (
	"context"
	"errors"

	"github.com/syncedgo/synced/store"
)

// ErrInHandler is what begins a transaction that would wait for the end of the handler
// that wants it.
var ErrInHandler = errors.New("a handler, such as OnChange, wants another transaction of the store, whose only one that writes is its own: " +
	"write in the transaction that it was given, or when the run has ended")

// ForHandler returns what a handler gets of a transaction: it queries and executes,
// and cannot end it. The context knows that it is in there.
func ForHandler(ctx context.Context, tx Tx) (context.Context, store.Tx) {
	return context.WithValue(ctx, handling{}, tx), handlerTx{tx}
}

type handling struct{}

// Handling returns the transaction that a handler of this context is called in, or nil.
func Handling(ctx context.Context) Tx {
	tx, _ := ctx.Value(handling{}).(Tx)
	return tx
}

// handlerTx hides the methods of a [Tx] that are the run's.
type handlerTx struct{ store.Tx }

// Whole returns the transaction that a handler's is a part of, and nil if it is
// not one of synced's.
func Whole(tx store.Tx) Tx {
	if h, ok := tx.(handlerTx); ok {
		tx = h.Tx
	}
	whole, _ := tx.(Tx)
	return whole
}
