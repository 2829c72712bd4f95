// Package stagetest has what the tests of single stages need: a model on a database in
// memory, and pages for it. The contract's tests run whole runs, on both stores.
package stagetest

import (
	"reflect"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store/sqlite"
)

// Rental is a row of the table rentals.
type Rental struct {
	ID        int64  `db:"id"`
	AccountID int64  `db:"account_id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	Name      string `json:"name" db:"name"`
}

// Scope is the account of the rows that tests are about.
const Scope = int64(1)

// Rentals declares rentals by account, makes the table in a database in memory, and
// returns the model. Changes are made to the declaration before.
func Rentals(t *testing.T, changes ...func(*declare.Declaration)) *model.Model {
	t.Helper()
	db, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	d := declare.Declaration{Row: reflect.TypeFor[Rental](), Table: "rentals", Scope: "account_id"}
	for _, change := range changes {
		change(&d)
	}
	require.NoError(t, d.CreateTable(t.Context(), db))
	bound, err := d.Bind(t.Context(), db)
	require.NoError(t, err)
	return bound.Model
}

// Maker makes records of a model, in Scope.
func Maker(m *model.Model) *page.Maker { return &page.Maker{Model: m, Scope: Scope} }

// Page returns a page of objects.
func Page(t *testing.T, objects ...string) *remote.Page {
	t.Helper()
	p := &remote.Page{}
	for _, text := range objects {
		o, err := remote.ParseObject([]byte(text))
		require.NoError(t, err)
		p.Objects = append(p.Objects, o)
	}
	return p
}

// Accepted returns a page of objects as a listing lets it pass.
func Accepted(t *testing.T, maker *page.Maker, objects ...string) *page.Page {
	t.Helper()
	got := maker.Receive(Page(t, objects...))
	p := &page.Page{Number: 1, From: got}
	for i := range got.Records {
		require.NoError(t, got.Records[i].Err)
		p.Records = append(p.Records, &got.Records[i])
	}
	return p
}

// Insert puts a row into the table, by hand.
func Insert(t *testing.T, m *model.Model, scope, id int64, name string) {
	t.Helper()
	Execute(t, m, "INSERT INTO rentals (account_id, synced_id, name) VALUES (?, ?, ?)", scope, id, name)
}

// Execute runs a statement in a transaction of its own.
func Execute(t *testing.T, m *model.Model, query string, args ...any) {
	t.Helper()
	tx, err := m.DB.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), squirrel.Expr(query, args...))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
}

// Column reads the first column of a query, as texts.
func Column(t *testing.T, q backend.Querier, query string, args ...any) []string {
	t.Helper()
	var list []string
	rows, err := q.Query(t.Context(), squirrel.Expr(query, args...))
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		list = append(list, text)
	}
	require.NoError(t, rows.Err())
	return list
}
