package upload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

// keys makes a table with keys of several parts.
const keys = "CREATE TABLE keys (house text NOT NULL, n bigint NOT NULL, value text, PRIMARY KEY (house, n))"

func TestContract_C359_DifferencesAreFoundWithoutListingRows(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, keys)
		var sql strings.Builder
		const rows = 2000
		for n := range rows {
			if n > 0 {
				sql.WriteString(", ")
			}
			fmt.Fprintf(&sql, "('house %d', %d, 'value %d')", n%5, n, n)
		}
		exec(t, w.local, "INSERT INTO keys VALUES "+sql.String())
		c := w.client(t, []upload.Table{{Name: "keys", Changes: upload.Triggers{}}})
		finish(t, c)

		// The server's rows are changed, and its sums with them, as if something had gone wrong.
		for _, one := range []string{
			`{"columns":["house","n","value"],"rows":[[2000,"house 1",1,"other"]],"through":2000}`,
			`{"columns":["house","n","value"],"rows":[[2000,"house 9",77,"extra"]],"through":2000}`,
		} {
			status, _ := w.ask(t, "POST", "keys", one)
			require.Equal(t, 200, status)
		}
		status, _ := w.ask(t, "DELETE", "keys", `{"keys":[["house 2",2]]}`)
		require.Equal(t, 200, status)
		r := step(t, c)
		require.True(t, r.Searched)
		require.LessOrEqual(t, r.Requests, 8)
		require.Less(t, r.Bytes, int64(12000))
		require.Equal(t, 1, r.Removed)
		r = finish(t, c)
		require.Equal(t, 2, r.Uploaded)
		require.Equal(t, column(t, w.local, "SELECT value FROM keys ORDER BY n"), column(t, w.remote, "SELECT value FROM upload_keys ORDER BY n"))
		for d, err := range upload.Compare(t.Context(), upload.Copy{DB: w.local, Table: "keys"}, w.replica("keys")) {
			require.NoError(t, err)
			t.Errorf("%v", d)
		}

		// A server that has lost a database is filled again.
		exec(t, w.remote, "DELETE FROM upload_keys")
		exec(t, w.remote, "DELETE FROM upload__tables")
		exec(t, w.remote, "DELETE FROM upload__sums")
		_, err := c.Step(t.Context())
		require.ErrorContains(t, err, "no such table is registered")
		finish(t, c)
		require.Equal(t, []string{"2000"}, column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_keys"))

		// A client that has lost what it knew finds that nothing differs.
		for _, table := range []string{"synced_uploads", "synced_upload_prints", "synced_upload_sums"} {
			exec(t, w.local, "DELETE FROM "+table)
		}
		r = finish(t, c)
		require.Zero(t, r.Uploaded)
	})
}

func TestContract_C360_CompareTellsHowCopiesDiffer(t *testing.T) {
	t.Parallel()
	a, _ := open(t, "postgres")
	b, _ := open(t, "sqlite")
	exec(t, a, `CREATE TABLE things (id uuid PRIMARY KEY, day date, at timestamptz, price numeric(20,4), ratio real, size double precision,
		open boolean, data jsonb, raw bytea, mood text, small smallint)`)
	exec(t, b, `CREATE TABLE copies (id text PRIMARY KEY, day date, at timestamp, price text, ratio double, size double,
		open boolean, data text, raw blob, mood varchar(20), small integer, more text)`)
	exec(t, a, `INSERT INTO things VALUES
		('5F1B2F3E-7D55-4F5C-9A3F-0E5B7C1D2E3F', '2026-02-03', '2026-02-03 04:05:06.789+02', 12345678901234.5000, 0.1, 1e21, true, '{"b": 1.50, "a": [1, null]}', '\x00ff', '2026-02-03T04:05:06Z', 7),
		('00000000-0000-0000-0000-000000000001', NULL, NULL, NULL, NULL, 'NaN', NULL, NULL, NULL, NULL, NULL),
		('00000000-0000-0000-0000-000000000002', '2026-02-03', '2026-02-03 04:05:06Z', 1, 1, 1, false, '1', '\x', '', 1)`)
	exec(t, b, `INSERT INTO copies VALUES
		('5f1b2f3e-7d55-4f5c-9a3f-0e5b7c1d2e3f', '2026-02-03', '2026-02-03T02:05:06.789000Z', '12345678901234.5', 0.1, 1e21, 1, '{"a":[1,null],"b":1.5}', x'00ff', '2026-02-03T04:05:06Z', 7, 'more'),
		('00000000-0000-0000-0000-000000000001', NULL, NULL, NULL, NULL, 'NaN', NULL, NULL, NULL, NULL, NULL, NULL),
		('00000000-0000-0000-0000-000000000002', '2026-02-03', '2026-02-03 04:05:06', '1.0', 1, 1, 0, '1', x'', '', 1, NULL)`)
	differences := func() (list []string) {
		for d, err := range upload.Compare(t.Context(), upload.Copy{DB: a, Table: "things"}, upload.Copy{DB: b, Table: "copies"}) {
			require.NoError(t, err)
			list = append(list, d.String())
		}
		return list
	}
	require.Empty(t, differences())
	exec(t, b, "UPDATE copies SET price = '2', open = 1 WHERE id LIKE '%2'")
	exec(t, b, "DELETE FROM copies WHERE id LIKE '%1'")
	exec(t, b, "INSERT INTO copies (id) VALUES ('00000000-0000-0000-0000-000000000003')")
	require.Equal(t, []string{
		`["00000000-0000-0000-0000-000000000001"] is only in the first`,
		`["00000000-0000-0000-0000-000000000002"] differs in ["open" "price"]`,
		`["00000000-0000-0000-0000-000000000003"] is only in the second`,
	}, differences())
	for _, err := range upload.Compare(t.Context(), upload.Copy{DB: a, Table: "things"}, upload.Copy{DB: b, Table: "none"}) {
		require.EqualError(t, err, `upload: compare things with none: the second: table "none": there is no such table`)
	}
}
