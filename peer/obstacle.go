package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// errChildren is a row that others refer to.
var errChildren = errors.New("other rows refer to it")

// obstacle finds rows that keep a change from being made: those that a deleted row would
// take with it, which the peer did not see; and in the careful try, parents that are gone.
func (a *applying) obstacle(ctx context.Context, in *incoming) (kind, reason string, err error) {
	if in.gone() {
		kind, reason, err := childOf(ctx, a.tx, in.m, in.key)
		if kind != "" && !a.careful {
			return "", "", fmt.Errorf("%w: %s", errChildren, reason)
		}
		return kind, reason, err
	}
	if !a.careful {
		return "", "", nil
	}
	for _, f := range in.m.foreign {
		missing, err := missesParent(ctx, a.tx, f, in.new, in.Rows.New, a.brought)
		if err != nil {
			return "", "", err
		}
		if missing {
			return ofParent, noParent(f), nil
		}
	}
	return "", "", nil
}

func noParent(f foreignKey) string {
	return fmt.Sprintf("the row refers to one of %s, by %q, that is gone here", f.to.Name, f.columns)
}

// childOf looks for rows that refer to one which would go.
func childOf(ctx context.Context, q store.Querier, m *model, key []string) (kind, reason string, err error) {
	for _, c := range m.children {
		found, err := hasChild(ctx, q, m, key, c)
		if err != nil {
			return "", "", err
		}
		if found {
			return ofChildren, fmt.Sprintf("rows of %s refer to the row, by %q, which the peer deleted without them", c.of.Name, c.columns), nil
		}
	}
	return "", "", nil
}

func hasChild(ctx context.Context, q store.Querier, m *model, key []string, c child) (bool, error) {
	where := squirrel.Eq{}
	for i, column := range c.columns {
		k := slices.Index(m.key, c.there[i])
		if k < 0 {
			return false, nil // it refers to something else than the key: the database tells
		}
		described, _ := m.table.Column(c.there[i])
		v, err := parameter(described, m.keyValue(k, key[k]))
		if err != nil {
			return false, err
		}
		where[store.Quote(column)] = v
	}
	query := squirrel.Select("1").From(store.Quote(c.of.Table)).Where(where).Limit(1)
	if c.of == m {
		query = query.Where(squirrel.Expr("NOT (?)", m.is(key))) // a row may refer to itself
	}
	return store.One(ctx, q, query, nil)
}

// missesParent looks for the row that one refers to. Named are the names of rows, of which some are brought by
// the same transaction.
func missesParent(ctx context.Context, q store.Querier, f foreignKey, row journal.Row, named map[string]Name, brought map[string]bool) (bool, error) {
	if f.to == nil {
		return false, nil
	}
	where := squirrel.Eq{}
	for i, column := range f.columns {
		v, has := row[column]
		if !has || v == nil {
			return false, nil // a null refers to nothing, and what is not written stays as it is
		}
		if name, is := named[column]; is && brought[f.to.Name+" "+name.String()] {
			return false, nil
		}
		described, _ := f.to.table.Column(f.there[i])
		v, err := parameter(described, v)
		if err != nil {
			return false, err
		}
		where[store.Quote(f.there[i])] = v
	}
	found, err := store.One(ctx, q, squirrel.Select("1").From(store.Quote(f.to.Table)).Where(where).Limit(1), nil)
	return !found && err == nil, err
}

// hindrance finds what keeps a decision from being carried out: a parent that is gone, rows that
// refer to one that would go, and columns that are not known of a row that would come.
func hindrance(ctx context.Context, q store.Querier, d *dispute, s state, decision Decision) (kind, reason string, err error) {
	if decision.take == takeOurs {
		return "", "", nil
	}
	if decision.take == takeTheirs && !s.exists() && d.part() {
		return ofRow, "the row was deleted here, and the peer changed only some of its columns; the whole row is not known here, so resolve the conflict with a Row, or with Ours", nil
	}
	final := d.final(s, decision)
	if final == nil && s.exists() {
		return childOf(ctx, q, d.m, s.key)
	}
	for _, f := range d.m.foreign {
		missing, err := missesParent(ctx, q, f, final, nil, nil)
		if err != nil || missing {
			return ofParent, noParent(f), err
		}
	}
	return "", "", nil
}
