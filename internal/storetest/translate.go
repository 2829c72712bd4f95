package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var translateTests = tests{
	"rows that exist or not":  translateUpserts,
	"more than one statement": translateMany,
	"they go with their rows": translateCascade,
	"no rows":                 translateNothing,
	"texts that are the same": translateSame,
}

// translated is a table of one rental, and of its translations.
func translated(t *testing.T, db backend.Store) (*Model[rental], backend.ID) {
	t.Helper()
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	m.Table.Key, m.Table.KeyKind = "id", backend.Int
	m.Table.Translations = &backend.Translations{Name: "texts", ParentKind: backend.Int, Columns: []string{"headline", "quo\"ted"}, Types: []string{"bigint", "text", "text", "text"}}
	ddl := db.Dialect().Schema(m.Table, backend.AllParts)
	Exec(t, db, ddl)
	Exec(t, db, ddl)
	return m, backend.IntID(m.One(t).ID)
}

func translate(t *testing.T, m *Model[rental], rows ...backend.Translation) {
	t.Helper()
	tx := begin(t, m.DB)
	require.NoError(t, tx.Translate(t.Context(), m.Table, rows))
	require.NoError(t, tx.Commit(t.Context()))
}

func textOf(t *testing.T, m *Model[rental], locale string) *string {
	t.Helper()
	return Value[*string](t, m.DB, "SELECT headline FROM texts WHERE locale = ?", locale)
}

func translateUpserts(t *testing.T, db backend.Store) {
	m, id := translated(t, db)
	translate(t, m, backend.Translation{Parent: id, Locale: "fr", Texts: []*string{nil, ptr("x")}}, backend.Translation{Parent: id, Locale: "en", Texts: []*string{ptr("é 'a'"), nil}})
	require.Equal(t, ptr("é 'a'"), textOf(t, m, "en"))
	require.Nil(t, textOf(t, m, "fr"))
	translate(t, m, backend.Translation{Parent: id, Locale: "fr", Texts: []*string{ptr(""), nil}}, backend.Translation{Parent: id, Locale: "de", Texts: []*string{ptr("neu"), nil}})
	require.Equal(t, ptr("é 'a'"), textOf(t, m, "en"))
	require.Equal(t, ptr(""), textOf(t, m, "fr"))
	require.Equal(t, ptr("neu"), textOf(t, m, "de"))
	require.Equal(t, int64(3), Value[int64](t, db, "SELECT count(*) FROM texts"))
}

func translateMany(t *testing.T, db backend.Store) {
	m, id := translated(t, db)
	rows := make([]backend.Translation, 10000) // 40,000 values
	for i := range rows {
		rows[i] = backend.Translation{Parent: id, Locale: fmt.Sprint(i), Texts: []*string{ptr(fmt.Sprint(i)), nil}}
	}
	translate(t, m, rows...)
	require.Equal(t, int64(10000), Value[int64](t, db, "SELECT count(*) FROM texts WHERE locale = headline"))
}

func translateCascade(t *testing.T, db backend.Store) {
	m, id := translated(t, db)
	translate(t, m, backend.Translation{Parent: id, Locale: "en", Texts: []*string{nil, nil}})
	Exec(t, db, "DELETE FROM rentals")
	require.Zero(t, Value[int64](t, db, "SELECT count(*) FROM texts"))
}

func translateNothing(t *testing.T, db backend.Store) {
	m, _ := translated(t, db)
	translate(t, m)
	require.Zero(t, Value[int64](t, db, "SELECT count(*) FROM texts"))
}

func translateSame(t *testing.T, db backend.Store) {
	m, first := translated(t, db)
	m.Write(t, account, m.Record(1, object(2, "Castle")), m.Record(1, object(3, "Hut")))
	keys := []backend.ID{first}
	for _, row := range m.All(t)[1:] {
		keys = append(keys, backend.IntID(row.ID))
	}
	text := func(key int, locale string, texts ...*string) backend.Translation {
		return backend.Translation{Parent: keys[key], Locale: locale, Texts: texts}
	}
	stored := []backend.Translation{text(0, "en", ptr("é/'a'"), nil), text(0, "pt/br", nil, ptr("")), text(1, "en", ptr("x"), ptr("y"))}
	translate(t, m, append([]backend.Translation{text(0, "de", nil, nil), text(2, "de", nil, nil)}, stored...)...)
	same := func(texts ...backend.Translation) []bool {
		t.Helper()
		found, err := db.SameTexts(t.Context(), m.Table.Translations, keys, texts)
		require.NoError(t, err)
		return found
	}
	require.Equal(t, []bool{true, true, true}, same(stored...), "nulls alone do not count")
	require.Equal(t, []bool{false, true, true}, same(stored[1:]...), "one more is stored")
	require.Equal(t, []bool{true, true, false}, same(append(stored, text(2, "fr", ptr("x"), nil))...), "one is not stored")
	require.Equal(t, []bool{false, true, true}, same(text(0, "en", ptr("é/'a'"), ptr("")), stored[1], stored[2]), "an empty text is not null")
	require.Equal(t, []bool{false, true, true}, same(text(0, "EN", ptr("é/'a'"), nil), stored[1], stored[2]))
	require.Equal(t, []bool{true, false, true}, same(stored[0], stored[1], text(1, "en", ptr("x"), ptr("Y"))))
	require.Equal(t, []bool{false, false, false}, same(), "nothing shows that texts can be compared")
}
