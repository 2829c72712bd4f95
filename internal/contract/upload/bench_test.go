package upload_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

// rows returns how many rows a benchmark has, by SYNCED_ROWS.
func rows(b *testing.B, otherwise int) int {
	b.Helper()
	if n, err := strconv.Atoi(os.Getenv("SYNCED_ROWS")); err == nil {
		return n
	}
	return otherwise
}

// BenchmarkIdle is the step of a client that has nothing to do, as the server sees it: 1,000
// tenants on one PostgreSQL, each with a few rows.
func BenchmarkIdle(b *testing.B) {
	w := newWorld(b, "sqlite", "postgres", func(o *upload.HandlerOptions) {
		o.Allow = func(*http.Request, string, string) error { return nil }
	})
	const tenants = 1000
	tags := make([]string, tenants)
	path := func(n int) string {
		return fmt.Sprintf("/v1/customers/client%d/databases/till/tables/notes", n)
	}
	for n := range tenants {
		status, text := w.ask(b, "PUT", path(n), shape)
		require.Equal(b, 200, status, text)
		status, text = w.ask(b, "POST", path(n), `{"columns":["id","text"],"rows":[[1,1,"a"],[2,2,"b"],[3,3,"c"]],"through":3}`)
		require.Equal(b, 200, status, text)
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), "GET", path(n), nil))
		tags[n] = answer.Header().Get("ETag")
	}
	exec(b, w.remote, "ANALYZE upload__tables")
	read := w.read(b)
	backends, handler := w.backends(b), used("self")
	n := 0
	for b.Loop() {
		n++
		r := httptest.NewRequestWithContext(b.Context(), "GET", path(n%tenants), nil)
		r.Header.Set("If-None-Match", tags[n%tenants])
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		require.Equal(b, http.StatusNotModified, answer.Code)
	}
	b.ReportMetric((used("self")-handler)/float64(n)*1e6, "µs-handler/op")
	b.ReportMetric((w.backends(b)-backends)/float64(n)*1e6, "µs-postgres/op")
	b.ReportMetric(float64(w.read(b)-read)/float64(n), "rows/op")
}

// read is how many rows of tables PostgreSQL has read.
func (w *world) read(b *testing.B) int {
	b.Helper()
	time.Sleep(1500 * time.Millisecond) // sessions tell what they did once a second
	exec(b, w.remote, "SELECT pg_stat_force_next_flush()")
	n, err := strconv.Atoi(column(b, w.remote, "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::text FROM pg_stat_user_tables WHERE relname LIKE 'upload%'")[0])
	require.NoError(b, err)
	return n
}

// backends is how many seconds of a processor the server's sessions have used, on Linux.
func (w *world) backends(b *testing.B) (seconds float64) {
	b.Helper()
	for _, pid := range column(b, w.remote, "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database()") {
		seconds += used(pid)
	}
	return seconds
}

// used is how many seconds of a processor a process has used, on Linux.
func used(pid string) float64 {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

// BenchmarkFirstUpload uploads a table that the server does not have, from one PostgreSQL
// to another, and copies it with COPY alone.
func BenchmarkFirstUpload(b *testing.B) {
	many := rows(b, 50000)
	w := newWorld(b, "postgres", "postgres")
	exec(b, w.local, "CREATE TABLE villas (id bigint PRIMARY KEY, name text, beds bigint, price double precision, open boolean, updated_at timestamptz, version bigint)")
	exec(b, w.local, "INSERT INTO villas SELECT n, 'the name of villa ' || n, n % 7, n + 0.5, true, now(), n FROM generate_series(1, ?::bigint) AS n", many)
	b.Run("copy", func(b *testing.B) {
		for b.Loop() {
			exec(b, w.remote, "DROP TABLE IF EXISTS copied")
			exec(b, w.remote, "CREATE TABLE copied (client text, database text, id bigint, name text, beds bigint, price double precision, open boolean, updated_at timestamptz, version bigint, PRIMARY KEY (client, database, id))")
			from, err := w.localPool.Query(b.Context(), "SELECT 'acme', 'till', id, name, beds, price, open, updated_at, version FROM villas")
			require.NoError(b, err)
			n, err := w.pool.CopyFrom(b.Context(), pgx.Identifier{"copied"}, []string{"client", "database", "id", "name", "beds", "price", "open", "updated_at", "version"}, from)
			require.NoError(b, err)
			require.EqualValues(b, many, n)
		}
		b.ReportMetric(float64(many)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	for _, noted := range []bool{false, true} {
		name := "upload"
		if noted {
			name = "upload of noted rows"
		}
		b.Run(name, func(b *testing.B) {
			peak, stop := watch()
			defer stop()
			for b.Loop() {
				b.StopTimer()
				for _, table := range []string{"synced_uploads", "synced_upload_prints", "synced_upload_sums"} {
					exec(b, w.local, "TRUNCATE "+table)
				}
				exec(b, w.remote, "TRUNCATE upload__tables, upload__sums")
				exec(b, w.remote, "DROP TABLE IF EXISTS upload_villas")
				exec(b, w.remote, "DELETE FROM upload__shapes")
				w.handler, _ = upload.NewHandler(upload.HandlerOptions{DB: w.remote, Allow: allow})
				c := w.client(b, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}, func(o *upload.Options) { o.Notes = 1 << 30 })
				if noted {
					step(b, c)
				}
				b.StartTimer()
				finish(b, c)
			}
			b.ReportMetric(float64(many)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(peak.Load())/1e6, "peak-MB")
		})
	}
}

// watch looks how much memory is in use, several times a second.
func watch() (peak *atomic.Int64, stop func()) {
	peak = &atomic.Int64{}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), int64(m.HeapInuse)))
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return peak, cancel
}
