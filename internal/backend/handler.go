package backend

import "github.com/syncedgo/synced/store"

// ForHandler returns what a handler gets of a transaction: it queries and executes,
// and cannot end it.
func ForHandler(tx Tx) store.Tx { return handlerTx{tx} }

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
