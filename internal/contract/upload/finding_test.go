package upload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

func TestContract_C366_RowsThatReplaceTakesAwayAreGone(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		exec(t, w.local, "CREATE TABLE villas (id bigint PRIMARY KEY, name text, beds bigint, open boolean, version bigint, UNIQUE (name, beds))")
		exec(t, w.local, "CREATE UNIQUE INDEX only_open ON villas (beds) WHERE open")
		exec(t, w.local, "CREATE UNIQUE INDEX by_version ON villas (version / 10)")
		exec(t, w.local, "INSERT INTO villas VALUES (1, 'sea', 2, NULL, 10), (2, 'sea', 3, NULL, 20), (3, 'hill', 2, NULL, 30), (4, NULL, 2, NULL, 40), (5, 'lake', 9, true, 50)")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		finish(t, c)
		for _, sql := range []string{
			"INSERT OR REPLACE INTO villas (id, name, beds) VALUES (6, 'sea', 2)",             // instead of 1
			"UPDATE OR REPLACE villas SET name = 'hill', beds = 2 WHERE id = 2",               // instead of 3
			"REPLACE INTO villas (id, name, beds) VALUES (4, NULL, 2), (7, NULL, 2)",          // nulls differ
			"INSERT OR REPLACE INTO villas (id, beds, open) VALUES (8, 9, true)",              // instead of 5
			"INSERT OR REPLACE INTO villas (id, beds, open, version) VALUES (9, 1, true, 90)", // instead of none
			"INSERT OR REPLACE INTO villas (id, version) VALUES (10, 91)",                     // instead of 9
		} {
			exec(t, w.local, sql)
			results, err := c.Finish(t.Context())
			require.NoError(t, err)
			require.True(t, results[0].Equal)
			w.equal(t)
		}
		require.Len(t, villasOf(t, w.remote, true), 6)
	}, "sqlite to sqlite", "sqlite to postgres")
}

func TestContract_C367_RowsOfTheSameTimeAreFoundThatChangedLater(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		for _, way := range []string{"times", "versions"} {
			exec(t, w.local, "DELETE FROM villas")
			put(t, w.local, 1, 50, "first")
			exec(t, w.local, "UPDATE villas SET version = 50")
			c := w.client(t, []upload.Table{{Name: "villas", Changes: changesOf(way)}})
			finish(t, c)
			exec(t, w.local, "UPDATE villas SET name = 'changed' WHERE id = 7") // in the same second
			r := finish(t, c)
			require.Equal(t, []int{1, 1}, []int{r.Noted, r.Uploaded}, way)
			w.equal(t)
		}
	})
}

func TestContract_C369_KeysAreNotedAsTheyAreRead(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		for n, key := range []struct{ kind, first, second string }{
			{"character(9)", "'ab'", "'cd'"}, {"inet", "'10.0.0.1'", "'10.0.0.2'"}, {"uuid", "'00000000-0000-4000-8000-00000000000A'", "'00000000-0000-4000-8000-00000000000b'"},
			{"varchar(40)", `'a"b\c'`, "'ü'"}, {"oid", "7", "4294967295"}, {"bigint", "9223372036854775807", "-9223372036854775808"},
		} {
			table := "keyed" + string(rune('a'+n))
			exec(t, w.local, "CREATE TABLE "+table+" (id "+key.kind+", part text, name text, PRIMARY KEY (id, part))")
			c := w.client(t, []upload.Table{{Name: table, Changes: upload.Triggers{}}})
			exec(t, w.local, "INSERT INTO "+table+" VALUES ("+key.first+", 'a', 'x'), ("+key.second+", 'a', 'y')")
			r := finish(t, c)
			require.Equal(t, 2, r.Uploaded, key.kind)
			exec(t, w.local, "UPDATE "+table+" SET name = 'z' WHERE id = "+key.first)
			exec(t, w.local, "DELETE FROM "+table+" WHERE id = "+key.second)
			r = finish(t, c)
			require.Equal(t, []int{2, 1, 1}, []int{r.Noted, r.Uploaded, r.Removed}, key.kind)
			require.Equal(t, []string{"z"}, column(t, w.remote, "SELECT name FROM upload_"+table))
		}
	}, "postgres to sqlite", "postgres to postgres")
}
