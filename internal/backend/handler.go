package backend

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/store"
)

// ErrInHandler is what begins a transaction that would wait for the end of the handler
// that wants it.
var ErrInHandler = errors.New("a handler, such as OnChange, wants another transaction of the store, whose only one that writes is its own: " +
	"write in the transaction that it was given, or when the run has ended")

// Handle calls a handler with what it gets of a transaction: it queries and executes,
// and cannot end it. The context knows that it is in there. Where the handler waited for
// something in vain, the error says that this may be the transaction itself.
func Handle(ctx context.Context, tx Tx, handler func(context.Context, store.Tx) error) error {
	err := handler(context.WithValue(ctx, handling{}, tx), Shown(tx))
	if err != nil && waited(err) {
		return fmt.Errorf("%w: the handler waited for something that its own run may hold, since the run's transaction is open until the handler returns: "+
			"the only connection of a pool, the write lock of SQLite, or rows: use the transaction that it was given, not another connection", err)
	}
	return err
}

// waited reports whether an error is the end of a wait: that of a context, of a database
// file that is locked, or of a statement or lock of PostgreSQL.
func waited(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "database is locked") {
		return true
	}
	coded, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	return ok && (coded.SQLState() == "55P03" || coded.SQLState() == "57014")
}

type handling struct{}

// Handling returns the transaction that a handler of this context is called in, or nil.
func Handling(ctx context.Context) Tx {
	tx, _ := ctx.Value(handling{}).(Tx)
	return tx
}

// handlerTx hides the methods of a [Tx] that are the run's.
type handlerTx struct{ store.Tx }

// Shown returns what a service gets of a transaction.
func Shown(tx Tx) store.Tx { return handlerTx{tx} }

// Whole returns the transaction that a handler's is a part of, and nil if it is
// not one of synced's.
func Whole(tx store.Tx) Tx {
	if h, ok := tx.(handlerTx); ok {
		tx = h.Tx
	}
	whole, _ := tx.(Tx)
	return whole
}
