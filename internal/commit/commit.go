// Package commit has the transactions of a run: short, under the run's lock, and
// with what is left to do once one is committed.
package commit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/report"
)

// Work is where a run's transactions come from. It is used by one goroutine at a
// time.
type Work struct {
	DB backend.Store
	// Lock is checked in each transaction. It is nil where the run goes beside
	// others.
	Lock backend.Lock
	// List is what is told of the committed changes.
	List List
}

// Tx is one transaction of a run.
type Tx struct {
	backend.Tx
	outbox outbox
	after  []func()
	undo   []func()
	// changed are the rows that the list gets once they are committed.
	list    *List
	changed []report.ChangedRow
}

// After notes what to do once the transaction is committed.
func (t *Tx) After(do func()) { t.after = append(t.after, do) }

// Undo notes how to undo what work has changed in memory, where the transaction fails. The
// last is undone first.
func (t *Tx) Undo(do func()) { t.undo = append(t.undo, do) }

// Do runs work in a transaction: it checks the lock, appends what was published to
// the outbox as the last statements, and commits. Nothing stays of a transaction
// whose work fails or panics. Where it fails, what work changed in memory is undone. Where
// the database gives it up, for the sake of another transaction, work is called again.
func (w *Work) Do(ctx context.Context, work func(ctx context.Context, tx *Tx) error) error {
	return backend.Again(ctx, w.DB, func() error {
		tx := &Tx{list: &w.List}
		err := w.try(ctx, tx, work)
		if err != nil {
			tx.undone()
		}
		return err
	})
}

// undone undoes what work has changed in memory.
func (t *Tx) undone() {
	for _, do := range slices.Backward(t.undo) {
		do()
	}
}

// try runs work in a transaction, once.
func (w *Work) try(ctx context.Context, tx *Tx, work func(ctx context.Context, tx *Tx) error) error {
	defer tx.outbox.close()
	var err error
	if tx.Tx, err = w.DB.Begin(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	// Also when a function of the service's panics: the transaction must not stay.
	defer func() {
		if committed {
			return
		}
		clean, cancel := Cleanup(ctx)
		defer cancel()
		_ = tx.Rollback(clean)
	}()
	if w.Lock != nil {
		if err := w.Lock.Check(ctx, tx.Tx); err != nil {
			return fmt.Errorf("the lock of the run: %w", err)
		}
	}
	if err := work(ctx, tx); err != nil {
		return err
	}
	if err := tx.outbox.append(ctx, tx.Tx); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	w.List.Rows = append(w.List.Rows, tx.changed...)
	for _, do := range tx.after {
		do()
	}
	return nil
}

// Cleanup returns a context for what must be done also when the run's has ended, 5
// seconds long.
func Cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}
