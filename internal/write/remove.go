package write

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Remove removes rows, some at a time, tells of them, and counts them.
func (w *Writer) Remove(ctx context.Context, tx *commit.Tx, ids []backend.ID) error {
	_, err := w.remove(ctx, tx, ids, w.Removal)
	return err
}

// remove does so, and returns the rows that the database keeps without an error.
func (w *Writer) remove(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) (stay []backend.ID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := w.Enter(ctx, tx); err != nil {
		return nil, err
	}
	r := remover{Writer: w, how: how}
	for some := range slices.Chunk(ids, rows.Batch) {
		more, err := r.some(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		stay = append(stay, more...)
	}
	return stay, nil
}

// remover removes rows of a writer's model in one way.
type remover struct {
	*Writer
	how model.Removal
}

func (r *remover) some(ctx context.Context, tx *commit.Tx, ids []backend.ID) (stay []backend.ID, err error) {
	if r.how.Kind == model.Destroy {
		if ids, err = r.unreferenced(ctx, tx, ids); err != nil || len(ids) == 0 {
			return nil, err
		}
	}
	kin, err := r.kin(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	ids = without(ids, kin.held)
	going := leaving{}
	if r.Model.OnChange != nil || r.Model.Outbox || r.how.Kind == model.Custom || tx.Lists() {
		if going, err = r.leaving(ctx, tx, ids); err != nil {
			return nil, err
		}
	}
	var n int64
	if r.how.Kind == model.Custom { // the service's own writes
		n, err = r.rows(ctx, tx, ids, going)
	} else {
		err = backend.AsRun(ctx, tx, r.Model.Table.Journaled, func() error {
			n, err = r.rows(ctx, tx, ids, going)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	if stay, err = r.staying(ctx, tx, ids, n); err != nil {
		return nil, err
	}
	if err := kin.after(ctx, tx, stay); err != nil {
		return nil, err
	}
	if n > 0 {
		if err := r.Beside.removed(ctx, tx, r.quarantine.scope); err != nil {
			return nil, err
		}
	}
	tx.After(func() { r.Counts.Removed += int(n) })
	return append(stay, kin.held...), tx.Changed(ctx, r.Model, r.Scope, going.without(stay))
}

// leaving are rows that are about to be removed, for those who are told of them.
type leaving struct {
	values  []any
	ids     []backend.ID
	changes []model.Change
}

// without returns the changes but for those of rows that stay.
func (l leaving) without(stay []backend.ID) (changes []model.Change) {
	for i, c := range l.changes {
		if !slices.Contains(stay, l.ids[i]) {
			changes = append(changes, c)
		}
	}
	return changes
}

// leaving reads the rows that are about to be removed, and locks them.
func (r *remover) leaving(ctx context.Context, tx *commit.Tx, ids []backend.ID) (leaving, error) {
	var l leaving
	var read []backend.Row
	err := rows.LoadLocked(ctx, tx, r.Model, r.Scope, ids, func(s rows.Stored) error {
		if r.how.Kind == model.Cancel && s.Canceled {
			return nil
		}
		l.values, l.ids, read = append(l.values, s.Row.Value), append(l.ids, s.ID), append(read, s.Row)
		l.changes = append(l.changes, model.Change{Kind: report.Removed, ID: r.Model.Table.RemoteID(s.ID), Old: s.Row.Value})
		return nil
	})
	if err == nil {
		err = rows.Translate(ctx, tx, r.Model, read...)
	}
	return l, err
}

// rows removes rows as declared, and returns how many.
func (r *remover) rows(ctx context.Context, tx *commit.Tx, ids []backend.ID, going leaving) (int64, error) {
	t := r.Model.Table
	where := tx.Dialect().Rows(t, r.Scope, ids)
	switch r.how.Kind {
	case model.Custom:
		if len(going.values) == 0 {
			return 0, nil
		}
		if err := r.how.Func(ctx, tx.Tx, going.values); err != nil || len(t.Followed) == 0 {
			return int64(len(going.values)), err
		}
		return int64(len(going.values)), forgetGone(ctx, tx, r.Model, r.Scope, ids)
	case model.Cancel:
		now := time.Now()
		set := squirrel.Update(store.Quote(t.Name)).Set(store.Quote(t.Canceled), t.Cancellation(now))
		if t.Hash != "" {
			set = set.Set(store.Quote(t.Hash), nil) // a row that is listed again is looked at
		}
		if t.Touch.Name != "" {
			set = set.Set(store.Quote(t.Touch.Name), backend.Moment(now))
		}
		return tx.Exec(ctx, set.Where(append(where, squirrel.Expr(t.NotCanceled()))))
	default:
		if err := removeTranslations(ctx, tx, t, where); err != nil {
			return 0, err
		}
		if len(t.Followed) > 0 {
			if err := ledger.DropWaiting(ctx, tx, r.Model.Scope(r.Scope), "", ids); err != nil {
				return 0, fmt.Errorf("note which rows wait for their parents: %w", err)
			}
		}
		return tx.Exec(ctx, squirrel.Delete(store.Quote(t.Name)).Where(where))
	}
}
