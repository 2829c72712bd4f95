package write

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
)

// Complete finds what the objects of a page leave out, once, in the transaction that
// writes them: in quarantine, or in the rows, which stay locked. Write does it itself.
func (w *Writer) Complete(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	if err := w.Enter(ctx, tx); err != nil {
		return err
	}
	if err := w.quarantine.release(ctx, tx, p); err != nil {
		return err
	}
	if p.Completed || w.Model.Expand > 0 { // nothing is merged with a summary
		return nil
	}
	p.Completed = true
	var records []*page.Record
	var ids []backend.ID
	for _, r := range p.Records {
		if r.Partial() && !r.Named {
			records, ids = append(records, r), append(ids, r.ID)
		}
	}
	if len(records) == 0 {
		return nil
	}
	kept, err := rows.ObjectsLocked(ctx, tx, w.Model, w.Scope, ids)
	if err != nil {
		return err
	}
	for _, r := range records {
		base, here := kept[r.ID]
		complete(w.Model, r, base, here)
	}
	return nil
}

// complete has what was sent of a record come after what waits of it in quarantine, and
// after that which its row keeps, where it keeps something.
func complete(m *model.Model, r *page.Record, base rows.Kept, here bool) {
	sent := r.Sent()
	if lay := r.Quarantined; lay != nil {
		waiting, err := remote.KeptObject([]byte(lay.Object))
		if err == nil {
			err = waiting.Err()
		}
		waiting = m.Redactor.Kept(waiting)
		switch {
		case err != nil:
			r.Unread()
			return
		case !lay.Partial: // it is later than the row
			base, here = rows.Kept{Object: waiting}, true
		default:
			sent = after(waiting, sent)
		}
	}
	if here {
		r.Complete(base.Object, sent, base.Hash)
	} else {
		r.Alone(sent)
	}
}

// after returns what an object that leaves out attributes says after an earlier one.
func after(earlier, sent remote.Object) remote.Object {
	if sent.Err() != nil {
		return sent
	}
	return plan.Overlay(earlier, sent)
}
