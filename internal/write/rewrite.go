package write

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/report"
)

// Rewrite writes rows that were mapped again from their stored objects, into a table
// that may differ in what it watches, and calls the handler. Children and
// translations are left alone.
func (w *Writer) Rewrite(ctx context.Context, tx *commit.Tx, t *backend.Table, p *page.Page) error {
	if len(p.Records) == 0 {
		return nil
	}
	if err := Resolve(ctx, tx, w.Model, w.Scope, p); err != nil {
		return err
	}
	if err := w.writeRows(ctx, tx, t, p); err != nil {
		return err
	}
	var counts report.Counts
	for _, r := range p.Records {
		if r.Outcome.Change == backend.Unchanged {
			counts.Unchanged++
		} else {
			counts.Updated++
		}
	}
	tx.After(func() { w.Counts.Add(counts) })
	if err := tx.Changed(ctx, w.Model, w.Scope, changes(w.Model.Table, p)); err != nil {
		return err
	}
	return await(ctx, tx, w.Model, w.Model.Scope(w.Scope), p.Records)
}
