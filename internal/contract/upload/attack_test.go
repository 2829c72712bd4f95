package upload_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

func TestContract_C373_ATriggerFailsNoWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 30, "first")
		tables := []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}
		c := w.client(t, tables)
		finish(t, c)
		exec(t, w.local, "ALTER TABLE villas RENAME COLUMN id TO number")
		exec(t, w.local, "UPDATE villas SET name = 'renamed' WHERE number = 3")
		exec(t, w.local, "INSERT INTO villas (number) VALUES (99)")
		exec(t, w.local, "DELETE FROM villas WHERE number = 4")
		_, err := c.Step(t.Context())
		require.ErrorContains(t, err, "its key is (id) and not (number)")
		exec(t, w.local, "ALTER TABLE villas RENAME COLUMN number TO id")
		finish(t, c)
		w.equal(t)
	})
}

func TestContract_C373_AKeyThatIsNoneIsAnErrorOfTheStepOnly(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		exec(t, w.local, "CREATE TABLE notes (id text, part bigint, text text, PRIMARY KEY (id, part))")
		exec(t, w.local, "INSERT INTO notes VALUES ('a', 1, 'first')")
		c := w.client(t, []upload.Table{{Name: "notes", Changes: upload.Triggers{}}})
		finish(t, c)
		for value, told := range map[string]string{"x'00ff'": "a row has the bytes x'00ff' in column \"id\" of its key", "NULL": `a row has no value in column "id" of its key`} {
			exec(t, w.local, "INSERT INTO notes VALUES ("+value+", 2, 'odd')")
			for range 2 {
				_, err := c.Step(t.Context())
				require.ErrorContains(t, err, told)
			}
			exec(t, w.local, "UPDATE notes SET id = 'was "+strings.ReplaceAll(value, "'", "")+"' WHERE part = 2 AND text = 'odd'")
			exec(t, w.local, "UPDATE notes SET text = 'even' WHERE text = 'odd'")
			finish(t, c)
		}
		require.Equal(t, []string{"a|first", "was NULL|even", "was x00ff|even"}, column(t, w.remote, "SELECT id || '|' || text FROM upload_notes ORDER BY id"))
	}, "sqlite to postgres", "sqlite to sqlite")
}

func TestContract_C374_MigrateReplacesTriggersOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "sqlite")
	exec(t, w.local, villas)
	tables := []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}
	c := w.client(t, tables)
	triggers := func() []string {
		return column(t, w.local, "SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
	}
	schema := func() string {
		return column(t, w.local, "SELECT CAST(schema_version AS text) FROM pragma_schema_version")[0]
	}
	now, version := triggers(), schema()
	require.Len(t, now, 3)
	w.client(t, tables)
	require.Equal(t, version, schema(), "the schema is left alone")

	exec(t, w.local, "DROP TRIGGER synced_upload_villas_update")
	exec(t, w.local, "CREATE TRIGGER synced_upload_villas_update AFTER UPDATE ON villas BEGIN SELECT 1; END")
	w.client(t, tables)
	require.Equal(t, now, triggers())
	put(t, w.local, 1, 3, "first")
	finish(t, c)
	exec(t, w.local, "UPDATE villas SET name = 'second' WHERE id = 2")
	finish(t, c)
	w.equal(t)
}

func TestContract_C375_ARowThatIsLargerThanARequestIsSetAside(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 30, "first")
		exec(t, w.local, "UPDATE villas SET name = ? WHERE id = 7", strings.Repeat("ab", 3<<20)) // larger than a batch
		exec(t, w.local, "UPDATE villas SET name = ? WHERE id = 9", strings.Repeat("ab", 9<<20)) // and than a request
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		r := finish(t, c)
		require.Len(t, r.Refused, 1)
		require.Equal(t, "[9]", r.Refused[0].Key)
		require.Contains(t, r.Refused[0].Why, "larger than a request may be")
		require.Equal(t, []string{"29"}, column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_villas"))
		exec(t, w.local, "UPDATE villas SET name = 'small' WHERE id = 9")
		finish(t, c)
		w.equal(t)
	})
}

func TestContract_C376_ARowThatTheServerNeverTookCanBeDeleted(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		exec(t, w.local, "CREATE TABLE notes (id bigint PRIMARY KEY, text text)")
		exec(t, w.local, "INSERT INTO notes VALUES (1, 'one'), ('x', 'two')")
		c := w.client(t, []upload.Table{{Name: "notes", Changes: upload.Triggers{}}})
		require.Equal(t, []upload.Refusal{{Key: `["x"]`, Why: `column "id": "x" is not an integer of 64 bits`}}, finish(t, c).Refused)
		exec(t, w.local, "DELETE FROM notes WHERE text = 'two'")
		r := finish(t, c)
		require.Empty(t, r.Refused)
		refused, err := c.Refused(t.Context(), "notes")
		require.NoError(t, err)
		require.Empty(t, refused)
		require.Equal(t, 1, finish(t, c).Requests, "nothing is left to do")
	}, "sqlite to sqlite", "sqlite to postgres")
}

func TestContract_C377_DatabasesOfOneClientHaveTablesOfOneName(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 300, "of till")
		tables := []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}
		finish(t, w.client(t, tables))
		other, _ := open(t, "sqlite")
		exec(t, other, villas)
		put(t, other, 1, 200, "of desk")
		desk := w.client(t, tables, func(o *upload.Options) { o.DB, o.Database = other, "desk" })
		finish(t, desk)
		w.equal(t)
		exec(t, other, "DELETE FROM villas WHERE id > 20")
		finish(t, desk)
		w.equal(t)
		require.Equal(t, []string{"20"}, column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_villas WHERE upload_database = 'desk'"))

		// One database that is uploaded as two: what is noted of the other is of no use, and does no harm.
		twice := w.client(t, tables, func(o *upload.Options) { o.Database = "desk" })
		finish(t, twice)
		require.Equal(t, []string{"300"}, column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_villas WHERE upload_database = 'desk' AND name LIKE 'of till%'"))
		finish(t, w.client(t, tables))
		w.equal(t)
	})
}

func TestContract_C363_WhatIsAboveAVersionIsDeletedInManyParts(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		for n := range 12 {
			put(t, w.local, 1000*n, 1000*n+999, "first")
		}
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		finish(t, c)
		status, text := w.ask(t, "DELETE", "villas?above=1000", "")
		require.Equal(t, 200, status)
		require.Contains(t, text, `"count":1000,"version":1000`)
		require.Equal(t, []string{"1000"}, column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_villas"))
		finish(t, c)
		w.equal(t)
	})
}
