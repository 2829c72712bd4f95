package river

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Migrate creates River's tables in [Options].Schema, or brings them up to date, and the
// schema itself. Call it where the store's Migrate is called. Several processes may do so at
// once. It takes two connections of the pool.
func Migrate(ctx context.Context, pool *pgxpool.Pool, options Options) error {
	o, err := options.named()
	if err == nil {
		err = migrate(ctx, pool, o.Schema)
	}
	if err != nil {
		return fmt.Errorf("river: migrate: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	migrator, err := migratorOf(pool, schema)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { // holds the lock, and does nothing else
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "synced: tables of River in "+schema); err != nil {
			return err
		}
		if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{schema}.Sanitize()); err != nil {
			return err
		}
		_, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
}

// migrated returns what keeps River's tables from being used.
func migrated(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	migrator, err := migratorOf(pool, schema)
	if err != nil {
		return err
	}
	result, err := migrator.Validate(ctx, nil)
	if err != nil {
		return err
	}
	if !result.OK {
		return fmt.Errorf("the tables of River in the schema %s are not up to date (%s): call river.Migrate", schema, strings.Join(result.Messages, "; "))
	}
	return nil
}

func migratorOf(pool *pgxpool.Pool, schema string) (*rivermigrate.Migrator[pgx.Tx], error) {
	return rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
}
