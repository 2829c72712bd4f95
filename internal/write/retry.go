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
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// Retry goes through the records in quarantine, once the pages are written. Proven
// reports whether what the run did not list does not exist: that is dropped. The
// others that no page listed are mapped again: the mapping may have changed. It
// returns the ids of those that turn out to be deleted remotely.
func (w *Writer) Retry(ctx context.Context, tx *commit.Tx, proven bool) ([]backend.ID, error) {
	gone, err := w.retryListed(ctx, tx, proven)
	if err == nil {
		err = w.retryNested(ctx, tx, proven)
	}
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	return gone, nil
}

func (w *Writer) retryListed(ctx context.Context, tx *commit.Tx, proven bool) (gone []backend.ID, err error) {
	if !w.Model.Quarantines() {
		return nil, nil
	}
	ids, err := w.lying(ctx, tx)
	if err != nil {
		return nil, err
	}
	var drop, again []backend.ID
	for _, id := range ids {
		switch seen := w.Listing.Has(idset.Key(id)); {
		case w.Listing.IsGone(id), proven && !seen:
			drop = append(drop, id)
		case !seen && w.Model.Quarantine:
			again = append(again, id)
		}
	}
	if err := ledger.DropQuarantined(ctx, tx, w.Model.Scope(w.Scope), drop); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(again, rows.Batch) {
		deleted, err := w.retrySome(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		gone = append(gone, deleted...)
	}
	return gone, nil
}

// retrySome maps records again that lie in quarantine, and returns those that are
// deleted by their own account.
func (w *Writer) retrySome(ctx context.Context, tx *commit.Tx, ids []backend.ID) (gone []backend.ID, err error) {
	p := &page.Page{Retried: true, Released: true}
	lay, err := w.take(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, l := range lay {
		w.Listing.Seen(idset.Key(l.id))
		if w.Listing.Deletes(l.object) {
			gone = append(gone, l.id)
			continue
		}
		r := w.Maker.Record(l.id, l.object)
		r.Quarantined = &l.Quarantined
		p.Records = append(p.Records, r)
	}
	return gone, w.Write(ctx, tx, p)
}

// taken is a record that was taken out of quarantine.
type taken struct {
	ledger.Quarantined
	id     backend.ID
	object remote.Object
}

// take takes records out of quarantine, in the order of the ids. Those that another
// run has dealt with are not among them.
func (w *Writer) take(ctx context.Context, tx *commit.Tx, ids []backend.ID) ([]taken, error) {
	lay, err := ledger.TakeQuarantined(ctx, tx, w.Model.Scope(w.Scope), ids)
	if err != nil {
		return nil, err
	}
	by := make(map[string]ledger.Quarantined, len(lay))
	for _, q := range lay {
		by[q.ID] = q
	}
	list := make([]taken, 0, len(lay))
	for _, id := range ids {
		q, ok := by[id.String()]
		if !ok {
			continue
		}
		o, err := remote.ParseObject([]byte(q.Object))
		if err != nil {
			return nil, &model.RecordError{Record: q.ID, Err: err}
		}
		list = append(list, taken{q, id, o})
	}
	return list, nil
}

// lying lists the records in quarantine that are nested as the writer's are.
func (w *Writer) lying(ctx context.Context, q backend.Querier) ([]backend.ID, error) {
	texts, err := ledger.QuarantinedIDs(ctx, q, w.Model.Scope(w.Scope), w.quarantine.nested)
	if err != nil {
		return nil, err
	}
	ids := make([]backend.ID, len(texts))
	for i, text := range texts {
		if ids[i], err = w.Model.Table.ParseID(text); err != nil {
			return nil, &model.RecordError{Record: text, Err: err}
		}
	}
	return ids, nil
}

// retryNested goes through the nested records in quarantine whose parents no page
// listed.
func (w *Writer) retryNested(ctx context.Context, tx *commit.Tx, proven bool) error {
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		if !a.Child.AnyQuarantines() {
			continue
		}
		child := w.Child(a)
		if a.Child.Quarantines() {
			if err := w.retryChildren(ctx, tx, a, child, proven); err != nil {
				return err
			}
		}
		if err := child.retryNested(ctx, tx, child.Removal.On()); err != nil {
			return err
		}
	}
	return nil
}

// retryChildren maps nested records again whose parents have rows, and were listed
// if the run proved what exists.
func (w *Writer) retryChildren(ctx context.Context, tx *commit.Tx, a *model.Association, child *Writer, proven bool) error {
	ids, err := child.lying(ctx, tx)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id backend.ID) bool { return child.Listing.Has(idset.Key(id)) || !child.Model.Quarantine })
	for some := range slices.Chunk(ids, rows.Batch) {
		lay, err := child.take(ctx, tx, some)
		if err != nil {
			return err
		}
		parents, err := w.parentsOf(ctx, tx, lay, proven)
		if err != nil {
			return err
		}
		p := &page.Page{Retried: true, Released: true}
		for _, l := range lay {
			of, exists := parents[l.Parent]
			if !exists {
				continue
			}
			r := child.Maker.Nested(of.Record, of.key, a, l.object, l.id)
			r.Quarantined = &l.Quarantined
			child.Listing.Seen(r.Key())
			p.Records = append(p.Records, r)
		}
		if err := child.Write(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// parent is a row that nested records belong to, and its local key.
type parent struct {
	*page.Record
	key backend.ID
}

// parentsOf reads the parents of nested records, by their local keys as text: those
// that exist, and that a complete pass has listed.
func (w *Writer) parentsOf(ctx context.Context, q backend.Querier, nested []taken, proven bool) (map[string]parent, error) {
	t := w.Model.Table
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
		Where(t.Where(w.Scope)).Where(q.Dialect().AnyID(store.Quote(t.Key), t.KeyKind, keys))
	return parents, store.Each(ctx, q, query, func(read store.Rows) error {
		if err := read.Scan(key, id); err != nil {
			return err
		}
		p := parent{&page.Record{Record: backend.Record{ID: t.IDOf(id)}}, backend.IDOf(key)}
		if !w.Listing.IsGone(p.ID) && (!proven || w.Listing.Has(p.Key())) {
			parents[p.key.String()] = p
		}
		return nil
	})
}
