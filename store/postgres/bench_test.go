package postgres_test

import (
	"testing"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/storetest"
)

func BenchmarkWrite(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) store.Store { return postgres.New(testdb.Postgres(b)) })
}
