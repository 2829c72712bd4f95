package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Association ties a model to one whose objects are nested in its own.
type Association struct {
	// Attribute is where the nested objects are: "photos", or a path of names.
	Attribute []string
	// Column is the one of the child's that keeps the parent's local key.
	Column string
	// One says that there is one object, or null, instead of a list.
	One   bool
	Child *Model
}

// name is how errors and plans call the association.
func (a *Association) name() string { return a.Child.Table.Name }

// kid is the run of an association's child, as long as its parent's.
func (r *run) kid(a *Association) *run {
	if k, ok := r.kids[a]; ok {
		k.retrying = r.retrying
		return k
	}
	scope := r.call.Scope
	if a.Child.Table.Scope == "" {
		scope = nil
	}
	k := newRun(a.Child, Call{Scope: scope, Given: true, Strategy: r.call.Strategy, Removal: a.removal(r.call.Removal)})
	k.parent = r.m.Table.Name + "." + strings.Join(a.Attribute, ".")
	k.retrying = r.retrying
	k.pending = r.pending // one transaction, one commit
	r.kids[a] = k
	return k
}

// removal is what happens to children, given what happens to their parents:
// what the child declares, or else they are deleted.
func (a *Association) removal(parents Removal) Removal {
	switch {
	case !parents.On():
		return Removal{Kind: Keep}
	case a.Child.Removal.On():
		return a.Child.Removal
	default:
		return Removal{Kind: Destroy}
	}
}

// family is the children of a page's parents, as one set.
type family struct {
	page
	// parents are the local keys of the parents whose children are known, and
	// known their places on the page.
	parents []backend.ID
	known   []int
	// listed are the children that those have.
	listed map[backend.ID]bool
	// of is the parent's place on its page, by row.
	of []int
}

// writeChildren writes the children of a page, association by association, and
// removes those that their parents have no more.
func (r *run) writeChildren(ctx context.Context, tx backend.Tx, p *page, outcomes []backend.Outcome) error {
	for i := range r.m.Associations {
		a := &r.m.Associations[i]
		k := r.kid(a)
		f, err := k.family(a, p, func(i int) (backend.ID, bool) { return outcomes[i].Key, !left(outcomes[i]) })
		if err != nil {
			return err
		}
		if err := k.takeFamily(ctx, tx, f); err != nil {
			return err
		}
		if err := k.write(ctx, tx, &f.page); err != nil {
			return fmt.Errorf("%s: %w", a.name(), err)
		}
		if err := k.removeUnlisted(ctx, tx, a, f); err != nil {
			return fmt.Errorf("%s: remove: %w", a.name(), err)
		}
	}
	return nil
}

// family reads the nested objects of a page's parents, whose local keys keyOf
// gives, where they have one. Of a child that several parents list, the last one
// counts: it moved.
func (r *run) family(a *Association, p *page, keyOf func(i int) (backend.ID, bool)) (*family, error) {
	f := &family{page: page{number: p.number}, listed: map[backend.ID]bool{}}
	at := map[backend.ID]int{}
	for i, parent := range p.objects {
		key, exists := keyOf(i)
		objects, known, err := a.objects(parent)
		if !exists {
			r.listNested(f, objects)
			continue
		}
		if err != nil {
			return nil, &recordError{p.rows[i].ID.String(), err}
		}
		if !known {
			continue // the remote did not say
		}
		f.parents, f.known = append(f.parents, key), append(f.known, i)
		for n, o := range objects {
			id, err := r.m.Plan.ID(o)
			if err != nil {
				return nil, &recordError{p.rows[i].ID.String(), fmt.Errorf("%s: %w", a.name(), &recordError{fmt.Sprintf("no. %d", n+1), err})}
			}
			row := r.childRow(a, id, o, key, p.rows[i].ID)
			r.tally.list(idset.Key(id))
			f.listed[id] = true
			if before, twice := at[id]; twice {
				f.rows[before], f.objects[before], f.of[before] = row, o, i
				continue
			}
			at[id] = len(f.rows)
			f.add(row, o, plan.Key{Column: a.Column, Value: key.Value()})
			f.of = append(f.of, i)
		}
	}
	return f, nil
}

// listNested takes note of the nested objects of a parent that is left as it is:
// they exist, and stay as they are.
func (r *run) listNested(f *family, objects []remote.Object) {
	for _, o := range objects {
		if id, err := r.m.Plan.ID(o); err == nil {
			r.tally.list(idset.Key(id))
			f.listed[id] = true
		}
	}
}

// childRow is a nested record of a parent.
func (r *run) childRow(a *Association, id backend.ID, o remote.Object, parent, of backend.ID) backend.Record {
	row := r.row(id, o, plan.Key{Column: a.Column, Value: parent.Value()})
	row.Parent = parent
	mapped := row.Map
	row.Map = func() (backend.Row, error) {
		rec, err := mapped()
		if err != nil {
			err = &recordError{of.String(), fmt.Errorf("%s: %w", a.name(), err)}
		}
		return rec, err
	}
	return row
}

// objects are the nested objects of a parent, and whether it says anything about
// them.
func (a *Association) objects(parent remote.Object) ([]remote.Object, bool, error) {
	v, ok := parent.Lookup(a.Attribute...)
	if !ok {
		return nil, false, nil
	}
	if v.Kind() == 'n' {
		return nil, true, nil
	}
	var objects []remote.Object
	var err error
	if a.One {
		var o remote.Object
		o, err = remote.ParseObject(v)
		objects = []remote.Object{o}
	} else {
		err = parent.Decode(&objects, a.Attribute...)
	}
	if err != nil {
		return nil, false, &mapper.FieldError{Attribute: strings.Join(a.Attribute, "."), Err: errors.New(a.want(v))}
	}
	return objects, true, nil
}

// want says what an attribute should hold, given what it does.
func (a *Association) want(v remote.Value) string {
	var ids []remote.Value
	switch {
	case a.One:
		return "want an object or null for the rows of " + a.name()
	case json.Unmarshal(v, &ids) == nil && !slices.ContainsFunc(ids, func(id remote.Value) bool { return id.Kind() != '0' && id.Kind() != '"' }):
		return "it holds ids, not objects: synchronize " + a.name() + " from an endpoint of their own, and tie them to their parents with BelongsTo"
	default:
		return "want a list of objects for the rows of " + a.name()
	}
}

// removeUnlisted removes the children of the parents in hand that those do not
// list any more, and of no other parent.
func (r *run) removeUnlisted(ctx context.Context, tx backend.Tx, a *Association, f *family) error {
	if !r.call.Removal.On() {
		return nil
	}
	ids, err := r.childrenOf(ctx, tx, a, f.parents)
	if err != nil {
		return err
	}
	unlisted := ids[:0]
	for _, id := range ids {
		if !f.listed[id] {
			unlisted = append(unlisted, id)
		}
	}
	return r.remove(ctx, tx, unlisted)
}

// childrenOf lists the rows of the child that belong to parents. Where removal
// cancels, cancelled rows are not among them.
func (r *run) childrenOf(ctx context.Context, q backend.Querier, a *Association, parents []backend.ID) ([]backend.ID, error) {
	if len(parents) == 0 {
		return nil, nil
	}
	t := r.m.Table
	where := append(t.Where(r.call.Scope), q.Dialect().AnyID(store.Quote(a.Column), r.m.Table.ParentKind, parents))
	if r.call.Removal.Kind == Cancel {
		where = append(where, squirrel.Expr(store.Quote(r.call.Removal.Column)+" IS NULL"))
	}
	var ids []backend.ID
	err := r.m.eachID(ctx, q, squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(where), t.IDKind, func(id backend.ID) { ids = append(ids, id) })
	return ids, err
}

// removeFamilies removes the children of parents that are about to be removed,
// so that no child is left without its parent. Parents that are cancelled stay,
// and so do their children, unless those are cancelled too.
func (r *run) removeFamilies(ctx context.Context, tx backend.Tx, parents []backend.ID) error {
	var keys []backend.ID
	for i := range r.m.Associations {
		a := &r.m.Associations[i]
		k := r.kid(a)
		declared := k.call.Removal
		switch {
		case r.call.Removal.Kind == Destroy:
			k.call.Removal = Removal{Kind: Destroy} // a cancelled child would have no parent
		case declared.Kind != r.call.Removal.Kind:
			continue
		}
		err := r.m.eachID(ctx, tx, squirrel.Select(store.Quote(r.m.Table.Key)).From(store.Quote(r.m.Table.Name)).
			Where(tx.Dialect().Rows(r.m.Table, r.call.Scope, parents)),
			r.m.Table.KeyKind, func(key backend.ID) { keys = append(keys, key) })
		if err != nil {
			return err
		}
		ids, err := k.childrenOf(ctx, tx, a, keys)
		if err == nil {
			err = k.remove(ctx, tx, ids)
		}
		k.call.Removal = declared
		if err != nil {
			return fmt.Errorf("%s: remove: %w", a.name(), err)
		}
	}
	return nil
}

// children adds what became of children, and of translations, to the result.
func (r *run) children(into map[string]report.Counts) {
	if t := r.m.Table.Translations; t != nil {
		c := into[t.Name]
		c.Add(r.translated)
		into[t.Name] = c
	}
	for a, k := range r.kids {
		c := into[a.name()]
		c.Add(k.result.Counts)
		into[a.name()] = c
		k.children(into)
	}
}
