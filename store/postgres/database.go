package postgres

import (
	"context"
	"errors"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// database is what synced asks of a [DB].
type database struct {
	sqlstore.Session
	db        DB
	dialect   dialect
	untyped   bool
	locks     locks
	lockSQL   lockSQL
	leases    sqlstore.Leases
	relations backend.Relations
}

var _ backend.Store = (*database)(nil)

func newDatabase(db DB, o Options) *database {
	d := &database{db: db, dialect: dialect{own: sqlstore.NewOwn(o.Schema, o.Prefix)}, untyped: untyped(db)}
	own := conn{querier: db, untyped: d.untyped}
	switch many := db.(type) {
	case *handle:
		own.send = many.sendBatch
	case pool:
		own.send = func(ctx context.Context, b *pgx.Batch) (pgx.BatchResults, error) { return many.SendBatch(ctx, b), nil }
	}
	d.Session = sqlstore.NewSession(own, d.dialect)
	d.lockSQL = lockSQLOf(d.dialect.own)
	d.leases = leases(d, o.LeaseTTL)
	d.locks = locksOf(d, o.LeaseTTL > 0)
	return d
}

// pool is what a *pgxpool.Pool can.
type pool interface {
	Config() *pgxpool.Config
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// sender sends statements together, each time on some connection.
type sender func(ctx context.Context, b *pgx.Batch) (pgx.BatchResults, error)

// Parallel reports whether the database has more than one connection.
func (d *database) Parallel() bool {
	switch db := d.db.(type) {
	case *handle:
		return db.limit() != 1
	case pool:
		return db.Config().MaxConns > 1
	default:
		return false
	}
}

// Relations returns which models of the store point to others.
func (d *database) Relations() *backend.Relations { return &d.relations }

// migrationLock is the key of the advisory lock that migrations hold: "synced"
// in ASCII.
const migrationLock = 0x73796e636564

// Create runs DDL. IF NOT EXISTS is an error where another transaction creates the
// same at once, so that it waits for other processes.
func (d *database) Create(ctx context.Context, ddl string) error {
	return d.alone(ctx, func(ctx context.Context, tx backend.Tx) error {
		_, err := driverTx(ctx, tx).Exec(ctx, ddl)
		return err
	})
}

// alone runs work in a transaction that changes tables, one at a time.
func (d *database) alone(ctx context.Context, work func(ctx context.Context, tx backend.Tx) error) error {
	return backend.InTx(ctx, d, func(ctx context.Context, tx backend.Tx) error {
		if _, err := tx.Exec(ctx, squirrel.Expr("SELECT pg_advisory_xact_lock(?)", int64(migrationLock))); err != nil {
			return err
		}
		return work(ctx, tx)
	})
}

// The codes of transactions that the server gives up: of a deadlock, and where
// transactions can't be put one after another.
const (
	deadlock      = "40P01"
	serialization = "40001"
)

// GaveUp reports whether a transaction of ours may be tried again. The caller's own is
// lost as a whole.
func (d *database) GaveUp(err error) bool {
	if _, callers := d.db.(pgx.Tx); callers {
		return false
	}
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == deadlock || refused.Code == serialization)
}
