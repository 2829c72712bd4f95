package peer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Model declares a table whose rows are exchanged. The journal has to have the table, too.
type Model struct {
	// Table is its name in the database, as in the journal's declaration.
	Table string
	// Name is what peers call the model. Defaults to Table.
	Name string
	// SameKeys reports whether a row has the same key on all peers, as with UUIDs that the
	// service makes. By default each database gives its own keys, and those of rows and of
	// the columns that refer to them are translated. A key of several columns is the same
	// everywhere, but for those of its columns that refer to rows whose keys are not.
	SameKeys bool
	// Except are columns that are neither sent nor taken from others. Columns that one side
	// lacks are passed over there.
	Except []string
	// References are columns that refer to rows of other models, by their tables, where the
	// database has no foreign key. "" says that the values of a column are the same on all
	// peers, though it is a foreign key.
	References map[string]string
	// Conflicts decides what becomes of a row that was changed on both sides. Defaults to
	// [Keep].
	Conflicts Policy
}

// model is a model, bound to its table.
type model struct {
	Model
	table   backend.Description
	key     []string // the primary key's columns
	foreign []foreignKey
	// translated reports whether each installation gives its own keys.
	translated bool
	// refs are the models whose keys columns keep, where those are translated.
	refs map[string]*model
	// depth is how many models stand between this one and those that belong to none.
	depth int
	// children are foreign keys of models that point here.
	children []child
}

// foreignKey is one that points to a model; to is nil for any other table.
type foreignKey struct {
	columns, there []string
	to             *model
}

// child is a foreign key of another model, or of the same.
type child struct {
	of *model
	foreignKey
}

// bind looks at the tables of models.
func bind(ctx context.Context, db backend.Store, declared []Model) ([]*model, error) {
	var list []*model
	tables := make([]string, len(declared))
	for i, d := range declared {
		tables[i] = d.Table
		if slices.Contains(tables[:i], d.Table) {
			return nil, fmt.Errorf("model %q is declared twice", d.Table)
		}
		if d.Name == "" {
			d.Name = d.Table
		}
		list = append(list, &model{Model: d, refs: map[string]*model{}})
	}
	for _, m := range list {
		if err := m.describe(ctx, db, list, tables); err != nil {
			return nil, fmt.Errorf("model %q: %w", m.Table, err)
		}
	}
	for _, m := range list {
		if err := m.relate(); err != nil {
			return nil, fmt.Errorf("model %q: %w", m.Table, err)
		}
	}
	for _, m := range list {
		m.depth = m.deep(nil)
	}
	return list, nil
}

// describe reads the table, its key and its foreign keys.
func (m *model) describe(ctx context.Context, db backend.Store, all []*model, tables []string) (err error) {
	if m.table, err = db.Describe(ctx, m.Table); err != nil {
		return err
	}
	if len(m.table.Columns) == 0 {
		return fmt.Errorf("the database has no table %q: create it first", m.Table)
	}
	if m.key, err = texts(ctx, db, db.Dialect().PrimaryKey(m.Table)); err != nil {
		return err
	}
	if len(m.key) == 0 {
		return fmt.Errorf("the table has no primary key: give it one, so that peers can name its rows")
	}
	for _, column := range m.Except {
		if slices.Contains(m.key, column) {
			return fmt.Errorf("column %q is of the primary key: take it out of Except", column)
		}
	}
	last := int64(-1)
	err = store.Each(ctx, db, db.Dialect().ForeignKeys(m.Table, tables), func(rows store.Rows) error {
		var number int64
		var column, to, there string
		if err := rows.Scan(&number, &column, &to, &there); err != nil {
			return err
		}
		if number != last {
			m.foreign = append(m.foreign, foreignKey{to: find(all, to)})
		}
		last = number
		f := &m.foreign[len(m.foreign)-1]
		f.columns, f.there = append(f.columns, column), append(f.there, there)
		return nil
	})
	if err != nil {
		return err
	}
	for column, table := range m.References {
		if table == "" {
			continue
		}
		to := find(all, table)
		if to == nil {
			return fmt.Errorf("column %q refers to %q, which is no model of this peer", column, table)
		}
		m.foreign = append(m.foreign, foreignKey{columns: []string{column}, to: to})
	}
	m.translated = !m.SameKeys && len(m.key) == 1 && !slices.ContainsFunc(m.foreign, func(f foreignKey) bool { return slices.Contains(f.columns, m.key[0]) })
	key, _ := m.table.Column(m.key[0])
	if m.translated && !key.HasDefault && !key.Generated {
		return fmt.Errorf("the database does not fill the key %q: set SameKeys if a row's key is the same on all peers, or give the column a default", m.key[0])
	}
	return nil
}

// relate finds which columns keep keys that are translated.
func (m *model) relate() error {
	for i, f := range m.foreign {
		if f.to == nil {
			for _, column := range f.columns {
				if _, said := m.References[column]; !said && !slices.Contains(m.Except, column) {
					return fmt.Errorf("column %q refers to a table that is no model of this peer: add the model, put the column into Except, or say References: {%q: \"\"} where its values are the same on all peers", column, column)
				}
			}
			continue
		}
		if f.there == nil {
			f.there = f.to.key
			m.foreign[i] = f
		}
		f.to.children = append(f.to.children, child{m, f})
		for n, column := range f.columns {
			if to := f.to.giver(f.there[n], nil); to != nil && m.refs[column] == nil && !m.same(column) {
				m.refs[column] = to
			}
		}
	}
	return nil
}

// same reports whether the values of a column are said to be the same on all peers.
func (m *model) same(column string) bool {
	table, said := m.References[column]
	return said && table == ""
}

// giver returns the model whose translated keys a column of this one keeps.
func (m *model) giver(column string, seen []*model) *model {
	switch {
	case slices.Contains(seen, m) || m.same(column):
		return nil
	case m.translated && column == m.key[0]:
		return m
	}
	for _, f := range m.foreign {
		if n := slices.Index(f.columns, column); n >= 0 && f.to != nil {
			there := f.to.key
			if f.there != nil {
				there = f.there
			}
			return f.to.giver(there[n], append(seen, m))
		}
	}
	return nil
}

// deep counts the models above.
func (m *model) deep(seen []*model) int {
	depth := 0
	for _, f := range m.foreign {
		if f.to != nil && f.to != m && !slices.Contains(seen, f.to) {
			depth = max(depth, 1+f.to.deep(append(seen, m)))
		}
	}
	return depth
}

// exchanges reports whether the values of a column go to peers and come from them.
func (m *model) exchanges(column string) bool {
	return !slices.Contains(m.Except, column) && !(m.translated && column == m.key[0])
}

// find finds a model by its table.
func find(all []*model, table string) *model {
	for _, m := range all {
		if table != "" && strings.EqualFold(m.Table, table) {
			return m
		}
	}
	return nil
}

// texts reads the only column of a query.
func texts(ctx context.Context, q store.Querier, query store.SQL) (list []string, err error) {
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var text string
		err := rows.Scan(&text)
		list = append(list, text)
		return err
	})
	return list, err
}
