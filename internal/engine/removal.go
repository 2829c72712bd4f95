package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Removal is what happens to the rows that are gone remotely.
type Removal struct {
	Kind RemovalKind
	// Column is the one that cancelling sets.
	Column string
	// Func removes rows, pointers to the model's type, in the transaction.
	Func func(ctx context.Context, tx backend.Tx, rows []any) error
	// Limit is the largest share of a scope that a run may remove.
	Limit float64
	// Verify says which absent records are asked for before they are removed.
	Verify Verify
}

// RemovalKind is a way to remove rows.
type RemovalKind int

// The ways to remove rows. Undecided leaves it to the declaration, and in a
// declaration keeps them.
const (
	Undecided RemovalKind = iota
	Keep
	CancelOrDestroy
	Destroy
	Cancel
	Custom
)

// On says that rows are removed at all.
func (r Removal) On() bool { return r.Kind > Keep }

// smallScope is how many rows a scope may have for any share of it to be
// removed.
const smallScope = 100

// toRemove lists the rows to remove: those that the remote says it deleted, and
// after a complete pass those that it did not list. Held is the last page, which
// is not written yet, or nil.
func (r *run) toRemove(ctx context.Context, held *page) ([]backend.ID, error) {
	if !r.call.Removal.On() || r.result.NotModified {
		return nil, nil
	}
	if !r.plan.Since.IsZero() {
		return r.told(), nil
	}
	if none, err := r.noneAbsent(ctx, held); none || err != nil {
		return r.told(), err
	}
	absent, all, err := r.m.absent(ctx, r.m.DB, r.call.Scope, r.call.Removal, r.tally.has)
	if err != nil {
		return nil, fmt.Errorf("find what the remote does not list: %w", err)
	}
	if len(absent) > 0 {
		if absent, err = r.unseen(ctx, r.m.DB, absent); err != nil {
			return nil, fmt.Errorf("find what others wrote meanwhile: %w", err)
		}
	}
	if all > 0 && r.tally.size() == 0 && !r.call.Given {
		r.result.ListedNothing = true
	}
	if reason := r.refuse(len(absent), all); reason != "" && len(absent) > 0 {
		r.refused(absent, all, reason)
		return r.told(), nil
	}
	if absent, err = r.verify(ctx, absent); err != nil {
		return nil, err
	}
	if r.alive != nil && !r.call.DryRun {
		if err := r.fetchParents(ctx, r.alive); err != nil {
			return nil, err
		}
	}
	ids := r.told()
	for _, id := range absent {
		if _, told := r.gone[id]; !told {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// noneAbsent says that every row of the scope was listed, where that is plain: the
// records that were written and the rows of the last page are as many as the rows.
// Most runs end so, and none of the ids is read, which took a tenth of their time.
func (r *run) noneAbsent(ctx context.Context, held *page) (bool, error) {
	if held == nil || r.tally.written()+len(held.same) == 0 {
		return false, nil
	}
	var unwritten []backend.ID
	for _, row := range held.rows {
		if e := r.tally.seen.Find(idset.Key(row.ID)); e != nil && report.Kind(e.Kind()) == listed {
			unwritten = append(unwritten, row.ID)
		}
	}
	all, others, err := r.m.count(ctx, r.m.DB, r.call.Scope, r.call.Removal, unwritten)
	if err != nil {
		return false, fmt.Errorf("count the rows: %w", err)
	}
	return all == r.tally.written()+len(held.same)+others, nil
}

// told are the ids that the remote says it deleted.
func (r *run) told() []backend.ID { return slices.Collect(maps.Keys(r.gone)) }

// unseen leaves out absent rows that others wrote while the pass was under way.
func (r *run) unseen(ctx context.Context, q backend.Querier, absent []backend.ID) ([]backend.ID, error) {
	touched := map[uint64]bool{}
	if err := ledger.EachSeen(ctx, q, r.m.scope(r.call.Scope), func(key uint64) { touched[key] = true }); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(absent, func(id backend.ID) bool {
		_, told := r.gone[id]
		return touched[idset.Key(id)] && !told
	}), nil
}

// refused notes rows that are not removed, and why.
func (r *run) refused(rows []backend.ID, of int, reason string) {
	r.withheld = rows
	r.result.Refused = &report.Refusal{Rows: len(rows), Of: of, Reason: reason}
	if r.lock != nil { // it is kept, and can be approved
		r.result.Refused.Plan = uuid.NewString()
	}
}

// refuse says why absent rows may not be removed; "" when they may.
func (r *run) refuse(absent, all int) string {
	if r.call.Given || r.call.AllowRemoval {
		return ""
	}
	if doubt := r.totals.doubt(r.tally.size()); doubt != "" {
		return doubt
	}
	if r.call.Filtered {
		return "the call's own query may leave out records that exist"
	}
	if r.tally.size() == 0 {
		return "the remote listed nothing at all"
	}
	if all > smallScope && float64(absent) > r.call.Removal.Limit*float64(all) {
		return fmt.Sprintf("more than %.0f %% of the scope", 100*r.call.Removal.Limit)
	}
	return ""
}

// remove removes rows, some at a time, and counts them.
func (r *run) remove(ctx context.Context, tx backend.Tx, ids []backend.ID) error {
	for some := range slices.Chunk(ids, batch) {
		if err := r.removeSome(ctx, tx, some); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) removeSome(ctx context.Context, tx backend.Tx, ids []backend.ID) error {
	if err := r.removeFamilies(ctx, tx, ids); err != nil {
		return err
	}
	how := r.call.Removal
	var rows []any
	var records []backend.Row
	var list []Change
	if r.m.OnChange != nil || r.m.Outbox || how.Kind == Custom {
		err := r.m.load(ctx, tx, r.call.Scope, ids, func(l loaded) error {
			if how.Kind == Cancel && l.canceled {
				return nil
			}
			rows, records = append(rows, l.rec.Value), append(records, l.rec)
			list = append(list, Change{Kind: report.Removed, ID: l.id, Old: l.rec.Value})
			return nil
		})
		if err == nil {
			err = r.m.translate(ctx, tx, records...)
		}
		if err != nil || len(rows) == 0 {
			return err
		}
	}
	n := int64(len(rows))
	var err error
	where := tx.Dialect().Rows(r.m.Table, r.call.Scope, ids)
	switch how.Kind {
	case Custom:
		err = how.Func(ctx, tx, rows)
	case Cancel:
		set := squirrel.Update(store.Quote(r.m.Table.Name)).Set(store.Quote(how.Column), backend.Moment(time.Now()))
		if r.m.Table.Hash != "" {
			set = set.Set(store.Quote(r.m.Table.Hash), nil) // a row that is listed again is looked at
		}
		n, err = tx.Exec(ctx, set.Where(append(where, squirrel.Expr(store.Quote(how.Column)+" IS NULL"))))
	default:
		if err := r.m.removeTranslations(ctx, tx, where); err != nil {
			return err
		}
		n, err = tx.Exec(ctx, squirrel.Delete(store.Quote(r.m.Table.Name)).Where(where))
	}
	if err != nil {
		return err
	}
	r.committed(func() { r.result.Removed += int(n) })
	return r.handle(ctx, tx, list)
}
