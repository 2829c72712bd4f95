package storetest

import (
	"context"
	"reflect"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/store"
)

// Options say how a [Model]'s table differs from one named rentals with a
// fingerprint and without scopes.
type Options struct {
	Table     string // defaults to rentals
	Scope     string
	ScopeKind backend.Kind // defaults to backend.Int
	Canceled  string
	Stamp     string
	Version   string
	// Unhashed tables have no fingerprint: rows are told apart by their columns.
	Unhashed bool
	// DDL replaces what Schema makes of the table.
	DDL func(schema string) string
}

// Model is a table with rows of type T, in the form in which a run hands it to a
// store. The table's remote id is in column synced_id.
type Model[T any] struct {
	DB    backend.Store
	Table *backend.Table
}

// Create creates a model's table and reads it back, as synced.New does.
func Create[T any](t testing.TB, db backend.Store, o Options) *Model[T] {
	t.Helper()
	return &Model[T]{db, createTable(t, db, reflect.TypeFor[T](), o)}
}

func createTable(t testing.TB, db backend.Store, typ reflect.Type, o Options) *backend.Table {
	t.Helper()
	plan, err := plan.New(typ, plan.Options{IDColumn: "synced_id"})
	require.NoError(t, err)
	table := &backend.Table{
		Name: o.Table, ID: "synced_id", IDKind: plan.IDKind(), Scope: o.Scope, ScopeKind: o.ScopeKind,
		Hash: "synced_hash", Data: plan.DataColumn(), Canceled: o.Canceled, Stamp: o.Stamp, Version: o.Version, New: plan.NewRow,
	}
	if table.Name == "" {
		table.Name = "rentals"
	}
	if table.ScopeKind == 0 {
		table.ScopeKind = backend.Int
	}
	plan.Manage(o.Canceled)
	table.Columns = plan.Columns()
	ddl := db.Dialect().Schema(table, backend.AllParts)
	if o.DDL != nil {
		ddl = o.DDL(ddl)
	}
	Exec(t, db, ddl)

	found, err := db.Describe(t.Context(), table.Name)
	require.NoError(t, err)
	require.NoError(t, plan.Bind(found))
	table.Columns, table.IDKind = plan.Columns(), plan.IDKind()
	if c, ok := found.Column(o.Scope); ok {
		table.ScopeType = c.Type
	}
	if o.Unhashed {
		table.Hash = ""
	}
	return table
}

// Exec runs a statement in its own transaction.
func Exec(t testing.TB, db backend.Store, sql string, args ...any) {
	t.Helper()
	tx := begin(t, db)
	_, err := tx.Exec(t.Context(), squirrel.Expr(sql, args...))
	require.NoError(t, err, sql)
	require.NoError(t, tx.Commit(t.Context()))
}

// begin begins a transaction that ends with the test at the latest.
func begin(t testing.TB, db backend.Store) backend.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

// Record returns a record on its way into the table, as a remote object with that
// fingerprint makes it.
func (m *Model[T]) Record(hash int64, value T) backend.Record {
	row := m.Table.New()
	*row.Value.(*T) = value
	return record(m.Table, hash, row)
}

func record(table *backend.Table, hash int64, row backend.Row) backend.Record {
	r := backend.Record{Hash: hash, Mapper: backend.MapFunc(func() (backend.Row, error) { return row, nil })}
	for i, c := range table.Columns {
		if c.Name != table.ID {
			continue
		}
		id, err := backend.Plain(row.Pointers[i])
		if err != nil {
			panic(err)
		}
		if n, ok := id.(int64); ok {
			r.ID = backend.IntID(n)
		} else {
			r.ID = backend.TextID(id.(string))
		}
	}
	return r
}

// Write writes a page in its own transaction.
func (m *Model[T]) Write(t testing.TB, scope any, page ...backend.Record) []backend.Outcome {
	t.Helper()
	tx := begin(t, m.DB)
	outcomes, err := tx.Write(t.Context(), m.Table, scope, page)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, outcomes, len(page))
	return outcomes
}

// Changes writes a page and returns what became of each row.
func (m *Model[T]) Changes(t testing.TB, scope any, page ...backend.Record) []backend.Change {
	t.Helper()
	var list []backend.Change
	for _, o := range m.Write(t, scope, page...) {
		list = append(list, o.Change)
	}
	return list
}

// Same reports which rows are stored as they are given, in the order of the page.
func (m *Model[T]) Same(t testing.TB, scope any, page ...backend.Record) []bool {
	t.Helper()
	ids, rows := make([]backend.ID, len(page)), make([]backend.Row, len(page))
	for i, r := range page {
		var err error
		ids[i] = r.ID
		rows[i], err = r.Map()
		require.NoError(t, err)
	}
	same, err := m.DB.Same(t.Context(), m.Table, scope, ids, rows)
	require.NoError(t, err)
	return same
}

// Look returns how the rows of a page are stored.
func (m *Model[T]) Look(t testing.TB, scope any, page ...backend.Record) []backend.Look {
	t.Helper()
	looks, err := m.DB.Look(t.Context(), m.Table, scope, page)
	require.NoError(t, err)
	return looks
}

// All reads the rows that have a remote id, in its order.
func (m *Model[T]) All(t testing.TB) []T {
	t.Helper()
	var list []T
	for _, row := range stored(t, m.DB, m.Table) {
		list = append(list, *row.Value.(*T))
	}
	return list
}

// One reads the only row.
func (m *Model[T]) One(t testing.TB) T {
	t.Helper()
	list := m.All(t)
	require.Len(t, list, 1)
	return list[0]
}

// stored reads the rows of a table that have a remote id, in its order.
func stored(t testing.TB, q store.Querier, table *backend.Table) []backend.Row {
	t.Helper()
	var list []backend.Row
	query := squirrel.Select(table.Selected()...).From(store.Quote(table.Name)).Where(table.Where(nil)).OrderBy(store.Quote(table.ID))
	require.NoError(t, store.Each(t.Context(), q, query, func(rows store.Rows) error {
		_, row, _, err := table.Scan(rows)
		list = append(list, row)
		return err
	}))
	return list
}

// Value reads the only column of the only row of a query.
func Value[V any](t testing.TB, q store.Querier, sql string, args ...any) V {
	t.Helper()
	rows, err := q.Query(t.Context(), squirrel.Expr(sql, args...))
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next(), "no row: %v", rows.Err())
	var v V
	require.NoError(t, rows.Scan(&v))
	require.False(t, rows.Next(), "more than one row")
	require.NoError(t, rows.Err())
	return v
}
