package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// errChildren is a row that others refer to.
var errChildren = errors.New("other rows refer to it")

// obstacle finds rows that keep a change from being made: those that a deleted row would
// take with it, which the peer did not see; and in the careful try, parents that are gone.
func (a *applying) obstacle(ctx context.Context, in *incoming) (kind, reason string, err error) {
	if in.gone() {
		for _, c := range in.m.children {
			found, err := a.hasChild(ctx, in, c)
			switch {
			case err != nil:
				return "", "", err
			case found && !a.careful:
				return "", "", fmt.Errorf("%w: of %s, by %q", errChildren, c.of.Name, c.columns)
			case found:
				return ofChildren, fmt.Sprintf("rows of %s refer to the row, which the peer deleted without them", c.of.Name), nil
			}
		}
		return "", "", nil
	}
	if !a.careful {
		return "", "", nil
	}
	for _, f := range in.m.foreign {
		missing, err := a.missesParent(ctx, in, f)
		if err != nil {
			return "", "", err
		}
		if missing {
			return ofParent, fmt.Sprintf("the row refers to one of %s, by %q, that is gone here", f.to.Name, f.columns), nil
		}
	}
	return "", "", nil
}

func (a *applying) hasChild(ctx context.Context, in *incoming, c child) (bool, error) {
	where := squirrel.Eq{}
	for i, column := range c.columns {
		k := slices.Index(in.m.key, c.there[i])
		if k < 0 {
			return false, nil // it refers to something else than the key: the database tells
		}
		described, _ := in.m.table.Column(c.there[i])
		v, err := parameter(described, in.m.keyValue(k, in.key[k]))
		if err != nil {
			return false, err
		}
		where[store.Quote(column)] = v
	}
	query := squirrel.Select("1").From(store.Quote(c.of.Table)).Where(where).Limit(1)
	if c.of == in.m {
		query = query.Where(squirrel.Expr("NOT (?)", in.m.is(in.key))) // a row may refer to itself
	}
	return store.One(ctx, a.tx, query, nil)
}

func (a *applying) missesParent(ctx context.Context, in *incoming, f foreignKey) (bool, error) {
	if f.to == nil {
		return false, nil
	}
	where := squirrel.Eq{}
	for i, column := range f.columns {
		v, has := in.new[column]
		if !has || v == nil {
			return false, nil // a null refers to nothing, and what is not written stays as it is
		}
		if name, named := in.Rows.New[column]; named && a.brought[f.to.Name+" "+name.String()] {
			return false, nil
		}
		described, _ := f.to.table.Column(f.there[i])
		v, err := parameter(described, v)
		if err != nil {
			return false, err
		}
		where[store.Quote(f.there[i])] = v
	}
	found, err := store.One(ctx, a.tx, squirrel.Select("1").From(store.Quote(f.to.Table)).Where(where).Limit(1), nil)
	return !found && err == nil, err
}
