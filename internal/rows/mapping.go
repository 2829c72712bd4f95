package rows

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// OtherMapping is the condition for the rows that another mapping made, as far as
// their fingerprints tell.
func OtherMapping(m *model.Model) squirrel.Sqlizer {
	bits, mapping := m.Plan.Mapping()
	return squirrel.Expr(fmt.Sprintf("(%s >> %d) <> ?", store.Quote(m.Table.Hash), bits), mapping)
}

// Outdated is the condition for the rows of a scope that have an object and that
// this mapping did not make, as far as their fingerprints tell.
func Outdated(m *model.Model, scope any) squirrel.And {
	where := append(m.Table.Where(scope), squirrel.Expr(store.Quote(m.Table.Data)+" IS NOT NULL"))
	if m.Table.Hash == "" {
		return where
	}
	return append(where, squirrel.Or{squirrel.Expr(store.Quote(m.Table.Hash) + " IS NULL"), OtherMapping(m)})
}

// Adopted reports whether there is a scope of which no row was ever mapped, although it
// has rows with objects: those that were stored before the table was synced's.
func Adopted(ctx context.Context, m *model.Model) (bool, error) {
	hash, data := store.Quote(m.Table.Hash), store.Quote(m.Table.Data)
	live := data + " IS NOT NULL"
	if m.Table.Canceled != "" {
		live += " AND " + store.Quote(m.Table.Canceled) + " IS NULL"
	}
	// A fingerprint is looked at first: the objects of large tables are read from elsewhere.
	query := squirrel.Select("count(*)").From(store.Quote(m.Table.Name)).Where(m.Table.Where(nil)).
		Having("count(" + hash + ") = 0 AND count(CASE WHEN " + hash + " IS NULL AND " + live + " AND trim(CAST(" + data + " AS text)) NOT IN ('', 'null', '{}') THEN 1 END) > 0").Limit(1)
	if m.Table.Scope != "" {
		query = query.Where(store.Quote(m.Table.Scope) + " IS NOT NULL").GroupBy(store.Quote(m.Table.Scope))
	}
	return store.One(ctx, m.DB, query, new(int))
}

// Unsettled reports whether a row of the scope, or one of a nested record, must be
// looked at: it was edited here, or another mapping made it. Canceled rows are
// without a fingerprint anyway.
func Unsettled(ctx context.Context, m *model.Model, scope any) (bool, error) {
	if m.Table.Scope == "" {
		scope = nil
	}
	where := append(m.Table.Where(scope), squirrel.Or{squirrel.Expr(store.Quote(m.Table.Hash) + " IS NULL"), OtherMapping(m)})
	if m.Table.Canceled != "" {
		where = append(where, squirrel.Expr(m.Table.NotCanceled()))
	}
	found := false
	err := store.Each(ctx, m.DB, squirrel.Select("1").From(store.Quote(m.Table.Name)).Where(where).Limit(1),
		func(store.Rows) error { found = true; return nil })
	for _, a := range m.Associations {
		if err == nil && !found {
			found, err = Unsettled(ctx, a.Child, scope)
		}
	}
	return found, err
}
