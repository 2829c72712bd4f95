package postgres

import (
	"context"
	"errors"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// The codes of what a role may not do, and of a transaction that may not write, as on a
// standby.
const (
	forbidden = "42501"
	readOnly  = "25006"
)

// Migrate waits for other processes that migrate.
func (d *database) Migrate(ctx context.Context) error { return d.migrator().Migrate(ctx, d) }

// Ready looks for synced's own tables.
func (d *database) Ready(ctx context.Context) error { return d.migrator().Ready(ctx, d) }

func (d *database) migrator() sqlstore.Migrator {
	return sqlstore.Migrator{
		Dialect: d.dialect,
		Alone: func(ctx context.Context, work func(ctx context.Context, tx store.Tx) error) error {
			return d.alone(ctx, func(ctx context.Context, tx backend.Tx) error { return work(ctx, tx) })
		},
		Refused: func(err error) bool {
			refused, ok := errors.AsType[*pgconn.PgError](err)
			return ok && (refused.Code == forbidden || refused.Code == readOnly)
		},
		Role: func(ctx context.Context) (role string, err error) {
			_, err = store.One(ctx, d, squirrel.Select("current_user::text"), &role)
			return role, err
		},
	}
}
