package sqlstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// migrations make synced's own tables, in an SQL that both databases take. A
// file is named NUMBER_what.sql and never changed after a release.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Migrate applies the migrations that the database does not have yet, in a
// transaction that the store has made exclusive. Each is noted by its number, so
// that one with a smaller number than others may arrive later.
func Migrate(ctx context.Context, tx store.Tx) error {
	if _, err := tx.Exec(ctx, squirrel.Expr(
		"CREATE TABLE IF NOT EXISTS synced_migrations (version bigint NOT NULL PRIMARY KEY)")); err != nil {
		return fmt.Errorf("create synced_migrations: %w", err)
	}
	applied, err := versions(ctx, tx)
	if err != nil {
		return err
	}
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return err
	}
	for _, file := range files {
		number, _, _ := strings.Cut(file.Name(), "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("migration %s: %w", file.Name(), err)
		}
		if applied[n] {
			continue
		}
		if err := apply(ctx, tx, file.Name(), n); err != nil {
			return fmt.Errorf("migration %s: %w", file.Name(), err)
		}
	}
	return nil
}

// versions returns the numbers of the migrations that the database has.
func versions(ctx context.Context, tx store.Tx) (map[int]bool, error) {
	applied := map[int]bool{}
	return applied, store.Each(ctx, tx, squirrel.Select("version").From("synced_migrations"), func(rows store.Rows) error {
		var n int
		err := rows.Scan(&n)
		applied[n] = true
		return err
	})
}

// apply runs a file's statements, which end with a semicolon at the end of a
// line.
func apply(ctx context.Context, tx store.Tx, name string, n int) error {
	text, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return err
	}
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.Exec(ctx, squirrel.Expr(statement)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, squirrel.Insert("synced_migrations").Columns("version").Values(n))
	return err
}
