package sqlite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/sqlite"
)

func BenchmarkWrite(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) (backend.Store, storetest.Limit) {
		db := handle(b, testdb.SQLite(b), sqlite.Options{})
		return db.Backend(), func(ctx context.Context, table string, columns []string, rows [][]any) error {
			tx, err := db.DB().BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
			stmt, err := tx.PrepareContext(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")")
			if err != nil {
				return err
			}
			defer func() { _ = stmt.Close() }()
			for _, row := range rows {
				if _, err := stmt.ExecContext(ctx, row...); err != nil {
					return err
				}
			}
			return tx.Commit()
		}
	})
}
