package engine

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/store"
)

// absent lists the rows of the scope that are not in seen, and counts all. Where
// removal cancels, cancelled rows are not among them.
func (m *Model) absent(ctx context.Context, q backend.Querier, scope any, how Removal, seen func(uint64) bool) (absent []backend.ID, all int, err error) {
	query := squirrel.Select(m.Table.Selected()[0]).From(store.Quote(m.Table.Name)).Where(m.removable(scope, how))
	err = m.eachID(ctx, q, query, m.Table.IDKind, func(id backend.ID) {
		all++
		if !seen(idset.Key(id)) {
			absent = append(absent, id)
		}
	})
	return absent, all, err
}

// removable is the condition for the rows that may be removed.
func (m *Model) removable(scope any, how Removal) squirrel.And {
	where := m.Table.Where(scope)
	if how.Kind == Cancel {
		where = append(where, squirrel.Expr(store.Quote(how.Column)+" IS NULL"))
	}
	return where
}

// count counts the rows of the scope that may be removed, and those of them that
// have one of the ids.
func (m *Model) count(ctx context.Context, q backend.Querier, scope any, how Removal, ids []backend.ID) (all, some int, err error) {
	counting := squirrel.Select("count(*)").From(store.Quote(m.Table.Name)).Where(m.removable(scope, how))
	having := counting.Where(q.Dialect().AnyID(store.Quote(m.Table.ID), m.Table.IDKind, ids))
	err = store.Each(ctx, q, squirrel.Expr("SELECT (?), (?)", counting, having), func(rows store.Rows) error { return rows.Scan(&all, &some) })
	return all, some, err
}

// eachID reads a query of one column of ids.
func (m *Model) eachID(ctx context.Context, q backend.Querier, query squirrel.Sqlizer, kind backend.Kind, found func(backend.ID)) error {
	dest := backend.NewID(kind)
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		if err := rows.Scan(dest); err != nil {
			return err
		}
		found(backend.IDOf(dest))
		return nil
	})
}

// loaded is a row as it is stored.
type loaded struct {
	id       backend.ID
	rec      backend.Row
	nulls    []bool
	canceled bool
}

// batch is how many rows are read or removed at a time.
const batch = 1000

// load reads rows by their ids, and calls found with each. In a transaction it
// locks them: they stay as they are found until it ends.
func (m *Model) load(ctx context.Context, q backend.Querier, scope any, ids []backend.ID, found func(loaded) error) error {
	query := m.selecting().Where(q.Dialect().Rows(m.Table, scope, ids))
	if _, writes := q.(backend.Tx); writes {
		query = query.Suffix(q.Dialect().Lock())
	}
	return m.read(ctx, q, query, found)
}

// selecting is the query for rows, as read reads them.
func (m *Model) selecting() squirrel.SelectBuilder {
	canceled := "false"
	if m.Table.Canceled != "" {
		canceled = store.Quote(m.Table.Canceled) + " IS NOT NULL"
	}
	return squirrel.Select(append(m.Table.Selected(), canceled)...).From(store.Quote(m.Table.Name))
}

func (m *Model) read(ctx context.Context, q backend.Querier, query squirrel.Sqlizer, found func(loaded) error) error {
	return store.Each(ctx, q, query, func(rows store.Rows) (err error) {
		var l loaded
		if l.id, l.rec, l.nulls, err = m.Table.Scan(rows, &l.canceled); err != nil {
			return err
		}
		return found(l)
	})
}
