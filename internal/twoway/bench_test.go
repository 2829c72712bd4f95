package twoway_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/peer"
)

// fill makes rows in one statement.
func (s *site) fill(b *testing.B, n int) {
	numbers := "SELECT value FROM generate_series(1, ?) AS value"
	if s.kind == "sqlite" {
		numbers = "WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < ?) SELECT value FROM numbers"
	}
	require.NoError(b, backend.InTx(b.Context(), s.db, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.Exec(ctx, squirrel.Expr("INSERT INTO folders (label, body) SELECT 'folder ' || value, 'the text of a folder, of about a hundred characters, as many have in such a table as this one here, ' || value FROM ("+numbers+") AS n", n))
		return err
	}))
}

// BenchmarkExchange exchanges a backlog of b.N changes of one transaction. Run it with
// -benchtime 100000x. The metric heap-MB is the most that the heap had in use, of both sides.
func BenchmarkExchange(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, way := range []string{"push", "pull"} {
			b.Run(kind+"/"+way, func(b *testing.B) {
				g := &saga{sites: []*site{newSite(b, kind, b.TempDir()+"/one.db", "one", 0), newSite(b, kind, b.TempDir()+"/two.db", "two", 0)}}
				l := &link{client: g.sites[0], handler: g.sites[1]}
				from := g.sites[0]
				if way == "pull" {
					from = g.sites[1]
				}
				for _, s := range g.sites {
					s.policy = peer.Keep
				}
				var heap uint64
				l.check = func() {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					heap = max(heap, m.HeapInuse)
				}
				l.connect(b)
				from.fill(b, b.N)
				b.ResetTimer()
				r, err := l.exchange(b, none, 0, 0)
				require.NoError(b, err)
				require.Equal(b, b.N, r.Pushed+r.Pulled)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
				b.ReportMetric(float64(heap)/(1<<20), "heap-MB")
				require.Len(b, g.sites[0].query(b, "SELECT label FROM folders"), b.N)
				require.Len(b, g.sites[1].query(b, "SELECT label FROM folders"), b.N)
			})
		}
	}
}
