package rows

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// Links reads which children parents are tied to, by the local keys of both, and the
// remote ids of the children. Rows of the child that are the service's own are not
// among them.
func Links(ctx context.Context, q backend.Querier, a *model.Association, scope any, parents []backend.ID) (map[backend.Link]backend.ID, error) {
	found := map[backend.Link]backend.ID{}
	if len(parents) == 0 {
		return found, nil
	}
	l, t := a.Link, a.Child.Table
	parentColumn, childColumn := "synced_links."+store.Quote(l.Parent.Name), "synced_links."+store.Quote(l.Child.Name)
	children := squirrel.Select(asKey(store.Quote(t.ID), t.IDKind)+" AS synced_id", store.Quote(t.Key)+" AS synced_key").From(store.Quote(t.Name)).Where(t.Where(scope))
	query := squirrel.Select(asKey(parentColumn, l.Parent.Kind), asKey(childColumn, l.Child.Kind), "synced_children.synced_id").
		From(store.Quote(l.Name) + " AS synced_links").
		JoinClause(squirrel.Expr("JOIN (?) AS synced_children ON synced_children.synced_key = "+childColumn, children)).
		Where(q.Dialect().AnyID(parentColumn, l.Parent.Kind, parents))
	parent, child, id := backend.NewID(l.Parent.Kind), backend.NewID(l.Child.Kind), t.NewID()
	return found, store.Each(ctx, q, query, func(r store.Rows) error {
		if err := r.Scan(parent, child, id); err != nil {
			return err
		}
		found[backend.Link{Parent: backend.IDOf(parent), Child: backend.IDOf(child)}] = backend.IDOf(id)
		return nil
	})
}

// asKey selects a column of local keys.
func asKey(column string, kind backend.Kind) string {
	if kind == backend.Int {
		return column
	}
	return "CAST(" + column + " AS text)"
}
