package journal_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
)

// row is a table of 15 columns whose rows have about 1.5 kB.
const row = `(id bigint PRIMARY KEY, name text, title text, street text, city text, notes text, stars integer, beds bigint,
	price double precision, active boolean, created_at timestamp, updated_at timestamp, day date, kind varchar(20), amount numeric(10,2))`

const filled = `SELECT n, 'Villa ' || n, 'A title of a villa', 'A street with a name 17', 'A city', '%s', n, n, n / 3.0, true,
	'2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123456Z', '2026-01-02', 'house', 12.5 FROM numbers`

func tables(b *testing.B, s *harness.Bundle, rows int, names ...string) {
	notes := fmt.Sprintf("%01250d", 7)
	if s.Pool != nil {
		s.Execute(b, fmt.Sprintf("CREATE TABLE numbers AS SELECT n FROM generate_series(1, %d) AS g (n)", rows))
	} else {
		s.Execute(b, fmt.Sprintf("CREATE TABLE numbers AS WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < %d) SELECT n FROM g", rows))
	}
	for _, name := range names {
		s.Execute(b, "CREATE TABLE "+name+" "+row)
		if s.Pool != nil {
			s.Execute(b, "INSERT INTO "+name+" SELECT n, 'Villa ' || n, 'A title of a villa', 'A street with a name 17', 'A city', '"+notes+"', n, n, n / 3.0, true, '2026-01-02T03:04:05.123456Z'::timestamptz, '2026-01-02T03:04:05.123456Z'::timestamptz, '2026-01-02'::date, 'house', 12.5 FROM numbers")
		} else {
			s.Execute(b, "INSERT INTO "+name+" "+fmt.Sprintf(filled, notes))
		}
	}
}

// update returns a function that runs a statement as a service does, prepared the first time:
// as pgx does by itself, and a service on SQLite that wants to be fast.
func update(b *testing.B, s *harness.Bundle) func(sql string, args ...any) {
	ctx := context.Background()
	if s.Pool != nil {
		conn, err := s.Pool.Acquire(ctx)
		require.NoError(b, err)
		b.Cleanup(conn.Release)
		return func(sql string, args ...any) {
			if _, err := conn.Exec(ctx, sql, args...); err != nil {
				b.Fatal(err)
			}
		}
	}
	statements := map[string]*sql.Stmt{}
	return func(text string, args ...any) {
		if statements[text] == nil {
			var err error
			statements[text], err = s.File.DB().PrepareContext(ctx, text)
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, statements[text].Close()) })
		}
		if _, err := statements[text].ExecContext(ctx, args...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTrigger tells what a trigger costs its writer, as a part of the same update
// without: the updates of two tables take turns, and of each the fastest tenth counts.
func BenchmarkTrigger(b *testing.B) {
	const rows = 2000
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, many := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%s/rows=%d", kind, many), func(b *testing.B) {
				s := harness.Setup(b, kind)
				tables(b, s, rows, "plain", "watched")
				j := open(b, s, journal.Table{Name: "watched"})
				statement := "UPDATE %s SET name = 'Villa ' || $2, stars = $1, updated_at = '2026-02-02T03:04:05Z' WHERE id > $3 AND id <= $3 + $4"
				if s.Pool != nil {
					statement = "UPDATE %s SET name = 'Villa ' || $2::text, stars = $1, updated_at = '2026-02-02T03:04:05Z' WHERE id > $3 AND id <= $3::bigint + $4::bigint"
				}
				do := update(b, s)
				var took [2][]time.Duration
				for n := 0; b.Loop(); n++ {
					for i, table := range []string{"plain", "watched"} {
						begin := time.Now()
						do(fmt.Sprintf(statement, table), n, strconv.Itoa(n), n*7%(rows-many+1), many)
						took[i] = append(took[i], time.Since(begin))
					}
					if n%200 == 199 {
						b.StopTimer()
						_, err := j.Last(context.Background())
						require.NoError(b, err)
						b.StartTimer()
					}
				}
				var fast [2]time.Duration
				for i := range took {
					slices.Sort(took[i])
					fast[i] = took[i][len(took[i])/10]
				}
				b.ReportMetric(float64(fast[0].Nanoseconds())/float64(many), "ns/plain")
				b.ReportMetric(float64(fast[1].Nanoseconds())/float64(many), "ns/watched")
				b.ReportMetric(100*(float64(fast[1])/float64(fast[0])-1), "%more")
			})
		}
	}
}

// BenchmarkBacklog reads changes that have piled up: SYNCED_BACKLOG of them or more, by
// default 20,000, of which all later ones are copies of the first. It tells how fast changes
// get their place and are read, and how much memory is in use at most.
func BenchmarkBacklog(b *testing.B) {
	size, _ := strconv.Atoi(os.Getenv("SYNCED_BACKLOG"))
	if size == 0 {
		size = 20_000
	}
	const rows = 10_000
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			s := harness.Setup(b, kind)
			tables(b, s, rows, "watched")
			j := open(b, s, journal.Table{Name: "watched"})
			for n := range 2 {
				s.Execute(b, "UPDATE watched SET stars = ?, name = ?", n+1_000_000, fmt.Sprint("Villa number ", n))
			}
			begin := time.Now()
			last, err := j.Last(b.Context())
			require.NoError(b, err)
			placed := float64(last) / time.Since(begin).Seconds()
			for ; last < int64(size); last += last {
				s.Execute(b, "INSERT INTO synced_journal (seq, tx, last, origin, origin_seq, via, model, key, op, old_row, new_row, version_time, version_origin, bases, at_ms)"+
					" SELECT seq + ?, tx + ?, last, origin, seq + ?, via, model, key, op, old_row, new_row, version_time, version_origin, bases, at_ms FROM synced_journal", last, last, last)
			}
			s.Execute(b, "UPDATE synced_journal_state SET last_seq = ?, last_tx = (SELECT max(tx) FROM synced_journal)", last)
			runtime.GC()
			var before, now runtime.MemStats
			runtime.ReadMemStats(&before)
			most, read := before.HeapInuse, 0
			for b.Loop() {
				begin = time.Now()
				read = 0
				for _, err := range j.Changes(b.Context(), 0) {
					require.NoError(b, err)
					if read++; read%10_000 == 0 {
						runtime.ReadMemStats(&now)
						most = max(most, now.HeapInuse)
					}
				}
			}
			require.Equal(b, int(last), read)
			b.ReportMetric(placed, "placed/s")
			b.ReportMetric(float64(read)/time.Since(begin).Seconds(), "read/s")
			b.ReportMetric(float64(most-before.HeapInuse)/(1<<20), "MB")
		})
	}
}
