package write

import (
	"maps"

	"github.com/syncedgo/synced/internal/commit"
)

// journal notes what a transaction changes in a writer, so that it can be undone for
// another try.
type journal struct {
	in   *commit.Tx // the transaction, nil outside of one
	undo []func()
}

// note notes how to undo a change, in a transaction.
func (j *journal) note(undo func()) {
	if j.in != nil {
		j.undo = append(j.undo, undo)
	}
}

// put sets what a map has for a key.
func put[K comparable, V any](j *journal, m map[K]V, key K, v V) {
	restore(j, m, key)
	m[key] = v
}

// drop deletes what a map has for a key.
func drop[K comparable, V any](j *journal, m map[K]V, key K) {
	if _, had := m[key]; had { // else there is nothing to undo: two allocations less of each record
		restore(j, m, key)
		delete(m, key)
	}
}

func restore[K comparable, V any](j *journal, m map[K]V, key K) {
	switch before, had := m[key]; {
	case j.in == nil:
	case had:
		j.note(func() { m[key] = before })
	default:
		j.note(func() { delete(m, key) })
	}
}

// begin has what the writer knows go back to how it is now, if the transaction is
// tried again.
func (w *Writer) begin(tx *commit.Tx) {
	if w.journal.in == tx {
		return
	}
	w.journal = journal{in: tx, undo: w.journal.undo[:0]}
	w.Listing.Mark()
	w.claims.listed.Mark()
	by, number := w.claims.by, w.claims.number
	w.claims.by = maps.Clone(by)
	tx.After(func() {
		w.journal.in = nil
		w.Listing.Keep()
		w.claims.listed.Keep()
	})
	tx.Undo(func() {
		w.journal.in = nil
		for i := len(w.journal.undo) - 1; i >= 0; i-- {
			w.journal.undo[i]()
		}
		w.Listing.Undo()
		w.claims.listed.Undo()
		w.claims.by, w.claims.number = by, number
	})
}
