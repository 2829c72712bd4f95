package declare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// planLinks adds the tables that tie rows to children that they share to the planned
// table.
func (p *planned) planLinks() error {
	for _, a := range p.Associations {
		if !a.Shared || a.Child == nil {
			continue
		}
		l, err := planLink(&p.table, a)
		if err != nil {
			return fmt.Errorf("association %q: %w", a.Attribute, err)
		}
		if slices.ContainsFunc(p.table.Links, func(other *backend.Links) bool { return other.Name == l.Name }) {
			return fmt.Errorf("association %q: the table %q ties rows of another association already: give each a table of its own", a.Attribute, l.Name)
		}
		p.table.Links = append(p.table.Links, l)
	}
	return nil
}

// planLink returns the table of links as Schema shows it.
func planLink(table *backend.Table, a Association) (*backend.Links, error) {
	child := a.Child.Model.Table
	switch {
	case !names(a.Link):
		return nil, errors.New("no table ties the rows to their children: name one, such as item_labels")
	case a.Link == table.Name || a.Link == child.Name || table.Translations != nil && a.Link == table.Translations.Name:
		return nil, fmt.Errorf("the table %q that ties the rows to their children is another's: name one of its own", a.Link)
	case a.Column == "" || a.ChildColumn == "" || a.Column == a.ChildColumn:
		return nil, fmt.Errorf("the table %q has a column for the key of each side, but %q and %q are named: name two, such as item_id and label_id", a.Link, a.Column, a.ChildColumn)
	case keyColumn(table) < 0:
		return nil, errors.New("rows have no local key to be tied by: add ID int64 `db:\"id\"`")
	case keyColumn(child) < 0:
		return nil, fmt.Errorf("rows of the child %s have no local key to be tied by: add ID int64 `db:\"id\"`", child.Name)
	}
	of := func(column string, t *backend.Table) backend.LinkColumn {
		keyed := keyed(*t)
		return backend.LinkColumn{Name: column, Kind: keyed.KeyKind, Table: t.Name, Key: keyed.Key}
	}
	return &backend.Links{Name: a.Link, Parent: of(a.Column, table), Child: of(a.ChildColumn, child)}, nil
}

// link returns the table that ties rows to children that they share, with what the
// database says of it.
func (b *binding) link(table *backend.Table, a Association) (*backend.Links, error) {
	planned, err := planLink(table, a)
	if err != nil {
		return nil, err
	}
	found := b.links[a.Link]
	if len(found.Columns) == 0 {
		return nil, fmt.Errorf("the database has no table %q: create it, Synced.Schema has the DDL", a.Link)
	}
	bound := *planned
	bound.Journaled = found.Journaled()
	for _, c := range []*backend.LinkColumn{&bound.Parent, &bound.Child} {
		if err := bindLinkColumn(c, a.Link, found); err != nil {
			return nil, err
		}
	}
	key := []string{bound.Parent.Name, bound.Child.Name}
	if !slices.ContainsFunc(found.Unique, func(columns []string) bool {
		return len(columns) == 2 && slices.Contains(columns, key[0]) && slices.Contains(columns, key[1])
	}) {
		return nil, fmt.Errorf("the table %q has no unique index on (%s): CREATE UNIQUE INDEX ON %s (%s, %s)", a.Link, strings.Join(key, ", "), store.Quote(a.Link), store.Quote(key[0]), store.Quote(key[1]))
	}
	for _, c := range found.Columns {
		if c.NotNull && !c.HasDefault && !slices.Contains(key, c.Name) {
			return nil, fmt.Errorf("column %q of table %q is NOT NULL without a default, and no run fills it: give it a default", c.Name, a.Link)
		}
	}
	return &bound, nil
}

// bindLinkColumn finds a column that can't keep the keys that it should.
func bindLinkColumn(c *backend.LinkColumn, table string, found backend.Description) error {
	column, ok := found.Column(c.Name)
	if !ok {
		return fmt.Errorf("the table %q has no column %q: add it, Synced.Schema has the DDL", table, c.Name)
	}
	kind := kindOfColumn(column.Type)
	if found.Strict && (kind == backend.Int) != (c.Kind == backend.Int) {
		return fmt.Errorf("column %q of table %q is of type %s, but the keys of %s are %s", c.Name, table, column.Type, c.Table, kindName(c.Kind))
	}
	if found.Strict && kind != 0 {
		c.Kind = kind
	}
	c.Type = column.Type
	return nil
}
