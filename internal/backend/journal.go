package backend

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// JournalTrigger is how the names of the triggers of package journal begin.
const JournalTrigger = "synced_journal"

// JournalRun marks what a run writes.
const JournalRun = "run"

// executor is what a transaction marks by.
type executor interface {
	Exec(ctx context.Context, statement store.SQL) (int64, error)
	Dialect() Dialect
}

// MarkJournal marks what the transaction writes from now on, for the triggers of package
// journal; "" is no mark.
func MarkJournal(ctx context.Context, tx executor, mark string) error {
	statement := squirrel.Sqlizer(squirrel.Expr("UPDATE {synced_journal_mark} SET mark = ?", mark))
	if tx.Dialect().Schemas() {
		statement = squirrel.Expr("SELECT set_config('synced.journal', ?, true)", mark)
	}
	_, err := tx.Exec(ctx, statement)
	return err
}

// AsRun calls do, which writes what a run writes, and marks it so if the table has a journal.
// A handler's own writes are not marked.
func AsRun(ctx context.Context, tx executor, journaled bool, do func() error) error {
	if !journaled {
		return do()
	}
	if err := MarkJournal(ctx, tx, JournalRun); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err // the run undoes its transaction
	}
	return MarkJournal(ctx, tx, "")
}

// JournalMark returns the mark of the transaction.
func JournalMark(ctx context.Context, tx Tx) (mark string, err error) {
	query := "SELECT mark FROM {synced_journal_mark}"
	if tx.Dialect().Schemas() {
		query = "SELECT coalesce(current_setting('synced.journal', true), '')"
	}
	rows, err := tx.Query(ctx, squirrel.Expr(query))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&mark)
	}
	if err == nil {
		err = rows.Err()
	}
	return mark, err
}
