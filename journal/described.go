package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// described is a table as the database has it.
type described struct {
	Table
	schema, table string   // of PostgreSQL; the schema is "" on SQLite
	all           []string // names of all columns
	columns       []column // those that are kept
	key           []column // in the order of the primary key
}

// column is a column that is kept.
type column struct {
	name string
	base string // the type that it is made of, lower case
	kind kind
}

// quoted is the table as SQL names it.
func (d *described) quoted() string {
	if d.schema == "" {
		return quote(d.table)
	}
	return quote(d.schema) + "." + quote(d.table)
}

// quote is [store.Quote] of one part of a name, which may have a dot.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// column finds a column that is kept.
func (d *described) column(name string) (column, bool) {
	for _, c := range d.columns {
		if c.name == name {
			return c, true
		}
	}
	return column{}, false
}

// found is what a dialect reads of a table's columns.
type found struct {
	schema, table, column string
	key                   int // its place in the primary key, from 1; 0 outside of it
	generated             bool
}

// describe looks at a table, and finds what can't be kept.
func (all *tables) describe(ctx context.Context, t Table) (*described, error) {
	looks, err := all.db.Describe(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	if len(looks.Columns) == 0 {
		return nil, fmt.Errorf("the database has no such table: create it first")
	}
	if looks.View {
		return nil, fmt.Errorf("it is a view: name the tables below it")
	}
	d := &described{Table: t}
	keyed := map[int]column{}
	err = store.Each(ctx, all.db, all.sql.columns(t.Name), func(rows store.Rows) error {
		var f found
		if err := rows.Scan(&f.schema, &f.table, &f.column, &f.key, &f.generated); err != nil {
			return err
		}
		d.schema, d.table = f.schema, f.table
		at, _ := looks.Column(f.column)
		c := column{name: f.column, base: at.Base, kind: all.sql.kind(at.Base)}
		d.all = append(d.all, f.column)
		if f.key > 0 {
			keyed[f.key] = c
		}
		if f.key > 0 || !f.generated && t.keepsColumn(f.column) {
			d.columns = append(d.columns, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for n := 1; n <= len(keyed); n++ {
		d.key = append(d.key, keyed[n])
	}
	if len(d.key) == 0 {
		return nil, fmt.Errorf("it has no primary key, by which the journal tells rows apart: give it one")
	}
	return d, d.known(looks)
}

// known finds columns of the declaration that the table does not have.
func (d *described) known(looks backend.Description) error {
	for _, name := range slices.Concat(d.OnlyColumns, d.ExceptColumns) {
		if _, ok := looks.Column(name); !ok {
			return fmt.Errorf("it has no column %q, which OnlyColumns or ExceptColumns names", name)
		}
	}
	return nil
}
