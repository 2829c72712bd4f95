package journal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
)

// A column that gets another type after Install breaks neither a write nor a reader, also where
// values of the new type can't be compared.
func TestContract_C291_RetypedColumns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY, stars integer, body text, secret text)")
		j := open(t, b, journal.Table{Name: "notes", ExceptColumns: []string{"secret"}})
		in(t, b, "INSERT INTO notes VALUES (1, 1, '2', 's')")
		at := last(t, j)
		if b.Pool == nil {
			// SQLite's columns take any value.
			in(t, b, "UPDATE notes SET stars = 'many', body = 3", "INSERT INTO notes VALUES (2, 'few', 4, 't')")
			list := changes(t, j, at)
			require.Len(t, list, 2)
			require.Equal(t, "many", list[0].New["stars"])
			require.Equal(t, "few", list[1].New["stars"])
			return
		}
		b.Execute(t, "ALTER TABLE notes ALTER COLUMN stars TYPE text")
		b.Pool.Reset() // a session that has not used the trigger before
		in(t, b, "UPDATE notes SET stars = 'many'", "INSERT INTO notes VALUES (2, 'few', 'x', 't')")
		require.Equal(t, []string{`update notes[1] {"new":{"stars":"many"},"old":{"stars":"1"}}`, `create notes[2] {"new":{"body":"x","id":2,"stars":"few"},"old":null}`}, briefs(changes(t, j, at)))
		b.Execute(t, "DELETE FROM notes WHERE id = 2")
		b.Execute(t, "ALTER TABLE notes ALTER COLUMN stars TYPE json USING to_json(stars), ALTER COLUMN body TYPE integer USING body::integer")
		b.Pool.Reset()
		at = last(t, j)
		in(t, b, `UPDATE notes SET stars = '{"n": 5}', body = 7`, "DELETE FROM notes")
		list := changes(t, j, at)
		require.Equal(t, []string{"update notes [1]", "delete notes [1]"}, short(list))
		require.Contains(t, list[0].New, "stars")
		require.Contains(t, list[0].Old, "body")
		b.Execute(t, "ALTER TABLE notes ALTER COLUMN id TYPE text")
		b.Pool.Reset()
		in(t, b, "INSERT INTO notes VALUES ('seven', '1', 7, 's')")
		require.Equal(t, []string{`create notes ["seven"]`}, short(changes(t, j, list[1].Seq)))
	})
}
