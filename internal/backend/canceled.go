package backend

import (
	"time"

	"github.com/syncedgo/synced/store"
)

// IsCanceled is the condition that a row is canceled, of a table whose rows can be.
func (t *Table) IsCanceled() string {
	if t.Flag {
		return store.Quote(t.Canceled) + " IS TRUE"
	}
	return store.Quote(t.Canceled) + " IS NOT NULL"
}

// NotCanceled is the condition that a row is not canceled, of such a table.
func (t *Table) NotCanceled() string {
	if t.Flag {
		return store.Quote(t.Canceled) + " IS NOT TRUE"
	}
	return store.Quote(t.Canceled) + " IS NULL"
}

// Cancellation returns what the column of a canceled row holds.
func (t *Table) Cancellation(at time.Time) any {
	if t.Flag {
		return true
	}
	return Moment(at)
}

// Uncanceled is the column's value of a row that is not canceled, as SQL.
func (t *Table) Uncanceled() string {
	if t.Flag {
		return "false"
	}
	return "NULL"
}
