package harness

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/store"
)

// Model creates the table of a declaration and binds it. The API defaults to the
// bundle's.
func Model[T any](t testing.TB, b *Bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	if d.API == nil && d.APIFor == nil {
		d.API = b.API
	}
	require.NoError(t, d.CreateTable(context.Background(), b.DB))
	return Bind(t, b, d)
}

// Bind binds a declaration to a table that exists. The API defaults to the
// bundle's.
func Bind[T any](t testing.TB, b *Bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	if d.API == nil && d.APIFor == nil {
		d.API = b.API
	}
	m, err := synced.New(context.Background(), b.DB, d)
	require.NoError(t, err)
	return m
}

// Unguarded creates the table of a declaration without a column for the
// fingerprint, like a table that a service had before, and binds it.
func Unguarded[T any](t testing.TB, b *Bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	require.NoError(t, d.CreateTable(context.Background(), b.DB))
	found, err := b.DB.Describe(context.Background(), d.Table)
	require.NoError(t, err)
	require.Len(t, found.Triggers, 1)
	if b.Pool == nil {
		b.Execute(t, "DROP TRIGGER "+store.Quote(found.Triggers[0]))
		b.Execute(t, "DROP INDEX "+store.Quote(d.Table+"_synced_hash"))
	} else {
		b.Execute(t, "DROP TRIGGER "+store.Quote(found.Triggers[0])+" ON "+store.Quote(d.Table))
	}
	b.Execute(t, "ALTER TABLE "+store.Quote(d.Table)+" DROP COLUMN synced_hash")
	return Bind(t, b, d)
}

// All reads all rows of a model.
func All[T any](t testing.TB, m *synced.Model[T]) []T {
	t.Helper()
	var list []T
	for row, err := range m.All(context.Background(), synced.NoScope) {
		require.NoError(t, err)
		list = append(list, row)
	}
	return list
}

// Names reads the names of a scope's rows, in the order of their remote ids.
func Names(t testing.TB, m *synced.Model[Rental], scope synced.Scope) []string {
	t.Helper()
	list := []string{}
	for row, err := range m.All(context.Background(), scope) {
		require.NoError(t, err)
		list = append(list, row.Name)
	}
	return list
}

// Sync runs once and expects no error.
func Sync[T any](t testing.TB, m *synced.Model[T], scope synced.Scope, call ...synced.Call) synced.Result {
	t.Helper()
	result, err := m.Synchronize(context.Background(), scope, call...)
	require.NoError(t, err)
	return result
}

// Counts are the counts of rows of a result.
type Counts struct{ Created, Updated, Unchanged, Removed, Restored int }

// CountsOf returns the counts of a result.
func CountsOf(r synced.Result) Counts {
	return Counts{r.Created, r.Updated, r.Unchanged, r.Removed, r.Restored}
}
