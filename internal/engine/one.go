package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// One asks the remote for one record, and brings its row in step with it, in one
// transaction. It takes no lock of its own, and runs beside other runs.
func One(ctx context.Context, m *model.Model, call Call, id backend.ID) (report.Result, error) {
	r := one{newRun(m, call)}
	return r.ended(ctx, r.fail(0, r.synchronize(ctx, id)))
}

// one writes a record, or a few, beside other runs.
type one struct{ *run }

func (r one) synchronize(ctx context.Context, id backend.ID) error {
	p := &page.Page{}
	o, err := r.get(ctx, id)
	switch {
	case errors.Is(err, remote.ErrNotFound):
		r.listing.Gone(id)
	case err != nil:
		return &model.RecordError{Record: id.String(), Err: err}
	default:
		if p, err = r.acceptObjects([]remote.Object{o}); err != nil {
			return err
		}
		if err := r.parents.fetch(ctx, p); err != nil {
			return err
		}
	}
	return r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		if len(p.Records) == 0 {
			return r.remove(ctx, tx, id)
		}
		return r.write(ctx, tx, p)
	})
}

// get asks for the record, before any transaction begins.
func (r one) get(ctx context.Context, id backend.ID) (remote.Object, error) {
	getter, ok := r.call.API.(remote.Getter)
	if !ok {
		return remote.Object{}, fmt.Errorf("a %T can't fetch one record: give an API that is a remote.Getter, as rest.Client is", r.call.API)
	}
	r.result.Requests++
	o, err := getter.Get(ctx, r.call.Request, id.String())
	if err != nil {
		return o, err
	}
	got, err := r.m.Plan.ID(o)
	if err == nil && got != id {
		err = fmt.Errorf("the remote answered with record %s instead: check the endpoint, and which attribute is the remote id", got)
	}
	return o, err
}

// write writes records beside other runs. Where times are kept in the rows,
// theirs get the scope's: without one, the next run would ask for everything.
func (r one) write(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	var at time.Time
	if r.m.Table.Stamp != "" {
		var err error
		if at, err = stamp.Stored(ctx, tx, r.m, r.call.Scope); err != nil {
			return err
		}
	}
	if err := r.writer.Write(ctx, tx, p); err != nil {
		return err
	}
	if err := keepRefusal(ctx, tx, r.run, nil, nil); err != nil {
		return err
	}
	if at.IsZero() {
		return nil
	}
	return stamp.Save(ctx, tx, r.m, r.call.Scope, at, "")
}

// remove removes the row of a record that the remote does not have, as the
// call says.
func (r one) remove(ctx context.Context, tx *commit.Tx, id backend.ID) error {
	ids := []backend.ID{id}
	if r.call.Filtered && !r.call.AllowRemoval {
		return rows.LoadLocked(ctx, tx, r.m, r.call.Scope, ids, func(rows.Stored) error {
			r.result.Refused = &report.Refusal{Rows: 1, Of: 1, Reason: "the call's own query may leave out records that exist"}
			return nil
		})
	}
	if r.m.Quarantines() {
		if err := ledger.DropQuarantined(ctx, tx, r.m.Scope(r.call.Scope), ids); err != nil {
			return err
		}
	}
	tx.After(func() { r.result.Gone = true })
	if !r.call.Removal.On() {
		return nil
	}
	if err := r.writer.Remove(ctx, tx, ids); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}
