package sqlstore

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// files make synced's own tables, in an SQL that both databases take. One is named
// NUMBER_what.sql and never changed: what comes later has a number of its own. It only
// adds, so that an older program works on what it made; where one can't, its number
// begins the next [generation]. What stands below the line "-- Down" undoes it.
//
// Number 1 is no longer made. It was synced_timestamps: see 10.
//
//go:embed migrations/*.sql
var files embed.FS

// generation is how many migrations programs of one generation may know. A program works
// on tables that it does not know all migrations of, unless one is of a later generation.
const generation = 1000

// Migration is one step of synced's own tables.
type Migration struct {
	Number int
	// Name says what it is about, in lower case.
	Name string
	// Up and Down are statements, each of which ends with a semicolon at the end of a
	// line. They note the number, and forget it.
	Up, Down string
}

const down = "-- Down\n"

// written are the migrations as they were written, without what notes them.
var written = sync.OnceValue(func() (list []Migration) {
	entries, err := fs.ReadDir(files, "migrations")
	for _, e := range entries {
		var m Migration
		var text []byte
		var number string
		number, m.Name, _ = strings.Cut(strings.TrimSuffix(e.Name(), ".sql"), "_")
		if m.Number, err = strconv.Atoi(number); err == nil {
			text, err = files.ReadFile("migrations/" + e.Name())
		}
		if err != nil {
			break
		}
		m.Up, m.Down, _ = strings.Cut(string(text), down)
		list = append(list, m)
	}
	if err != nil {
		panic(fmt.Errorf("migrations: %w", err)) // they are part of the program
	}
	return list
})

// Migrations returns all steps of synced's own tables, in their order.
func (o Own) Migrations() []Migration {
	list := make([]Migration, len(written()))
	for i, m := range written() {
		m.Up += fmt.Sprintf("INSERT INTO {synced_migrations} (version) VALUES (%d);\n", m.Number)
		m.Down += fmt.Sprintf("DELETE FROM {synced_migrations} WHERE version = %d;\n", m.Number)
		if i == 0 {
			m.Up = o.first() + m.Up
			m.Down += "DROP TABLE {synced_migrations};\n"
		}
		m.Up, m.Down = o.Fill(m.Up), o.Fill(m.Down)
		list[i] = m
	}
	return list
}

// first is what must be there before a migration can be noted.
func (o Own) first() string {
	sql := "CREATE TABLE IF NOT EXISTS {synced_migrations} (version bigint NOT NULL PRIMARY KEY);\n"
	if o.Schema != "" {
		sql = "CREATE SCHEMA IF NOT EXISTS " + quote(o.Schema) + ";\n" + sql
	}
	return sql
}

var created = regexp.MustCompile(`(?m)^CREATE TABLE (?:IF NOT EXISTS )?\{(\w+)\}`)

// tables are the names of synced's own, in the order of their migrations.
var tables = sync.OnceValue(func() []string {
	list := []string{"synced_migrations"}
	for _, m := range written() {
		for _, match := range created.FindAllStringSubmatch(m.Up, -1) {
			list = append(list, match[1])
		}
	}
	return list
})

// statements splits the text of a migration.
func statements(text string) (list []string) {
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) != "" {
			list = append(list, statement)
		}
	}
	return list
}

// script makes migrations by hand, and lets a role use the tables.
func (o Own) script(pending []Migration, role string) string {
	var sql strings.Builder
	for _, one := range pending {
		sql.WriteString(one.Up)
	}
	if role == "" {
		return sql.String()
	}
	if o.Schema != "" {
		fmt.Fprintf(&sql, "GRANT USAGE ON SCHEMA %s TO %s;\n", quote(o.Schema), quote(role))
	}
	list := make([]string, len(tables()))
	for i, t := range tables() {
		list[i] = o.Table(t)
	}
	fmt.Fprintf(&sql, "GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s;\n", strings.Join(list, ", "), quote(role))
	return sql.String()
}
