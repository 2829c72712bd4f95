package sqlite_test

import (
	"testing"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/storetest"
)

func BenchmarkWrite(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) store.Store { return open(b, testdb.SQLite(b)) })
}
