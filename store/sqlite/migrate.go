package sqlite

import (
	"context"
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Migrate waits for other writers.
func (d *database) Migrate(ctx context.Context) error { return d.migrator().Migrate(ctx, d) }

// Ready looks for synced's own tables.
func (d *database) Ready(ctx context.Context) error { return d.migrator().Ready(ctx, d) }

func (d *database) migrator() sqlstore.Migrator {
	return sqlstore.Migrator{
		Dialect: d.dialect,
		Alone: func(ctx context.Context, work func(ctx context.Context, tx store.Tx) error) error {
			return backend.InTx(ctx, d, func(ctx context.Context, tx backend.Tx) error { return work(ctx, tx) })
		},
		Refused: func(err error) bool { return errors.Is(err, sqlite3.READONLY) },
		Role:    func(context.Context) (string, error) { return "", nil },
	}
}
