// Command synced-migrations writes the migrations of synced's own tables as numbered
// files for goose, golang-migrate or atlas, beside those of the service:
//
//	go run github.com/syncedgo/synced/cmd/synced-migrations -tool goose -dir db/migrations
//
// Files that are there already, with any number, stay: run it again after an upgrade, and
// it writes those that are new. New ones have the numbers after the last one in the
// folder, or the current time where those are times. Without -dir it prints the SQL.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/migrationfiles"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, time.Now); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "synced-migrations:", err)
		}
		os.Exit(2)
	}
}

func run(args []string, out io.Writer, now func() time.Time) error {
	flags := flag.NewFlagSet("synced-migrations", flag.ContinueOnError)
	database := flags.String("dialect", "postgres", "the database: postgres or sqlite")
	schema := flags.String("schema", "", "the schema of synced's own tables, as postgres.Options has it")
	prefix := flags.String("prefix", "", "the prefix of synced's own tables, as the store's Options have it")
	style := flags.String("tool", "goose", migrationfiles.Tools)
	dir := flags.String("dir", "", "the folder of the service's migrations")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dialect, err := dialectOf(*database, *schema, *prefix)
	if err != nil {
		return err
	}
	return migrationfiles.Write(out, synced.Migrations(dialect), *style, *dir, now)
}

func dialectOf(name, schema, prefix string) (synced.Dialect, error) {
	switch {
	case name == "postgres":
		return synced.PostgreSQL{Schema: schema, Prefix: prefix}, nil
	case name == "sqlite" && schema == "":
		return synced.SQLite{Prefix: prefix}, nil
	case name == "sqlite":
		return nil, errors.New("-schema: SQLite has no schemas; use -prefix")
	}
	return nil, fmt.Errorf("-dialect %s: want postgres or sqlite", name)
}
