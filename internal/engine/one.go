package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/timestamp"
)

// One asks the remote for one record, and brings its row in step with it, in one
// transaction. It takes no lock of its own, and runs beside other runs.
func (m *Model) One(ctx context.Context, call Call, id backend.ID) (report.Result, error) {
	r := newRun(m, call)
	return r.ended(ctx, r.fail(0, r.one(ctx, id)))
}

func (r *run) one(ctx context.Context, id backend.ID) error {
	p := &page{}
	o, err := r.get(ctx, id)
	switch {
	case errors.Is(err, remote.ErrNotFound):
		r.gone[id] = struct{}{}
	case err != nil:
		return &recordError{id.String(), err}
	default:
		if p, err = r.accept(r.prepare(&remote.Page{Objects: []remote.Object{o}})); err != nil {
			return err
		}
		if err := r.fetchParents(ctx, p); err != nil {
			return err
		}
	}
	return r.transact(ctx, func(tx backend.Tx) error {
		if len(p.rows) == 0 {
			return r.removeOne(ctx, tx, id)
		}
		return r.writeOne(ctx, tx, p)
	})
}

// adopt writes records that were asked for because others name them. It takes no
// lock, as One does, so that it does not wait for a run of the scope.
func (m *Model) adopt(ctx context.Context, scope any, objects []remote.Object) error {
	r := newRun(m, Call{Scope: scope, Removal: Removal{Kind: Keep}})
	p, err := r.accept(r.prepare(&remote.Page{Objects: objects}))
	if err == nil {
		err = r.fetchParents(ctx, p)
	}
	if err == nil {
		err = r.transact(ctx, func(tx backend.Tx) error { return r.writeOne(ctx, tx, p) })
	}
	return r.fail(0, err)
}

// get asks for the record, before any transaction begins.
func (r *run) get(ctx context.Context, id backend.ID) (remote.Object, error) {
	getter, ok := r.call.API.(remote.Getter)
	if !ok {
		return remote.Object{}, fmt.Errorf("a %T can't fetch one record: give an API that is a remote.Getter, as remote.Client is", r.call.API)
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

// writeOne writes the record. Where times are kept in the rows, its row gets the
// scope's: without one, the next run would ask for everything.
func (r *run) writeOne(ctx context.Context, tx backend.Tx, p *page) error {
	subject := r.m.subject(r.call.Scope)
	stamp := timestamp.Stamp{}
	if r.m.Table.Stamp != "" {
		var err error
		if stamp.At, err = r.m.Timestamps.Stored(ctx, tx, subject); err != nil {
			return fmt.Errorf("read the stored time: %w", err)
		}
	}
	if err := r.write(ctx, tx, p); err != nil {
		return err
	}
	if err := r.keepRefusal(ctx, tx); err != nil {
		return fmt.Errorf("note that the record exists: %w", err)
	}
	if stamp.At.IsZero() {
		return nil
	}
	if err := r.m.Timestamps.Save(ctx, tx, subject, stamp); err != nil {
		return fmt.Errorf("store the time: %w", err)
	}
	return nil
}

// removeOne removes the row of a record that the remote does not have, as the
// call says.
func (r *run) removeOne(ctx context.Context, tx backend.Tx, id backend.ID) error {
	ids := []backend.ID{id}
	if r.call.Filtered && !r.call.AllowRemoval {
		return r.m.load(ctx, tx, r.call.Scope, ids, func(loaded) error {
			r.result.Refused = &report.Refusal{Rows: 1, Of: 1, Reason: "the call's own query may leave out records that exist"}
			return nil
		})
	}
	if r.m.Quarantine || r.m.Leftover {
		if err := ledger.DropQuarantined(ctx, tx, r.m.scope(r.call.Scope), ids); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	r.committed(func() { r.result.Gone = true })
	if !r.call.Removal.On() {
		return nil
	}
	if err := r.remove(ctx, tx, ids); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}
