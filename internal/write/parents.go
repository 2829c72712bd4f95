package write

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
)

// Named are the parents that the records of a page name.
type Named struct {
	Parent *model.Parent
	// IDs are the parents, each once.
	IDs []backend.ID
	of  map[*page.Record]backend.ID
	bad map[*page.Record]error // those that name something else than an id
}

// NamedBy reads which parents the records of a page name. A record that names
// something else than an id is an error, unless it goes into quarantine.
func NamedBy(parent *model.Parent, p *page.Page) (*Named, error) {
	n := &Named{Parent: parent, of: make(map[*page.Record]backend.ID, len(p.Records))}
	seen := map[backend.ID]bool{}
	for _, r := range p.Records {
		id, ok, err := parent.ID(r.Object)
		if err != nil {
			err = &model.RecordError{Record: r.ID.String(), Err: err}
			if !r.Quarantine {
				return nil, err
			}
			if n.bad == nil {
				n.bad = map[*page.Record]error{}
			}
			n.bad[r] = err
		}
		if !ok {
			continue
		}
		n.of[r] = id
		if !seen[id] {
			seen[id] = true
			n.IDs = append(n.IDs, id)
		}
	}
	return n, nil
}

// Refuse makes the records of a page unfit whose parents have a reason to be. It is the
// error, unless the record goes into quarantine.
func (n *Named) Refuse(p *page.Page, why func(parent backend.ID) error) error {
	for _, r := range p.Records {
		id, names := n.of[r]
		if !names {
			continue
		}
		if err := why(id); err != nil {
			err = &model.RecordError{Record: r.ID.String(), Err: err}
			if !r.Quarantine {
				return err
			}
			r.Refuse(err)
		}
	}
	return nil
}

// Resolve finds the local keys of the parents of a page, once, and gives them to
// its records. Records that come with their parents keep those.
func Resolve(ctx context.Context, q backend.Querier, m *model.Model, scope any, p *page.Page) error {
	if p.Resolved {
		return nil
	}
	p.Resolved = true
	return resolve(ctx, q, m, scope, p, rows.KeysByID)
}

// finder adds the local keys of rows to others, by their remote ids.
type finder = func(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, keys map[backend.ID]backend.ID) error

// resolve finds the keys in a way, and gives them to the records.
func resolve(ctx context.Context, q backend.Querier, m *model.Model, scope any, p *page.Page, find finder) error {
	var refused []*Named
	for i := range m.Parents {
		parent := &m.Parents[i]
		if parent.Column == m.Table.Parent {
			continue
		}
		named, err := NamedBy(parent, p)
		if err != nil {
			return err
		}
		keys := make(map[backend.ID]backend.ID, len(named.IDs))
		if err := find(ctx, q, parent.Model, parent.Scope(scope), named.IDs, keys); err != nil {
			return fmt.Errorf("find the rows of %s: %w", parent.Model.Table.Name, err)
		}
		for _, r := range p.Records {
			if err := named.fill(r, m.Table.Followed, keys); err != nil {
				return err
			}
		}
		refused = append(refused, named)
	}
	for _, named := range refused {
		for r, err := range named.bad {
			r.Refuse(err)
			r.Follows = nil
		}
	}
	return nil
}

// fill gives a record the key of its parent, or has it wait for the parent, unless that
// is so already.
func (n *Named) fill(r *page.Record, followed []string, keys map[backend.ID]backend.ID) error {
	key, text := plan.Key{Column: n.Parent.Column}, ""
	id, names := n.of[r]
	local, here := keys[id]
	if names && here {
		key.Value, text = local.Value(), local.String()
	}
	at := slices.Index(followed, key.Column)
	if r.Follows != nil && r.Follows[at] == text && (r.WaitsIn(key.Column) != nil) == (names && !here) {
		return nil
	}
	if r.Follows == nil {
		r.Follows = make([]string, len(followed))
	}
	r.Waits = slices.DeleteFunc(r.Waits, func(w page.Wait) bool { return w.Parent.Column == key.Column })
	switch {
	case !names || here:
	case n.Parent.Missing == model.FailRun:
		return &model.RecordError{Record: r.ID.String(), Err: fmt.Errorf("%s: %s has no row with remote id %s yet: synchronize it first", n.Parent.Path(), n.Parent.Model.Table.Name, id)}
	default:
		r.Waits = append(r.Waits, page.Wait{Parent: n.Parent, ID: id})
	}
	r.Fill(key)
	r.Follows[at] = text
	return nil
}
