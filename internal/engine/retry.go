package engine

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// retry goes through the records in quarantine, once the pages are written.
// Those that the remote has no more are dropped. The others that no page listed
// are mapped again: the mapping may have changed. It returns the ids of those
// that turn out to be deleted remotely.
func (r *run) retry(ctx context.Context, tx backend.Tx) ([]backend.ID, error) {
	r.retrying = true
	gone, err := r.retryOwn(ctx, tx)
	if err != nil {
		return nil, err
	}
	return gone, r.retryNested(ctx, tx)
}

func (r *run) retryOwn(ctx context.Context, tx backend.Tx) ([]backend.ID, error) {
	if !r.m.Quarantine && !r.m.Leftover {
		return nil, nil
	}
	ids, err := r.waiting(ctx, tx)
	if err != nil {
		return nil, err
	}
	complete := r.complete()
	var drop, again []backend.ID
	for _, id := range ids {
		_, deleted := r.gone[id]
		switch seen := r.tally.has(idset.Key(id)); {
		case deleted, complete && !seen:
			drop = append(drop, id)
		case !seen && r.m.Quarantine:
			again = append(again, id)
		}
	}
	if err := ledger.DropQuarantined(ctx, tx, r.m.scope(r.call.Scope), drop); err != nil {
		return nil, err
	}
	var gone []backend.ID
	for some := range slices.Chunk(again, batch) {
		p := &page{}
		if err := r.take(p, func(s ledger.Scope) ([]ledger.Quarantined, error) { return ledger.TakeQuarantined(ctx, tx, s, some) }); err != nil {
			return nil, err
		}
		for _, id := range some {
			h, ok := p.held[id]
			if !ok {
				continue // another run has dealt with it
			}
			o, err := remote.ParseObject([]byte(h.Object))
			if err != nil {
				return nil, &recordError{id.String(), err}
			}
			r.tally.list(idset.Key(id))
			if r.call.Removal.On() && r.m.Tombstone != nil && r.m.Tombstone(o) {
				gone = append(gone, id)
				continue
			}
			p.add(r.row(id, o), o)
		}
		if err := r.write(ctx, tx, p); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// waiting lists the records in quarantine that have the run's parent, or none.
func (r *run) waiting(ctx context.Context, q backend.Querier) ([]backend.ID, error) {
	texts, err := ledger.QuarantinedIDs(ctx, q, r.m.scope(r.call.Scope), r.parent)
	if err != nil {
		return nil, err
	}
	ids := make([]backend.ID, len(texts))
	for i, text := range texts {
		if ids[i], err = r.m.parseID(text); err != nil {
			return nil, &recordError{text, err}
		}
	}
	return ids, nil
}

// complete says that a record that the run did not list does not exist
// remotely, as far as removals go by it.
func (r *run) complete() bool {
	switch {
	case !r.plan.Since.IsZero(), r.result.Refused != nil:
		return false
	case r.call.Given, r.call.AllowRemoval:
		return r.call.Removal.On()
	default:
		return !r.call.Filtered && r.tally.size() > 0 && r.totals.doubt(r.tally.size()) == ""
	}
}

// retryNested goes through the nested records in quarantine whose parents no
// page listed.
func (r *run) retryNested(ctx context.Context, tx backend.Tx) error {
	for i := range r.m.Associations {
		a := &r.m.Associations[i]
		if !a.Child.quarantines() {
			continue
		}
		k := r.kid(a)
		k.retrying = true
		if a.Child.Quarantine || a.Child.Leftover {
			if err := r.retryChildren(ctx, tx, a, k); err != nil {
				return err
			}
		}
		if err := k.retryNested(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// quarantines says that records of the model, or nested ones, may be in
// quarantine.
func (m *Model) quarantines() bool {
	return m.Quarantine || m.Leftover || slices.ContainsFunc(m.Associations, func(a Association) bool { return a.Child.quarantines() })
}

func (r *run) retryChildren(ctx context.Context, tx backend.Tx, a *Association, k *run) error {
	ids, err := k.waiting(ctx, tx)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id backend.ID) bool { return k.tally.has(idset.Key(id)) || !k.m.Quarantine })
	for some := range slices.Chunk(ids, batch) {
		p := &page{}
		if err := k.take(p, func(s ledger.Scope) ([]ledger.Quarantined, error) { return ledger.TakeQuarantined(ctx, tx, s, some) }); err != nil {
			return err
		}
		parents, err := r.parentsOf(ctx, tx, p.held)
		if err != nil {
			return err
		}
		for _, id := range some {
			h, ok := p.held[id]
			of, exists := parents[h.Parent]
			if !ok || !exists {
				continue // dealt with by another run, or without a parent
			}
			o, err := remote.ParseObject([]byte(h.Object))
			if err != nil {
				return &recordError{id.String(), err}
			}
			k.tally.list(idset.Key(id))
			p.add(k.childRow(a, id, o, of.key, of.id), o, plan.Key{Column: a.Column, Value: of.key.Value()})
		}
		if err := k.write(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// parentRow is a row that nested records belong to.
type parentRow struct{ key, id backend.ID }

// parentsOf reads the parents of nested records, by their local keys as text:
// those that exist, and that a complete pass has listed.
func (r *run) parentsOf(ctx context.Context, q backend.Querier, children map[backend.ID]ledger.Quarantined) (map[string]parentRow, error) {
	t := r.m.Table
	key := &Model{Table: &backend.Table{IDKind: t.KeyKind}}
	var keys []backend.ID
	for _, h := range children {
		id, err := key.parseID(h.Parent)
		if err != nil {
			return nil, err
		}
		keys = append(keys, id)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, squirrel.Select(store.Quote(t.Key), t.Selected()[0]).From(store.Quote(t.Name)).
		Where(t.Where(r.call.Scope)).Where(q.Dialect().AnyID(store.Quote(t.Key), t.KeyKind, keys)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	complete := r.complete()
	parents := map[string]parentRow{}
	local, id := backend.NewID(t.KeyKind), t.NewID()
	for rows.Next() {
		if err := rows.Scan(local, id); err != nil {
			return nil, err
		}
		p := parentRow{backend.IDOf(local), t.IDOf(id)}
		_, deleted := r.gone[p.id]
		if !deleted && (!complete || r.tally.has(idset.Key(p.id))) {
			parents[p.key.String()] = p
		}
	}
	return parents, rows.Err()
}
