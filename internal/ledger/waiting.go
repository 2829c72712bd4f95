package ledger

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const waiting = "{synced_waiting}"

// Waiting is a row whose parent is not here.
type Waiting struct {
	// Scope is the scope of the row, as text.
	Scope string
	// Column is the one that keeps the parent's local key once it is here.
	Column string
	// ID is the row's remote id, and Parent the parent's.
	ID, Parent string
}

// Await notes rows of a scope that wait for their parents. A row waits for one parent a
// column: the last one noted.
func Await(ctx context.Context, tx store.Tx, s Scope, list []Waiting) error {
	for some := range slices.Chunk(list, batch) {
		insert := squirrel.Insert(waiting).Columns(append(scopeColumns(), "column_name", "remote_id", "parent_id")...).
			Suffix("ON CONFLICT (model, scope_type, scope_id, column_name, remote_id) DO UPDATE SET parent_id = excluded.parent_id")
		for _, w := range some {
			insert = insert.Values(s.values(w.Column, w.ID, w.Parent)...)
		}
		if err := exec(ctx, tx, insert); err != nil {
			return err
		}
	}
	return nil
}

// EachWaiting calls found with each row of the scope that waits for a parent in a
// column. Parents, where not nil, are the only ones that count.
func EachWaiting(ctx context.Context, q backend.Querier, s Scope, column string, parents []backend.ID, found func(Waiting) error) error {
	query := eachWaiting(s).Where(squirrel.Expr("column_name = ?", column))
	if parents != nil {
		query = query.Where(anyText(q, "parent_id", parents))
	}
	return readWaiting(ctx, q, query, found)
}

// EachWaitingRow calls found with each parent that one of the rows waits for.
func EachWaitingRow(ctx context.Context, q backend.Querier, s Scope, ids []backend.ID, found func(Waiting) error) error {
	for some := range slices.Chunk(ids, batch) {
		if err := readWaiting(ctx, q, eachWaiting(s).Where(anyText(q, "remote_id", some)), found); err != nil {
			return err
		}
	}
	return nil
}

func eachWaiting(s Scope) squirrel.SelectBuilder {
	return squirrel.Select("scope_id", "column_name", "remote_id", "parent_id").From(waiting).Where(s.where())
}

func readWaiting(ctx context.Context, q backend.Querier, query store.SQL, found func(Waiting) error) error {
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		var w Waiting
		if err := rows.Scan(&w.Scope, &w.Column, &w.ID, &w.Parent); err != nil {
			return err
		}
		return found(w)
	})
}

// Arrived forgets the rows of the scope that waited for parents in a column.
func Arrived(ctx context.Context, tx backend.Tx, s Scope, column string, parents []backend.ID) error {
	for some := range slices.Chunk(parents, batch) {
		err := exec(ctx, tx, squirrel.Delete(waiting).Where(s.where()).Where(squirrel.Expr("column_name = ?", column)).Where(anyText(tx, "parent_id", some)))
		if err != nil {
			return err
		}
	}
	return nil
}

// DropWaiting forgets which parents rows wait for: in a column, or in any if it is "".
func DropWaiting(ctx context.Context, tx backend.Tx, s Scope, column string, ids []backend.ID) error {
	for some := range slices.Chunk(ids, batch) {
		statement := squirrel.Delete(waiting).Where(s.where()).Where(anyText(tx, "remote_id", some))
		if column != "" {
			statement = statement.Where(squirrel.Expr("column_name = ?", column))
		}
		if err := exec(ctx, tx, statement); err != nil {
			return err
		}
	}
	return nil
}
