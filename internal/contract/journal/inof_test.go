package journal_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

// inOf is the service's own transaction.
func inOf(t testing.TB, b *harness.Bundle, tx pgx.Tx) store.Tx {
	t.Helper()
	return postgres.New(b.Pool, postgres.Options{}).In(tx)
}
