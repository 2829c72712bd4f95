package journal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store/postgres"
)

// short tells of each change what happened to which row, and its new values.
func short(list []journal.Change) (texts []string) {
	for _, c := range list {
		texts = append(texts, strings.TrimSpace(fmt.Sprint(c.Op, " ", c.Model, " ", c.Key)))
	}
	return texts
}

func TestContract_C304_Tables(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		t.Run("cascades", func(t *testing.T) {
			b.Execute(t, "CREATE TABLE zoos (id bigint PRIMARY KEY)")
			b.Execute(t, "CREATE TABLE animals (id bigint PRIMARY KEY, zoo_id bigint REFERENCES zoos ON DELETE CASCADE, keeper bigint REFERENCES animals ON DELETE SET NULL)")
			j := open(t, b, journal.Table{Name: "zoos"}, journal.Table{Name: "animals"})
			at := last(t, j)
			in(t, b, "INSERT INTO zoos VALUES (1)", "INSERT INTO animals VALUES (1, 1, NULL), (2, 1, 1)")
			in(t, b, "DELETE FROM zoos")
			list := short(changes(t, j, at))
			require.Contains(t, list, "delete zoos [1]")
			require.Contains(t, list, "delete animals [1]")
			require.Contains(t, list, "delete animals [2]")
			require.Equal(t, 1, count(changes(t, j, at+3), func(c journal.Change) bool { return c.Last }), "in the same transaction")
		})
		t.Run("composite keys and odd names", func(t *testing.T) {
			b.Execute(t, `CREATE TABLE "it's %s ""odd""" (b text, "A b" integer, "n""n" text, PRIMARY KEY ("A b", b))`)
			j := open(t, b, journal.Table{Name: `it's %s "odd"`})
			at := last(t, j)
			in(t, b, `INSERT INTO "it's %s ""odd""" VALUES ('ü "x" \ ', 7, '{"q"}')`)
			in(t, b, `UPDATE "it's %s ""odd""" SET "n""n" = 'new'`)
			list := changes(t, j, at)
			require.Len(t, list, 2)
			require.Equal(t, journal.Key(`[7,"ü \"x\" \\ "]`), list[0].Key)
			require.Equal(t, journal.Row{`n"n`: "new"}, list[1].New)
			row, err := j.KeyRow(list[0].Model, list[0].Key)
			require.NoError(t, err)
			key, err := j.Key(list[0].Model, row)
			require.NoError(t, err)
			require.Equal(t, list[0].Key, key)
			require.Equal(t, list[0].New["b"], row["b"])
		})
		t.Run("upserts", func(t *testing.T) {
			b.Execute(t, "CREATE TABLE stars (id bigint PRIMARY KEY, n integer)")
			j := open(t, b, journal.Table{Name: "stars"})
			at := last(t, j)
			for _, n := range []int{1, 2, 2} {
				in(t, b, fmt.Sprintf("INSERT INTO stars VALUES (1, %d) ON CONFLICT (id) DO UPDATE SET n = excluded.n", n))
			}
			in(t, b, "INSERT INTO stars VALUES (1, 9) ON CONFLICT DO NOTHING")
			require.Equal(t, []string{"create stars [1]", "update stars [1]"}, short(changes(t, j, at)))
			if b.Pool == nil {
				at := last(t, j)
				in(t, b, "REPLACE INTO stars VALUES (1, 5)")
				list := changes(t, j, at)
				require.Equal(t, []string{"update stars [1]"}, short(list))
				require.Nil(t, list[0].Old)
				require.Len(t, list[0].New, 2)
				require.Len(t, list[0].Bases, 1)
			}
		})
		t.Run("generated columns", func(t *testing.T) {
			b.Execute(t, "CREATE TABLE sums (id bigint PRIMARY KEY, a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED)")
			j := open(t, b, journal.Table{Name: "sums"})
			at := last(t, j)
			in(t, b, "INSERT INTO sums (id, a) VALUES (1, 2)", "UPDATE sums SET a = 3")
			list := changes(t, j, at)
			require.Contains(t, brief(list[0]), `{"new":{"a":2,"id":1},"old":null}`)
			require.Contains(t, brief(list[1]), `{"new":{"a":3},"old":{"a":2}}`)
		})
		t.Run("wide tables and large values", func(t *testing.T) {
			columns := make([]string, 300)
			for i := range columns {
				columns[i] = fmt.Sprintf("c%d text", i)
			}
			b.Execute(t, "CREATE TABLE wide (id bigint PRIMARY KEY, "+strings.Join(columns, ", ")+")")
			j := open(t, b, journal.Table{Name: "wide"})
			at := last(t, j)
			large := strings.Repeat("äöü €", 200_000)
			b.Execute(t, "INSERT INTO wide (id, c7, c299) VALUES (1, ?, 'end')", large)
			b.Execute(t, "UPDATE wide SET c299 = 'ende'")
			list := changes(t, j, at)
			require.Len(t, list, 2)
			require.Equal(t, large, list[0].New["c7"])
			require.Equal(t, journal.Row{"c299": "ende"}, list[1].New)
		})
	})
}

func count(list []journal.Change, is func(journal.Change) bool) (n int) {
	for _, c := range list {
		if is(c) {
			n++
		}
	}
	return n
}

func last(t testing.TB, j *journal.Journal) int64 {
	t.Helper()
	n, err := j.Last(context.Background())
	require.NoError(t, err)
	return n
}

// What only PostgreSQL has.
func TestContract_C305_Postgres(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	t.Run("TRUNCATE", func(t *testing.T) {
		b.Execute(t, "CREATE TABLE logs (id bigint PRIMARY KEY, line text)")
		j := open(t, b, journal.Table{Name: "logs"})
		in(t, b, "INSERT INTO logs VALUES (1, 'a'), (2, 'b')")
		in(t, b, "TRUNCATE logs")
		list := changes(t, j, 0)
		require.ElementsMatch(t, []string{`delete logs[1] {"new":null,"old":{"id":1,"line":"a"}}`, `delete logs[2] {"new":null,"old":{"id":2,"line":"b"}}`}, briefs(list[2:]))
		require.Equal(t, list[2].Tx, list[3].Tx)
	})
	t.Run("partitions", func(t *testing.T) {
		b.Execute(t, "CREATE TABLE visits (at timestamptz, id bigint, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)")
		b.Execute(t, "CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')")
		j := open(t, b, journal.Table{Name: "visits"})
		b.Execute(t, "CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')")
		at := last(t, j)
		in(t, b, "SET LOCAL timezone = 'Asia/Tokyo'", "INSERT INTO visits VALUES ('2026-01-05T10:00:00.5Z', 1, 'x')", "INSERT INTO visits_2 VALUES ('2026-02-05T10:00:00Z', 2, 'y')")
		in(t, b, "UPDATE visits SET note = 'z' WHERE id = 2")
		in(t, b, "UPDATE visits SET at = '2026-02-06T10:00:00Z' WHERE id = 1")
		in(t, b, "TRUNCATE visits")
		list := changes(t, j, at)
		require.Equal(t, []string{`create visits [1,"2026-01-05T10:00:00.5+00:00"]`, `create visits [2,"2026-02-05T10:00:00+00:00"]`, `update visits [2,"2026-02-05T10:00:00+00:00"]`}, short(list[:3]))
		require.ElementsMatch(t, []string{`delete visits [1,"2026-01-05T10:00:00.5+00:00"]`, `create visits [1,"2026-02-06T10:00:00+00:00"]`}, short(list[3:5]))
		require.ElementsMatch(t, []string{`delete visits [2,"2026-02-05T10:00:00+00:00"]`, `delete visits [1,"2026-02-06T10:00:00+00:00"]`}, short(list[5:]))
		key, err := j.Key("visits", list[0].New)
		require.NoError(t, err)
		require.Equal(t, list[0].Key, key)
	})
	t.Run("schemas", func(t *testing.T) {
		b.Execute(t, `CREATE SCHEMA "Other"`)
		b.Execute(t, `CREATE TABLE "Other".things (id uuid PRIMARY KEY, name text)`)
		j := open(t, b, journal.Table{Name: "Other.things"})
		at := last(t, j)
		in(t, b, `SET LOCAL search_path = ''`, `INSERT INTO "Other".things VALUES ('6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 'x')`)
		require.Equal(t, []string{`create Other.things ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"]`}, short(changes(t, j, at)))
	})
	t.Run("roles", func(t *testing.T) {
		b.Execute(t, "CREATE TABLE orders (id bigint PRIMARY KEY, note text)")
		j := open(t, b, journal.Table{Name: "orders"})
		at := last(t, j)
		b.Execute(t, "CREATE SCHEMA evil")
		b.Execute(t, "CREATE TABLE evil.synced_journal_new (id bigint)")
		b.Execute(t, "CREATE FUNCTION evil.to_json(anyelement) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''run with the rights of the owner''; END'")
		b.Execute(t, `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'synced_writer') THEN CREATE ROLE synced_writer; END IF; END $$`)
		b.Execute(t, "GRANT INSERT, UPDATE, DELETE, SELECT ON orders TO synced_writer")
		b.Execute(t, "GRANT USAGE ON SCHEMA evil TO synced_writer")
		t.Cleanup(func() { b.Execute(t, "DROP OWNED BY synced_writer") })
		in(t, b, "SET LOCAL ROLE synced_writer", "SET LOCAL search_path = evil, public, pg_catalog", "INSERT INTO public.orders VALUES (1, 'x')", "UPDATE public.orders SET note = 'y'", "DELETE FROM public.orders")
		require.Equal(t, []string{"create orders [1]", "update orders [1]", "delete orders [1]"}, short(changes(t, j, at)))
		tx, err := b.Pool.Begin(t.Context())
		require.NoError(t, err)
		defer func() { _ = tx.Rollback(context.Background()) }()
		_, err = tx.Exec(t.Context(), "SET LOCAL ROLE synced_writer")
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "SELECT count(*) FROM synced_journal_new")
		require.ErrorContains(t, err, "permission denied")
		require.NoError(t, tx.Rollback(t.Context()))
		require.NoError(t, j.Uninstall(t.Context()))
		tx, err = b.Pool.Begin(t.Context())
		require.NoError(t, err)
		for _, s := range []string{"GRANT SELECT ON ALL TABLES IN SCHEMA public TO synced_writer", "SET LOCAL ROLE synced_writer"} {
			_, err = tx.Exec(t.Context(), s)
			require.NoError(t, err)
		}
		weak, err := journal.Open(t.Context(), postgres.New(tx, postgres.Options{}), journal.Config{Tables: []journal.Table{{Name: "orders"}}})
		require.NoError(t, err)
		require.ErrorContains(t, weak.Install(t.Context()), "let the owner of the tables run the SQL of Schema")
		require.NoError(t, tx.Rollback(t.Context()))
	})
}
