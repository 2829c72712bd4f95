package write

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// claims are which nested records the parents of a run have listed.
type claims struct {
	// of is the parents' writer.
	of *Writer
	// cut reports whether a parent's list was not whole, and untold whether one did not
	// have the list.
	cut, untold bool
	// listed are those of every page, by has those of the page in hand, and who listed
	// them.
	listed idset.Undoable
	by     map[backend.ID]backend.ID
	number int
}

// turn turns to a page, which may be the one in hand.
func (c *claims) turn(p *page.Page) {
	if c.by == nil || c.number != p.Number {
		c.by, c.number = map[backend.ID]backend.ID{}, p.Number
	}
}

// parentOf returns the remote id of the parent that a child's row has. Where it has
// none, or the given one, that is the text "another".
func (r *familyReader) parentOf(ctx context.Context, id, but backend.ID) (backend.ID, error) {
	first := backend.TextID("another")
	child, parent := r.Model.Table, r.claims.of.Model.Table
	keys := squirrel.Select(store.Quote(r.a.Column)).From(store.Quote(child.Name)).Where(r.q.Dialect().Rows(child, r.Scope, []backend.ID{id}))
	query := squirrel.Select(parent.Selected()[0]).From(store.Quote(parent.Name)).Where(squirrel.Expr(store.Quote(parent.Key)+" IN (?)", keys))
	if but != (backend.ID{}) {
		query = query.Where(squirrel.Expr(store.Quote(parent.Key)+" <> ?", but.Value()))
	}
	ids, err := rows.IDs(ctx, r.q, query, parent.IDKind)
	if err != nil {
		return first, fmt.Errorf("find who lists it: %w", err)
	}
	if len(ids) > 0 {
		first = ids[0]
	}
	return first, nil
}
