package upload_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/upload"
)

// world is a local database, a server with its own, and the requests between them.
type world struct {
	local, remote store.Store
	localPool     *pgxpool.Pool // of local, if that is PostgreSQL
	pool          *pgxpool.Pool // of remote, if that is PostgreSQL
	handler       *upload.Handler
	server        *httptest.Server
	// before, where set, is called with each request, and may answer it.
	before   atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
	requests atomic.Int64
}

const tokens = "token-of-"

// allow lets the token of a client have all databases of that client.
func allow(r *http.Request, client, _ string) error {
	who, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "+tokens)
	switch {
	case !ok:
		return upload.ErrUnauthenticated
	case who != client:
		return errors.New("another's")
	}
	return nil
}

// open opens an empty database, and migrates it.
func open(t testing.TB, kind string) (store.Store, *pgxpool.Pool) {
	t.Helper()
	if kind == "postgres" {
		pool := harness.Postgres(t)
		return postgres.New(pool, postgres.Options{}), pool
	}
	db, err := sqlite.Open(t.Context(), testdb.SQLite(t), sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	return db, nil
}

// newWorld makes a world of two kinds of stores.
func newWorld(t testing.TB, local, remote string, change ...func(*upload.HandlerOptions)) *world {
	t.Helper()
	w := &world{}
	w.local, w.localPool = open(t, local)
	w.remote, w.pool = open(t, remote)
	o := upload.HandlerOptions{DB: w.remote, Allow: allow}
	for _, f := range change {
		f(&o)
	}
	var err error
	w.handler, err = upload.NewHandler(o)
	require.NoError(t, err)
	require.NoError(t, w.handler.Migrate(t.Context()))
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.requests.Add(1)
		if before := w.before.Load(); before != nil && (*before)(rw, r) {
			return
		}
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.server.Close)
	return w
}

// onAll runs a test with each pair of stores.
func onAll(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	on(t, test, "sqlite to sqlite", "sqlite to postgres", "postgres to sqlite", "postgres to postgres")
}

// onBoth runs a test with both stores at both ends.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	on(t, test, "sqlite to postgres", "postgres to sqlite")
}

func on(t *testing.T, test func(t *testing.T, w *world), pairs ...string) {
	t.Helper()
	t.Parallel()
	for _, pair := range pairs {
		local, remote, _ := strings.Cut(pair, " to ")
		t.Run(pair, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, local, remote))
		})
	}
}

// client returns a client of tables.
func (w *world) client(t testing.TB, tables []upload.Table, change ...func(*upload.Options)) *upload.Client {
	t.Helper()
	o := upload.Options{DB: w.local, URL: w.server.URL, Client: "acme", Database: "till", Token: tokens + "acme", HTTP: w.server.Client(), Tables: tables}
	for _, f := range change {
		f(&o)
	}
	c, err := upload.New(o)
	require.NoError(t, err)
	require.NoError(t, c.Migrate(t.Context()))
	return c
}

// exec runs statements in a transaction.
func exec(t testing.TB, db store.Store, sql string, args ...any) {
	t.Helper()
	require.NoError(t, tryExec(t.Context(), db, sql, args...))
}

func tryExec(ctx context.Context, db store.Store, sql string, args ...any) error {
	own, err := backend.Of(db)
	if err != nil {
		return err
	}
	return backend.InTx(ctx, own, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.Exec(ctx, squirrel.Expr(sql, args...))
		return err
	})
}

// column reads the first column of a query as text.
func column(t testing.TB, db store.Store, sql string, args ...any) []string {
	t.Helper()
	list := []string{}
	require.NoError(t, store.Each(t.Context(), db, squirrel.Expr(sql, args...), func(rows store.Rows) error {
		var text *string
		err := rows.Scan(&text)
		if text == nil {
			list = append(list, "null")
		} else {
			list = append(list, *text)
		}
		return err
	}))
	return list
}

// texts selects columns as text.
func texts(names ...string) string {
	for i, name := range names {
		names[i] = "coalesce(CAST(" + name + " AS text), 'null')"
	}
	return strings.Join(names, " || '|' || ")
}

// villas makes a table of villas.
const villas = "CREATE TABLE villas (id bigint PRIMARY KEY, name text, beds bigint, price double precision, open boolean, updated_at timestamp, version bigint)"

// put writes villas from one number to another.
func put(t testing.TB, db store.Store, from, to int, name string) {
	t.Helper()
	var sql strings.Builder
	for n := from; n <= to; n++ {
		if n > from {
			sql.WriteString(", ")
		}
		fmt.Fprintf(&sql, "(%d, '%s %d', %d, %d.5, true, '2026-01-02 03:04:05', %d)", n, name, n, n%7, n, n)
	}
	exec(t, db, "INSERT INTO villas (id, name, beds, price, open, updated_at, version) VALUES "+sql.String()+
		" ON CONFLICT (id) DO UPDATE SET name = excluded.name, beds = excluded.beds, price = excluded.price, open = excluded.open, updated_at = excluded.updated_at, version = excluded.version")
}

// villasOf reads all villas, in the server's table those of acme's till.
func villasOf(t testing.TB, db store.Store, replica bool) []string {
	t.Helper()
	columns := texts("id", "name", "beds", "CASE WHEN open THEN 1 ELSE 0 END", "version")
	if !replica {
		return column(t, db, "SELECT "+columns+" FROM villas ORDER BY id")
	}
	return column(t, db, "SELECT "+columns+" FROM upload_villas WHERE upload_client = 'acme' AND upload_database = 'till' ORDER BY id")
}

// equal holds both sides to the same rows, as SQL and as Compare see them.
func (w *world) equal(t testing.TB) {
	t.Helper()
	require.Equal(t, strings.Join(villasOf(t, w.local, false), "\n"), strings.Join(villasOf(t, w.remote, true), "\n"))
	for d, err := range upload.Compare(t.Context(), upload.Copy{DB: w.local, Table: "villas"}, w.replica("villas")) {
		require.NoError(t, err)
		t.Errorf("%v", d)
	}
}

// replica is the server's copy of a table of acme's till.
func (w *world) replica(table string) upload.Copy {
	return upload.Copy{DB: w.remote, Table: "upload_" + table, Where: squirrel.Eq{"upload_client": "acme", "upload_database": "till"}}
}

// finish takes steps until both sides are equal.
func finish(t testing.TB, c *upload.Client) upload.Result {
	t.Helper()
	results, err := c.Finish(t.Context())
	require.NoError(t, err)
	require.True(t, results[0].Equal)
	return results[0]
}

// step takes one step.
func step(t testing.TB, c *upload.Client) upload.Result {
	t.Helper()
	results, err := c.Step(t.Context())
	require.NoError(t, err)
	return results[0]
}

// hook calls f with each request from now on. It reports whether it has answered.
func (w *world) hook(f func(rw http.ResponseWriter, r *http.Request) bool) {
	if f == nil {
		w.before.Store(nil)
		return
	}
	w.before.Store(&f)
}

// place is where another process finds the local database.
func (w *world) place(t testing.TB) string { return placeOf(t, w.local, w.localPool) }

func placeOf(t testing.TB, db store.Store, pool *pgxpool.Pool) string {
	t.Helper()
	if pool != nil {
		return pool.Config().ConnString()
	}
	return column(t, db, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0]
}

// await finishes when the locks of a process that was killed are free.
func (w *world) await(t testing.TB, c *upload.Client) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, err := c.Step(t.Context())
		if !errors.Is(err, upload.ErrBusy) {
			require.NoError(t, err)
		}
		return err == nil
	}, harness.WaitLong, harness.WaitTick)
	finish(t, c)
}

// inflate reads the body of a request, which can be read again.
func inflate(t testing.TB, r *http.Request) string {
	t.Helper()
	sent, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Body = io.NopCloser(bytes.NewReader(sent))
	if r.Header.Get("Content-Encoding") == "" {
		return string(sent)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(sent))
	require.NoError(t, err)
	text, err := io.ReadAll(unzip)
	require.NoError(t, err)
	return string(text)
}
