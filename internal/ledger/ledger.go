// Package ledger keeps synced's own tables: how the runs of each scope went, and
// what they leave to the next ones. It holds all SQL of those tables but for the
// locks, which belong to the stores. A file is a table, or two that go together.
//
// Functions that read take a querier, those that write a transaction. They know
// no models: ids of records are text here, as the tables keep them.
package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// batch is how many rows a statement writes or deletes.
const batch = 1000

// exec runs a statement whose count does not matter.
func exec(ctx context.Context, tx store.Tx, statement store.SQL) error {
	_, err := tx.Exec(ctx, statement)
	return err
}

// put writes the row that a table has for a scope, whatever was there.
func put(ctx context.Context, tx store.Tx, table string, s Scope, columns []string, values ...any) error {
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + " = excluded." + c
	}
	return exec(ctx, tx, squirrel.Insert(table).Columns(append(scopeColumns(), columns...)...).Values(s.values(values...)...).
		Suffix("ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET "+strings.Join(set, ", ")))
}

// drop deletes the rows of a scope, and returns their number.
func drop(ctx context.Context, tx store.Tx, table string, s Scope) (int64, error) {
	return tx.Exec(ctx, squirrel.Delete(table).Where(s.where()))
}

// anyText is the condition that a column of text holds one of the ids.
func anyText(q backend.Querier, column string, ids []backend.ID) squirrel.Sqlizer {
	texts := make([]backend.ID, len(ids))
	for i, id := range ids {
		texts[i] = backend.TextID(id.String())
	}
	return q.Dialect().AnyID(column, backend.Text, texts)
}

// orNull is a time as a parameter; the zero time is null.
func orNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return backend.Moment(at)
}
