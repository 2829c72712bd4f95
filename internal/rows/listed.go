package rows

import (
	"context"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// Listed reads up to most parents of a model that has a list for each, in the order of
// their local keys after one: those of a root that are not canceled, nor below one that
// is.
func Listed(ctx context.Context, q backend.Querier, e *model.Each, root any, after *backend.ID, most uint64) ([]model.Listed, error) {
	key := store.Quote(e.Parent.Table.Key)
	query := selectListed(e).Where(living(e.Parent, root)).OrderBy(key).Limit(most)
	if after != nil {
		query = query.Where(squirrel.Expr(key+" > ?", after.Value()))
	}
	return readListed(ctx, q, e, query)
}

// ListedBy reads the parent with a local key, and the scope of the topmost one; nil where
// it is not there, or canceled.
func ListedBy(ctx context.Context, q backend.Querier, e *model.Each, key any) (*model.Listed, any, error) {
	where := append(living(e.Parent, nil), squirrel.Expr(store.Quote(e.Parent.Table.Key)+" = ?", key))
	found, err := readListed(ctx, q, e, selectListed(e).Where(where))
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	root := e.Parent.Root()
	if root.Table.Scope == "" {
		return &found[0], nil, nil
	}
	depth := 0
	for m := e.Parent; m.Each != nil; m = m.Each.Parent {
		depth++
	}
	dest := backend.NewID(root.Table.ScopeKind)
	selected := of(e.Parent, depth, root.Table.Scope)
	if root.Table.ScopeKind != backend.Int {
		selected = "CAST(" + selected + " AS text)"
	}
	_, err = store.One(ctx, q, squirrel.Select(selected).From(store.Quote(e.Parent.Table.Name)).Where(where), dest)
	return &found[0], backend.IDOf(dest).Value(), err
}

// LivingKeys is the query for the local keys, as text, of all parents that live,
// whatever their root.
func LivingKeys(e *model.Each) store.SQL {
	return squirrel.Select("CAST(" + store.Quote(e.Parent.Table.Key) + " AS text)").From(store.Quote(e.Parent.Table.Name)).Where(living(e.Parent, nil))
}

// living is the condition for the rows of a model, or of a root, that are not canceled
// and below none that is.
func living(m *model.Model, root any) squirrel.And {
	where := squirrel.And{squirrel.Expr(store.Quote(m.Table.ID) + " IS NOT NULL")}
	if m.Table.Canceled != "" {
		where = append(where, squirrel.Expr(m.Table.NotCanceled()))
	}
	if m.Each != nil {
		above := m.Each.Parent
		return append(where, squirrel.Expr(store.Quote(m.Table.Scope)+" IN (?)",
			squirrel.Select(store.Quote(above.Table.Key)).From(store.Quote(above.Table.Name)).Where(living(above, root))))
	}
	if root != nil {
		where = append(where, squirrel.Expr(store.Quote(m.Table.Scope)+" = ?", root))
	}
	return where
}

func selectListed(e *model.Each) squirrel.SelectBuilder {
	t := e.Parent.Table
	text := func(column string) string { return "CAST(" + column + " AS text)" }
	key, due := store.Quote(t.Key), "''"
	if t.KeyKind != backend.Int {
		key = text(key)
	}
	if e.Due != "" {
		due = "coalesce(" + text(store.Quote(e.Due)) + ", '')"
	}
	columns := []string{key, text(store.Quote(t.ID)), due}
	for _, name := range e.Endpoint.Columns {
		depth, column := Column(e.Parent, name)
		columns = append(columns, text(of(e.Parent, depth, column)))
	}
	return squirrel.Select(columns...).From(store.Quote(t.Name))
}

// Column returns the column that an endpoint names, and how far above a parent it is; the
// column is "" where neither the parent nor one above it has one of that name.
func Column(parent *model.Model, name string) (depth int, column string) {
	if column := columnOf(parent.Table, name); column != "" {
		return 0, column
	}
	for m := parent; ; m = m.Each.Parent {
		if own, ok := strings.CutPrefix(name, m.Table.Name+"."); ok {
			return depth, columnOf(m.Table, own)
		}
		if m.Each == nil {
			return 0, ""
		}
		depth++
	}
}

func columnOf(t *backend.Table, name string) string {
	switch {
	case t.Index(name) >= 0, name == t.ID, name == t.Scope, name == t.Key:
		return name
	case name == "synced_id":
		return t.ID
	default:
		return ""
	}
}

// of reads a column of a model's row, or of that so far above it.
func of(m *model.Model, depth int, column string) string {
	if depth == 0 {
		return store.Quote(m.Table.Name) + "." + store.Quote(column)
	}
	above := m.Each.Parent
	table := store.Quote(above.Table.Name)
	return "(SELECT " + of(above, depth-1, column) + " FROM " + table + " WHERE " + table + "." + store.Quote(above.Table.Key) +
		" = " + store.Quote(m.Table.Name) + "." + store.Quote(m.Table.Scope) + ")"
}

func readListed(ctx context.Context, q backend.Querier, e *model.Each, query store.SQL) (list []model.Listed, err error) {
	dest := backend.NewID(e.Parent.Table.KeyKind)
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		p := model.Listed{Values: make([]*string, len(e.Endpoint.Columns))}
		into := []any{dest, &p.Record, &p.Due}
		for i := range p.Values {
			into = append(into, &p.Values[i])
		}
		err := rows.Scan(into...)
		p.Key = backend.IDOf(dest)
		list = append(list, p)
		return err
	})
	return list, err
}
