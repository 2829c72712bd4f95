package write

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Standing is what is known of the row of a parent.
type Standing int

// How a parent may stand.
const (
	// Left is a row that is left as it is, with all that belongs to it.
	Left Standing = iota
	// Rowless is a parent that has no row yet, and gets none now.
	Rowless
	// Here is a row that is as the parent says.
	Here
)

// Family is the children of a page's records, as one set.
type Family struct {
	page.Page
	// Parents are the records whose children are all known, by their local keys.
	Parents map[backend.ID]*page.Record
	// Links are which records list which children, where they share them.
	Links []FamilyLink
	keys  []backend.ID
	// again are the local keys of the parents that an earlier page listed, too.
	again  []backend.ID
	listed map[backend.ID]bool
	told   map[backend.ID]bool
}

// FamilyLink is a parent, by its local key, and a child that it lists.
type FamilyLink struct {
	Of    *page.Record
	Key   backend.ID
	Child backend.ID
}

// Lists reports whether one of the page's records lists a child.
func (f *Family) Lists(id backend.ID) bool { return f.listed[id] }

// Told reports whether an earlier page of the run listed a child that parents share.
func (f *Family) Told(id backend.ID) bool { return f.told[id] }

// LinkKeys returns the local keys of the parents whose children are known, all or some.
func (f *Family) LinkKeys() []backend.ID {
	keys := slices.Clone(f.keys)
	for _, l := range f.Links {
		if _, whole := f.Parents[l.Key]; !whole {
			keys = append(keys, l.Key)
		}
	}
	return keys
}

// Keys returns the local keys of the parents whose children are all known.
func (f *Family) Keys() []backend.ID { return f.keys }

// familyReader reads the nested objects of a page's records.
type familyReader struct {
	*Writer // of the children
	*Family
	a        *model.Association
	at       map[backend.ID]int
	of       map[backend.ID]remote.Object // that the parent in hand lists
	relisted map[backend.ID]bool
	// q reads who has a child, for an error.
	q backend.Querier
}

// Family reads the nested objects of a page's records, whose rows stand as standing
// says, with their local keys.
func (w *Writer) Family(ctx context.Context, q backend.Querier, a *model.Association, p *page.Page, standing func(*page.Record) (backend.ID, Standing)) (*Family, error) {
	r := familyReader{Writer: w, a: a, q: q, at: map[backend.ID]int{}, of: map[backend.ID]remote.Object{}, relisted: make(map[backend.ID]bool, len(p.Relisted)),
		Family: &Family{Page: page.Page{Number: p.Number, Retried: p.Retried}, Parents: map[backend.ID]*page.Record{}, listed: map[backend.ID]bool{}, told: map[backend.ID]bool{}}}
	for _, id := range p.Relisted {
		r.relisted[id] = true
	}
	w.claims.turn(p)
	for _, parent := range p.Records {
		key, how := standing(parent)
		if err := r.parent(ctx, parent, key, how); err != nil {
			return nil, err
		}
	}
	return r.Family, nil
}

// parent reads the nested objects of one record.
func (r *familyReader) parent(ctx context.Context, parent *page.Record, key backend.ID, how Standing) error {
	nested, err := r.a.Objects(parent.Said())
	if how == Left {
		r.leave(nested.Objects)
		return nil
	}
	if err != nil {
		return &model.RecordError{Record: parent.ID.String(), Err: err}
	}
	if how == Here && nested.Known {
		if r.relisted[parent.ID] {
			r.again = append(r.again, key)
		}
		if nested.Whole {
			r.Parents[key] = parent
			r.keys = append(r.keys, key)
		}
	}
	r.claims.cut = r.claims.cut || nested.Known && !nested.Whole
	r.claims.untold = r.claims.untold || !nested.Known
	clear(r.of)
	var twins map[backend.ID]int
	if r.Model.Plan.ByContent() {
		twins = map[backend.ID]int{}
	}
	for n, o := range nested.Objects {
		id, err := r.Model.Plan.ID(o)
		if err != nil {
			return &model.RecordError{Record: parent.ID.String(), Err: fmt.Errorf("%s: %w", r.a.Name(), &model.RecordError{Record: fmt.Sprintf("no. %d", n+1), Err: err})}
		}
		if twins != nil && r.a.Link == nil { // those that parents share are one row
			if twins[id]++; twins[id] > 1 {
				id = r.Model.Plan.Twin(id, twins[id])
			}
		}
		if err := r.child(ctx, parent, key, how, r.Model.Table.In(key, id), o); err != nil {
			return &model.RecordError{Record: parent.ID.String(), Err: fmt.Errorf("%s: %w", r.a.Name(), &model.RecordError{Record: id.String(), Err: err})}
		}
	}
	return nil
}

// child takes in one nested object.
func (r *familyReader) child(ctx context.Context, parent *page.Record, key backend.ID, how Standing, id backend.ID, o remote.Object) error {
	if !r.Retried && (r.a.Link == nil || how == Here) { // what a record listed before it went into quarantine may be another's by now
		if err := r.claim(ctx, parent, key, id); err != nil {
			return err
		}
	}
	child := r.Maker.Nested(parent, key, r.a, o, id)
	r.Listing.Seen(child.Key())
	r.listed[id] = true
	if how == Rowless {
		return nil
	}
	drop(&r.journal, r.dropped, id)
	if before, again := r.of[id]; again {
		if !bytes.Equal(before.Raw(), o.Raw()) && !r.Model.Plan.ByContent() {
			return fmt.Errorf("%w in one list: if the id alone does not tell them apart, make it of more attributes", report.ErrDuplicateID)
		}
		return nil
	}
	r.of[id] = o
	if r.a.Link != nil {
		r.Links = append(r.Links, FamilyLink{parent, key, id})
	}
	before, twice := r.at[id]
	switch {
	case !twice:
		r.at[id] = len(r.Records)
		r.Records = append(r.Records, child)
	case r.a.Link == nil: // only where it comes from quarantine: it moved
		r.Records[before] = child
	}
	return nil
}

// claim takes note of who lists a child. A child that has one parent is listed by one:
// by another only after the first no longer does.
func (r *familyReader) claim(ctx context.Context, parent *page.Record, key, id backend.ID) error {
	first, here := r.claims.by[id]
	if !here {
		r.claims.by[id] = parent.ID
	}
	earlier := !r.claims.listed.Add(idset.Key(id), 0) && !here
	if earlier {
		r.Relisted = append(r.Relisted, id)
		r.told[id] = !r.relisted[parent.ID]
	}
	if r.a.Link != nil {
		return nil
	}
	if here && first != parent.ID {
		return r.shared(first.String())
	}
	if _, moves := r.dropped[id]; !earlier || moves || r.relisted[parent.ID] {
		return nil
	}
	first, err := r.parentOf(ctx, id, key)
	if err != nil {
		return err
	}
	return r.shared(first.String())
}

// shared is a child that two parents list.
func (r *familyReader) shared(first string) error {
	return fmt.Errorf("%s %s lists it too, and a row has one parent: if both have it, use synced.Linked with a join table, or keep %s in a JSON column; if it is another record there, its id tells it apart only within its parent: "+
		"declare Scope: %q for %s, or make the id of more attributes", r.claims.of.Model.Table.Name, first, r.a.Path(), r.a.Column, r.a.Name())
}

// leave takes note of the nested objects of a record that is left as it is: they
// exist, and stay as they are.
func (r *familyReader) leave(objects []remote.Object) {
	for _, o := range objects {
		if id, err := r.Model.Plan.ID(o); err == nil && r.Model.Table.Within == 0 { // one of another parent's is another record
			r.Listing.Seen(idset.Key(id))
			r.listed[id] = true
			drop(&r.journal, r.dropped, id)
		}
	}
}
