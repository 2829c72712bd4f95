package synced

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Schema is the DDL that fits the declaration on a database: the table, its
// unique index, and the trigger that guards the fingerprints. Every statement
// may be run again. It asks nothing of the database, so the table need not exist
// yet; where it does, and has columns that T has no fields for, use
// [Handle.Schema].
func (s Synced[T]) Schema(db store.Store) (string, error) { return s.erase().schemaOf(db) }

func (s *declared) schemaOf(db store.Store) (string, error) {
	s.fill()
	_, table, err := s.plan()
	if err != nil {
		return "", s.fail(err)
	}
	b, err := backend.Of(db)
	if err != nil {
		return "", s.fail(err)
	}
	if err := s.checkTable(b.Dialect()); err != nil {
		return "", s.fail(err)
	}
	return b.Dialect().Schema(table), nil
}

// CreateTable runs the declaration's Schema, for tests and for services that
// have no migrations of their own. It is harmless where the table exists.
func (s Synced[T]) CreateTable(ctx context.Context, db store.Store) error {
	return s.erase().createTable(ctx, db)
}

func (s *declared) createTable(ctx context.Context, db store.Store) error {
	ddl, err := s.schemaOf(db)
	if err != nil {
		return err
	}
	b, err := backend.Of(db)
	if err != nil {
		return s.fail(err)
	}
	err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.Exec(ctx, squirrel.Expr(ddl))
		return err
	})
	if err != nil {
		return s.fail(fmt.Errorf("create the table: %w", err))
	}
	return nil
}
