package journal_test

import (
	"context"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
)

// A migration of the service's after Install never breaks its writes, and on PostgreSQL hides
// no change.
func TestContract_C307_AlteredTables(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY, body text, stars integer, secret text)")
		j := open(t, b, journal.Table{Name: "notes", ExceptColumns: []string{"secret"}})
		// A session that has used the trigger keeps it prepared.
		in(t, b, "INSERT INTO notes VALUES (1, 'a', 1, 's')", "UPDATE notes SET body = 'b', secret = 't'", "UPDATE notes SET secret = 'u'")
		list := changes(t, j, 0)
		require.Equal(t, []string{`create notes[1] {"new":{"body":"a","id":1,"stars":1},"old":null}`, `update notes[1] {"new":{"body":"b"},"old":{"body":"a"}}`}, briefs(list))

		b.Execute(t, "ALTER TABLE notes ADD COLUMN mood text")
		at := last(t, j)
		in(t, b, "UPDATE notes SET mood = 'fine', stars = 2, secret = 'v'", "INSERT INTO notes VALUES (2, 'x', 3, 's', 'new')")
		list = changes(t, j, at)
		require.Len(t, list, 2)
		if b.Pool != nil {
			require.Equal(t, []string{`update notes[1] {"new":{"mood":"fine","stars":2},"old":{"mood":null,"stars":1}}`, `create notes[2] {"new":{"body":"x","id":2,"mood":"new","stars":3},"old":null}`}, briefs(list))
		}
		require.ErrorIs(t, j.Check(t.Context()), journal.ErrNotInstalled)
		require.NoError(t, j.Install(t.Context()))
		require.NoError(t, j.Check(t.Context()))
		at = last(t, j)
		in(t, b, "UPDATE notes SET mood = 'better' WHERE id = 1")
		require.Equal(t, []string{`update notes[1] {"new":{"mood":"better"},"old":{"mood":"fine"}}`}, briefs(changes(t, j, at)))

		if b.Pool == nil {
			tx, err := b.DB.Begin(t.Context())
			require.NoError(t, err)
			_, err = tx.Exec(t.Context(), squirrel.Expr("ALTER TABLE notes DROP COLUMN stars"))
			require.ErrorContains(t, err, "synced_journal", "the error names what to drop")
			require.NoError(t, tx.Rollback(t.Context()))
			require.NoError(t, j.Uninstall(t.Context()))
		}
		b.Execute(t, "ALTER TABLE notes DROP COLUMN stars")
		if b.Pool == nil {
			require.NoError(t, j.Install(t.Context()))
		} else {
			b.Execute(t, "ALTER TABLE notes ALTER COLUMN body TYPE varchar(50)")
		}
		at = last(t, j)
		in(t, b, "UPDATE notes SET body = 'after' WHERE id = 1", "DELETE FROM notes WHERE id = 2")
		require.Equal(t, []string{`update notes[1] {"new":{"body":"after"},"old":{"body":"b"}}`, `delete notes[2] {"new":null,"old":{"body":"x","id":2,"mood":"new"}}`}, briefs(changes(t, j, at)))

		b.Execute(t, "ALTER TABLE notes RENAME COLUMN id TO number")
		b.Execute(t, "ALTER TABLE notes RENAME COLUMN body TO words")
		at = last(t, j)
		in(t, b, "UPDATE notes SET words = 'renamed'", "INSERT INTO notes (number, words) VALUES (3, 'c')")
		list = changes(t, j, at)
		require.Equal(t, []string{"update notes [1]", "create notes [3]"}, short(list))
		if b.Pool != nil {
			require.Equal(t, journal.Row{"words": "renamed"}, list[0].New)
			in(t, b, "TRUNCATE notes")
			require.Len(t, changes(t, j, list[1].Seq), 2)
		}
		require.ErrorIs(t, j.Check(t.Context()), journal.ErrNotInstalled)
		require.NoError(t, j.Install(t.Context()))
	})
}

func TestContract_C308_Check(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY, body text)")
		b.Execute(t, "CREATE TABLE keyless (body text)")
		b.Execute(t, "CREATE VIEW viewed AS SELECT * FROM notes")
		for _, wrong := range []struct {
			table journal.Table
			says  string
		}{
			{journal.Table{}, "a table has no Name"},
			{journal.Table{Name: "missing"}, `table "missing": the database has no such table`},
			{journal.Table{Name: "keyless"}, "no primary key"},
			{journal.Table{Name: "viewed"}, "it is a view"},
			{journal.Table{Name: "notes", OnlyColumns: []string{"bdy"}}, `no column "bdy"`},
			{journal.Table{Name: "notes", Only: []journal.Op{"upsert"}}, `no operation "upsert"`},
			{journal.Table{Name: "notes", Only: []journal.Op{journal.Create}, Except: []journal.Op{journal.Delete}}, "set one of them"},
			{journal.Table{Name: "notes", Watch: 7}, "no Watch 7"},
		} {
			_, err := journal.Open(ctx, b.DB, journal.Config{Tables: []journal.Table{wrong.table}})
			require.ErrorContains(t, err, wrong.says)
		}
		j, err := journal.Open(ctx, b.DB, journal.Config{Tables: []journal.Table{{Name: "notes"}}})
		require.NoError(t, err)
		for _, err := range j.Changes(ctx, 0) {
			require.ErrorIs(t, err, journal.ErrNotInstalled, "nobody takes the silence for no change")
			require.ErrorContains(t, err, `table "notes"`)
		}
		require.NoError(t, j.Install(ctx))
		require.NoError(t, j.Install(ctx))
		require.NoError(t, j.Check(ctx))
		again, err := journal.Open(ctx, b.Other(t).DB, journal.Config{Tables: []journal.Table{{Name: "notes"}}})
		require.NoError(t, err)
		require.Equal(t, j.GUID(), again.GUID())
		require.NoError(t, again.Check(ctx))
		if b.Pool != nil {
			b.Execute(t, "ALTER TABLE notes DISABLE TRIGGER USER")
		} else {
			b.Execute(t, "DROP TRIGGER synced_journal_delete_notes")
		}
		require.ErrorIs(t, j.Check(ctx), journal.ErrNotInstalled)
		for _, err := range j.Changes(ctx, 0) {
			require.ErrorIs(t, err, journal.ErrNotInstalled)
		}
		require.NoError(t, j.Install(ctx))
		require.NoError(t, j.Check(ctx))
		// The schema, run by the service's own migrations, is the same.
		require.NoError(t, j.Uninstall(ctx))
		require.ErrorIs(t, j.Check(ctx), journal.ErrNotInstalled)
		require.NoError(t, b.DB.Create(ctx, j.Schema()))
		require.NoError(t, j.Check(ctx))
		in(t, b, "INSERT INTO notes VALUES (1, 'x')")
		require.Len(t, changes(t, j, 0), 1)
	})
}
