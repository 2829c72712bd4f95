package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
)

func BenchmarkWrite(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) (backend.Store, storetest.Limit) {
		pool := testdb.Postgres(b)
		return storeOn(pool), func(ctx context.Context, table string, columns []string, rows [][]any) error {
			_, err := pool.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
			return err
		}
	})
}
