package synced

import (
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Dialect is a database, and where synced's own tables are in it: [PostgreSQL] or
// [SQLite].
type Dialect interface{ own() sqlstore.Own }

// PostgreSQL is the [Dialect] of store/postgres. Its fields are those of
// postgres.Options.
type PostgreSQL struct{ Schema, Prefix string }

// SQLite is the [Dialect] of store/sqlite. Its field is that of sqlite.Options.
type SQLite struct{ Prefix string }

func (d PostgreSQL) own() sqlstore.Own { return sqlstore.Own{Schema: d.Schema, Prefix: d.Prefix} }
func (d SQLite) own() sqlstore.Own     { return sqlstore.Own{Prefix: d.Prefix} }

// Migration is one step of synced's own tables. A published one never changes.
type Migration struct {
	// Number grows from step to step. Some numbers are left out.
	Number int
	// Name says what it is about, in lower case: "runs".
	Name string
	// Up makes the step and Down undoes it. Each is some statements, which end with a
	// semicolon at the end of a line. They also keep the table synced_migrations, by
	// which Migrate knows what the database has.
	Up, Down string
}

// Migrations returns the steps that Migrate of a store applies, in their order, for a
// service that runs all its migrations itself. Where it has run them, Migrate has
// nothing to do. The command cmd/synced-migrations writes them as files.
func Migrations(d Dialect) []Migration { return migrationsOf(d.own()) }

// MigrationsOf is [Migrations] where synced's own tables are in a store. It asks nothing of
// the database.
func MigrationsOf(db store.Store) ([]Migration, error) {
	b, err := backend.Of(db)
	if err != nil {
		return nil, fmt.Errorf("synced: %w", err)
	}
	return migrationsOf(b.Dialect().(interface{ Own() sqlstore.Own }).Own()), nil
}

func migrationsOf(own sqlstore.Own) []Migration {
	list := []Migration{}
	for _, m := range own.Migrations() {
		list = append(list, Migration(m))
	}
	return list
}
