package write

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// Retry goes through the records in quarantine, once the pages are written. Proven
// reports whether what the run did not list does not exist: that is dropped. The
// others that no page listed are mapped again: the mapping may have changed. It
// returns the ids of those that turn out to be deleted remotely.
func (w *Writer) Retry(ctx context.Context, tx *commit.Tx, proven bool) ([]backend.ID, error) {
	r := retry{Writer: w, proven: proven}
	gone, err := r.listed(ctx, tx)
	if err == nil {
		err = r.nested(ctx, tx)
	}
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	return gone, nil
}

// retry goes through the records in quarantine of a writer's model.
type retry struct {
	*Writer
	proven bool
}

// listed goes through those that the API lists.
func (r *retry) listed(ctx context.Context, tx *commit.Tx) (gone []backend.ID, err error) {
	if !r.Model.Quarantines() {
		return nil, nil
	}
	ids, err := r.quarantine.lying(ctx, tx)
	if err != nil {
		return nil, err
	}
	var drop, again []backend.ID
	for _, id := range ids {
		switch seen := r.Listing.Has(idset.Key(id)); {
		case r.Listing.IsGone(id), r.proven && !seen:
			drop = append(drop, id)
		case !seen && r.Model.Quarantine.On:
			again = append(again, id)
		}
	}
	if err := ledger.DropQuarantined(ctx, tx, r.quarantine.scope, drop); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(again, rows.Batch) {
		deleted, err := r.some(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		gone = append(gone, deleted...)
	}
	return gone, nil
}

// some maps records again that lie in quarantine, and returns those that are
// deleted by their own account.
func (r *retry) some(ctx context.Context, tx *commit.Tx, ids []backend.ID) (gone []backend.ID, err error) {
	p := &page.Page{Retried: true, Released: true}
	lay, err := r.quarantine.take(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	r.begin(tx)
	for _, l := range lay {
		r.Listing.Seen(idset.Key(l.id))
		if r.Listing.Deletes(l.object) {
			gone = append(gone, l.id)
			continue
		}
		record := r.Maker.Record(l.id, l.object)
		record.Quarantined = &l.Quarantined
		if l.Partial {
			record.MayLack()
			record.Unasked(r.quarantine.unasked[l.id])
		}
		p.Records = append(p.Records, record)
	}
	return gone, r.Write(ctx, tx, p)
}

// nested goes through the nested records in quarantine whose parents no page listed.
func (r *retry) nested(ctx context.Context, tx *commit.Tx) error {
	for i := range r.Model.Associations {
		a := &r.Model.Associations[i]
		if !a.Child.AnyQuarantines() {
			continue
		}
		child := r.Child(a)
		if a.Child.Quarantines() {
			if err := r.children(ctx, tx, a, child); err != nil {
				return err
			}
		}
		below := retry{Writer: child, proven: child.Removal.On()}
		if err := below.nested(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// children maps nested records again whose parents have rows, and were listed if the
// run proved what exists.
func (r *retry) children(ctx context.Context, tx *commit.Tx, a *model.Association, child *Writer) error {
	child.begin(tx)
	ids, err := child.quarantine.lying(ctx, tx)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id backend.ID) bool { return child.Listing.Has(idset.Key(id)) || !child.Model.Quarantine.On })
	for some := range slices.Chunk(ids, rows.Batch) {
		lay, err := child.quarantine.take(ctx, tx, some)
		if err != nil {
			return err
		}
		parents, err := r.parentsOf(ctx, tx, lay)
		if err != nil {
			return err
		}
		p := &page.Page{Retried: true, Released: true}
		for _, l := range lay {
			of, exists := parents[l.Parent]
			if !exists || a.Link != nil && r.proven && !child.claims.cut {
				continue // no parent has it
			}
			record := child.Maker.Nested(of.Record, of.key, a, l.object, l.id)
			record.Quarantined = &l.Quarantined
			child.Listing.Seen(record.Key())
			p.Records = append(p.Records, record)
		}
		if err := child.Write(ctx, tx, p); err != nil {
			return err
		}
		if a.Link != nil {
			if err := (linker{child}).linkRetried(ctx, tx, a, r.Listing, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// linkRetried ties records that left quarantine to the parents that are known to have
// them. One that this run listed no longer does. Other parents follow when they are
// listed again.
func (w linker) linkRetried(ctx context.Context, tx *commit.Tx, a *model.Association, parents *listing.Listing, p *page.Page) error {
	links := map[backend.Link]bool{}
	for _, r := range p.Records {
		if r.Outcome.Err == nil && r.Outcome.Key != (backend.ID{}) && !parents.Has(r.Of.Key()) {
			links[backend.Link{Parent: r.Parent, Child: r.Outcome.Key}] = true
		}
	}
	return w.link(ctx, tx, a, links, nil)
}

// parent is a row that nested records belong to, and its local key.
type parent struct {
	*page.Record
	key backend.ID
}

// parentsOf reads the parents of nested records, by their local keys as text: those
// that exist, and that a complete pass has listed.
func (r *retry) parentsOf(ctx context.Context, tx *commit.Tx, nested []taken) (map[string]parent, error) {
	t := r.Model.Table
	var keys []backend.ID
	for _, l := range nested {
		id, err := backend.ParseID(t.KeyKind, l.Parent)
		if err != nil {
			return nil, err
		}
		keys = append(keys, id)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	parents := map[string]parent{}
	key, id := backend.NewID(t.KeyKind), t.NewID()
	query := squirrel.Select(store.Quote(t.Key), t.Selected()[0]).From(store.Quote(t.Name)).
		Where(t.Where(r.Scope)).Where(tx.Dialect().AnyID(store.Quote(t.Key), t.KeyKind, keys)).
		Suffix(tx.Dialect().Hold())
	return parents, store.Each(ctx, tx, query, func(read store.Rows) error {
		if err := read.Scan(key, id); err != nil {
			return err
		}
		p := parent{&page.Record{Record: backend.Record{ID: backend.IDOf(id)}}, backend.IDOf(key)}
		if !r.Listing.IsGone(p.ID) && (!r.proven || r.Listing.Has(p.Key())) {
			parents[p.key.String()] = p
		}
		return nil
	})
}
