package postgres_test

import (
	"os"
	"testing"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestStore(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) store.Store { return postgres.New(testdb.Postgres(t)) })
}
