package engine

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/compare"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Apply does what a diff says, in one transaction, and asks the remote for nothing.
// If a row is no longer as the diff found it, that is an error, and nothing is
// written.
func Apply(ctx context.Context, m *model.Model, call Call, d *report.Diff) (report.Result, error) {
	r := newRun(m, call)
	return r.ended(ctx, r.fail(0, apply(ctx, r, d)))
}

func apply(ctx context.Context, r *run, d *report.Diff) error {
	if scope := r.m.ScopeName(r.call.Scope); d.Model != r.m.Table.Name || d.Scope != scope {
		return fmt.Errorf("the diff is of %s (%s): apply it there", d.Model, d.Scope)
	}
	if len(d.Additional) > 0 && !r.call.Removal.On() {
		return fmt.Errorf("the diff removes %d rows, but removal is off: declare Remove, or give it with the call", len(d.Additional))
	}
	before := make(map[string][]report.Field, len(d.Changed))
	objects := make([]remote.Object, 0, len(d.Missing)+len(d.Changed))
	for _, m := range d.Missing {
		objects = append(objects, m.Object)
	}
	for _, c := range d.Changed {
		objects = append(objects, c.Object)
		before[c.ID] = c.Fields
	}
	p, err := r.acceptObjects(objects)
	if err != nil {
		return err
	}
	return r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		rows := &compare.Comparison{Writer: r.writer, Q: tx.Tx, Locks: true}
		if err := rows.CheckWritten(ctx, p, before); err != nil {
			return err
		}
		remove, err := rows.CheckRemoved(ctx, d.Additional)
		if err != nil {
			return err
		}
		if err := r.writer.Write(ctx, tx, p); err != nil {
			return err
		}
		if err := r.writer.RemoveDropped(ctx, tx); err != nil {
			return err
		}
		if err := r.writer.Remove(ctx, tx, remove); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		return nil
	})
}
