package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Parent is a model whose rows this one's point to, by a remote id in their
// objects.
type Parent struct {
	// Attribute is where the parent's remote id is: a path of names.
	Attribute []string
	// Column is the one that keeps the parent's local key.
	Column  string
	Model   *Model
	Missing Missing
	// API is whom to ask for a parent that is missing.
	API func(ctx context.Context, scope any) (remote.API, remote.Request, error)
}

// Missing is what to do about a parent that is not here.
type Missing int

// What to do about a parent that is not here.
const (
	LeaveNull Missing = iota
	Fetch
	FailRun
)

// scope is the parent's, in a run of a scope.
func (p *Parent) scope(scope any) any {
	if p.Model.Table.Scope == "" {
		return nil
	}
	return scope
}

// id reads the parent's remote id from an object. There is none where the
// attribute is missing or null.
func (p *Parent) id(o remote.Object) (backend.ID, bool, error) {
	v, ok := o.Lookup(p.Attribute...)
	if !ok || v.Kind() == 'n' {
		return backend.ID{}, false, nil
	}
	id, err := p.Model.Plan.ParseID(v)
	var field *mapper.FieldError
	if errors.As(err, &field) {
		err = &mapper.FieldError{Attribute: strings.Join(p.Attribute, "."), Err: field.Err}
	}
	return id, err == nil, err
}

// keys reads the local keys of parents.
func (p *Parent) keys(ctx context.Context, q backend.Querier, scope any, ids []backend.ID) (map[backend.ID]backend.ID, error) {
	t := p.Model.Table
	keys := make(map[backend.ID]backend.ID, len(ids))
	if len(ids) == 0 {
		return keys, nil
	}
	id, key := t.NewID(), backend.NewID(t.KeyKind)
	query := squirrel.Select(t.Selected()[0], store.Quote(t.Key)).From(store.Quote(t.Name)).
		Where(q.Dialect().Rows(t, p.scope(scope), ids))
	return keys, store.Each(ctx, q, query, func(rows store.Rows) error {
		if err := rows.Scan(id, key); err != nil {
			return err
		}
		keys[t.IDOf(id)] = backend.IDOf(key)
		return nil
	})
}

// parents are those that the records of a page name, and their keys.
type parents struct {
	ids  []backend.ID // by record; valid where named
	has  []bool
	keys map[backend.ID]backend.ID
	// bad are the records to be set aside, because they name no id.
	bad map[int]error
}

// name reads the parents' ids of a page.
func (p *Parent) name(pg *page) (*parents, error) {
	n := &parents{ids: make([]backend.ID, len(pg.objects)), has: make([]bool, len(pg.objects)), bad: map[int]error{}}
	for i, o := range pg.objects {
		var err error
		if n.ids[i], n.has[i], err = p.id(o); err == nil {
			continue
		}
		if n.bad[i] = (&recordError{pg.rows[i].ID.String(), err}); !pg.rows[i].Quarantine {
			return nil, n.bad[i]
		}
	}
	return n, nil
}

// distinct are the ids of the parents, each once.
func (n *parents) distinct() []backend.ID {
	var ids []backend.ID
	seen := map[backend.ID]bool{}
	for i, id := range n.ids {
		if n.has[i] && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// resolve finds the local keys of the parents of a page, and gives its rows to
// them. Rows that come with their parents keep those.
func (r *run) resolve(ctx context.Context, q backend.Querier, pg *page) error {
	if pg.resolved {
		return nil
	}
	pg.resolved = true
	bad := map[int]error{}
	for n := range r.m.Parents {
		p := &r.m.Parents[n]
		if p.Column == r.m.Table.Parent {
			continue
		}
		named, err := p.name(pg)
		if err != nil {
			return err
		}
		if named.keys, err = p.keys(ctx, q, r.call.Scope, named.distinct()); err != nil {
			return fmt.Errorf("find the rows of %s: %w", p.Model.Table.Name, err)
		}
		maps.Copy(bad, named.bad)
		for i := range pg.rows {
			key := plan.Key{Column: p.Column}
			if k, here := named.keys[named.ids[i]]; here && named.has[i] {
				key.Value = k.Value()
			} else if named.has[i] && p.Missing == FailRun {
				err := fmt.Errorf("%s: %s has no row with remote id %s yet: synchronize it first", strings.Join(p.Attribute, "."), p.Model.Table.Name, named.ids[i])
				return &recordError{pg.rows[i].ID.String(), err}
			} else if named.has[i] {
				pg.waiting = append(pg.waiting, waiting{p, pg.rows[i].ID, named.ids[i]})
			}
			pg.rows[i].Map = r.row(pg.rows[i].ID, pg.objects[i], append(pg.keys[i], key)...).Map
			pg.keys[i] = append(pg.keys[i], key)
		}
	}
	for i, err := range bad {
		pg.rows[i].Map = func() (backend.Row, error) { return backend.Row{}, err }
	}
	return nil
}

// fetchParents fetches the parents of a page that are not here, where that is
// declared, each once a run. It happens before the page's transaction begins.
func (r *run) fetchParents(ctx context.Context, pg *page) error {
	for n := range r.m.Parents {
		p := &r.m.Parents[n]
		if p.Missing != Fetch || p.Column == r.m.Table.Parent {
			continue
		}
		named, err := p.name(pg)
		if err != nil {
			return err
		}
		if named.keys, err = p.keys(ctx, r.m.DB, r.call.Scope, named.distinct()); err != nil {
			return err
		}
		var objects []remote.Object
		for _, id := range named.distinct() {
			if _, here := named.keys[id]; here || r.asked[p][id] {
				continue
			}
			if r.asked[p] == nil {
				r.asked[p] = map[backend.ID]bool{}
			}
			r.asked[p][id] = true
			o, err := r.fetchParent(ctx, p, id)
			if errors.Is(err, remote.ErrNotFound) {
				continue // it is gone; the column stays null
			}
			if err != nil {
				return fmt.Errorf("fetch %s %s: %w", p.Model.Table.Name, id, err)
			}
			objects = append(objects, o)
		}
		if len(objects) == 0 {
			continue
		}
		if err := p.Model.adopt(ctx, p.scope(r.call.Scope), objects); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) fetchParent(ctx context.Context, p *Parent, id backend.ID) (remote.Object, error) {
	api, request, err := p.API(ctx, p.scope(r.call.Scope))
	if err != nil {
		return remote.Object{}, err
	}
	getter, ok := api.(remote.Getter)
	if !ok {
		return remote.Object{}, fmt.Errorf("a %T can't fetch one object: give an API that is a remote.Getter, or declare synced.LeaveNull", api)
	}
	r.result.Requests++
	return getter.Get(ctx, request, id.String())
}

// waiting is a row whose parent is not here.
type waiting struct {
	parent    *Parent
	id, named backend.ID
}

// await keeps which rows wait for a parent.
func (r *run) await(ctx context.Context, tx backend.Tx, list []waiting) error {
	entries := make([]ledger.Waiting, len(list))
	for i, w := range list {
		entries[i] = ledger.Waiting{Column: w.parent.Column, ID: w.id.String(), Parent: w.named.String()}
	}
	if err := ledger.Await(ctx, tx, r.m.scope(r.call.Scope), entries); err != nil {
		return fmt.Errorf("note which rows wait for their parents: %w", err)
	}
	return nil
}

// mend gives the rows of the scope that waited for a parent its key, once it is
// here: those of every parent, or of the given ones.
func (m *Model) mend(ctx context.Context, tx backend.Tx, scope any, p *Parent, arrived []backend.ID) error {
	children := map[backend.ID][]backend.ID{} // by parent
	var named []backend.ID
	err := ledger.EachWaiting(ctx, tx, m.scope(scope), p.Column, arrived, func(w ledger.Waiting) error {
		id, err := m.parseID(w.ID)
		if err != nil {
			return err
		}
		of, err := p.Model.parseID(w.Parent)
		if err != nil {
			return err
		}
		if children[of] == nil {
			named = append(named, of)
		}
		children[of] = append(children[of], id)
		return nil
	})
	if err != nil || len(named) == 0 {
		return err
	}
	keys, err := p.keys(ctx, tx, scope, named)
	if err != nil {
		return err
	}
	for of, key := range keys {
		where := append(tx.Dialect().Rows(m.Table, scope, children[of]), squirrel.Expr(store.Quote(p.Column)+" IS NULL"))
		if _, err := tx.Exec(ctx, squirrel.Update(store.Quote(m.Table.Name)).Set(store.Quote(p.Column), key.Value()).Where(where)); err != nil {
			return err
		}
	}
	return ledger.Arrived(ctx, tx, m.scope(scope), p.Column, slices.Collect(maps.Keys(keys)))
}

// mendChildren mends the rows of other models that waited for rows that this
// run created.
func (r *run) mendChildren(ctx context.Context, tx backend.Tx, p *page, outcomes []backend.Outcome) error {
	dependents := r.m.Dependents.list()
	if len(dependents) == 0 {
		return nil
	}
	var created []backend.ID
	for i, o := range outcomes {
		if kinds[o.Change] == report.Created {
			created = append(created, p.rows[i].ID)
		}
	}
	if len(created) == 0 {
		return nil
	}
	for _, d := range dependents {
		scope := r.call.Scope
		if d.child.Table.Scope == "" {
			scope = nil
		} else if scope == nil {
			continue // the child has scopes, its parent none: mended by the child's own runs
		}
		if err := d.child.mend(ctx, tx, scope, d.parent, created); err != nil {
			return fmt.Errorf("mend %s: %w", d.child.Table.Name, err)
		}
	}
	return nil
}

// mendOwn mends the rows of this model whose parents came meanwhile.
func (r *run) mendOwn(ctx context.Context, tx backend.Tx) error {
	for i := range r.m.Parents {
		if err := r.m.mend(ctx, tx, r.call.Scope, &r.m.Parents[i], nil); err != nil {
			return fmt.Errorf("mend %s: %w", r.m.Parents[i].Column, err)
		}
	}
	return nil
}
