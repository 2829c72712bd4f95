package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
)

var translateTests = tests{
	"rows that exist or not":  translateUpserts,
	"more than one statement": translateMany,
	"they go with their rows": translateCascade,
	"no rows":                 translateNothing,
}

// translated is a table of one rental, and of its translations.
func translated(t *testing.T, db store.Store) (*Model[rental], store.ID) {
	t.Helper()
	m := rentals(t, db)
	m.Write(t, account, m.Row(1, object(1, "Villa")))
	m.Table.Key, m.Table.KeyKind = "id", store.Int
	m.Table.Translations = &store.Translations{Name: "texts", ParentKind: store.Int, Columns: []string{"headline", "quo\"ted"}, Types: []string{"bigint", "text", "text", "text"}}
	ddl := db.Dialect().Schema(m.Table)
	Exec(t, db, ddl)
	Exec(t, db, ddl)
	return m, store.IntID(m.One(t).ID)
}

func translate(t *testing.T, m *Model[rental], rows ...store.Translation) {
	t.Helper()
	tx := begin(t, m.DB)
	require.NoError(t, tx.Translate(t.Context(), m.Table, rows))
	require.NoError(t, tx.Commit(t.Context()))
}

func textOf(t *testing.T, m *Model[rental], locale string) *string {
	t.Helper()
	return Value[*string](t, m.DB, "SELECT headline FROM texts WHERE locale = ?", locale)
}

func translateUpserts(t *testing.T, db store.Store) {
	m, id := translated(t, db)
	translate(t, m, store.Translation{Parent: id, Locale: "fr", Texts: []*string{nil, ptr("x")}}, store.Translation{Parent: id, Locale: "en", Texts: []*string{ptr("é 'a'"), nil}})
	require.Equal(t, ptr("é 'a'"), textOf(t, m, "en"))
	require.Nil(t, textOf(t, m, "fr"))
	translate(t, m, store.Translation{Parent: id, Locale: "fr", Texts: []*string{ptr(""), nil}}, store.Translation{Parent: id, Locale: "de", Texts: []*string{ptr("neu"), nil}})
	require.Equal(t, ptr("é 'a'"), textOf(t, m, "en"))
	require.Equal(t, ptr(""), textOf(t, m, "fr"))
	require.Equal(t, ptr("neu"), textOf(t, m, "de"))
	require.Equal(t, int64(3), Value[int64](t, db, "SELECT count(*) FROM texts"))
}

func translateMany(t *testing.T, db store.Store) {
	m, id := translated(t, db)
	rows := make([]store.Translation, 10000) // 40,000 values
	for i := range rows {
		rows[i] = store.Translation{Parent: id, Locale: fmt.Sprint(i), Texts: []*string{ptr(fmt.Sprint(i)), nil}}
	}
	translate(t, m, rows...)
	require.Equal(t, int64(10000), Value[int64](t, db, "SELECT count(*) FROM texts WHERE locale = headline"))
}

func translateCascade(t *testing.T, db store.Store) {
	m, id := translated(t, db)
	translate(t, m, store.Translation{Parent: id, Locale: "en", Texts: []*string{nil, nil}})
	Exec(t, db, "DELETE FROM rentals")
	require.Zero(t, Value[int64](t, db, "SELECT count(*) FROM texts"))
}

func translateNothing(t *testing.T, db store.Store) {
	m, _ := translated(t, db)
	translate(t, m)
	require.Zero(t, Value[int64](t, db, "SELECT count(*) FROM texts"))
}
