package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// One asks the remote for one record, and brings its row in step with it, in one
// transaction. It takes no lock of its own, and runs beside other runs.
func One(ctx context.Context, m *model.Model, call Call, id backend.ID) (report.Result, error) {
	r := one{newRun(m, call)}
	return told{run: r.run, call: "SyncOne"}.of(ctx, func(ctx context.Context) error { return r.synchronize(ctx, id) })
}

// one writes a record, or a few, beside other runs.
type one struct{ *run }

func (r one) synchronize(ctx context.Context, id backend.ID) error {
	if err := alive(ctx); err != nil {
		return err
	}
	p := &page.Page{}
	unproven := ""
	switch o, missing, err := r.get(ctx, id); {
	case err != nil && !missing:
		return &model.RecordError{Record: id.String(), Err: err}
	case missing:
		if unproven, err = r.prove(ctx, id, err); err != nil {
			return &model.RecordError{Record: id.String(), Err: err}
		}
	default:
		if p, err = r.acceptObjects([]remote.Object{o}); err != nil {
			return err
		}
		if err := r.parents.fetch(ctx, p); err != nil {
			return err
		}
	}
	return r.write(ctx, 0, func(ctx context.Context, tx *commit.Tx) error {
		switch {
		case len(p.Records) > 0:
			return r.put(ctx, tx, p)
		case unproven != "":
			return r.refuse(ctx, tx, id, unproven)
		default:
			return r.remove(ctx, tx, id)
		}
	})
}

// get asks for the record, before any transaction begins. Missing reports whether the
// answer was that there is none, or another record.
func (r one) get(ctx context.Context, id backend.ID) (o remote.Object, missing bool, err error) {
	getter, ok := r.m.Getter(r.call.API)
	switch {
	case r.m.Plan.ByContent():
		return o, false, errors.New("the content of a record is its id here, so no remote can be asked for one: run Synchronize")
	case !ok:
		return o, false, fmt.Errorf("a %T can't fetch one record: give an API that is a remote.Getter, as rest.Client is", r.call.API)
	}
	if o, err = r.askOne(ctx, getter, id); err != nil {
		return o, errors.Is(err, remote.ErrNotFound), err
	}
	missing, err = r.misses(o, id)
	return o, missing, err
}

// askOne asks for one record, and takes note of what it cost.
func (r *run) askOne(ctx context.Context, getter remote.Getter, id backend.ID) (remote.Object, error) {
	var spent cost.Cost
	o, err := spent.Get(ctx, getter, r.call.Request, id.String())
	r.pay(spent)
	return o, err
}

// misses returns why an answer is not the record that was asked for, or nil. Missing
// reports whether it is another record.
func (r *run) misses(o remote.Object, id backend.ID) (missing bool, err error) {
	got, err := r.m.Plan.ID(o)
	switch {
	case err != nil:
		return false, err
	case got != id:
		return true, fmt.Errorf("the remote answered with record %s instead: check the endpoint, and which attribute is the remote id", got)
	case !r.listing.Deletes(o) && r.m.Plan.Bare(o):
		return false, errHusk
	}
	return false, nil
}

// prove returns why a record that was not found may exist all the same; "" when it is
// gone: another record of the scope is found by the same question. The answer is what
// was said of the record; where no record is found so, one with another id is an
// error.
func (r one) prove(ctx context.Context, id backend.ID, answer error) (unproven string, err error) {
	if r.call.AllowRemoval {
		return "", nil
	}
	if r.call.Filtered {
		return "the call's own query may leave out records that exist", nil
	}
	controls, err := rows.Others(ctx, r.m.DB, r.m, r.call.Scope, id)
	if err != nil {
		return "", fmt.Errorf("find another record to ask for: %w", err)
	}
	ask := &absent.Asking{Getter: r.call.API.(remote.Getter), Request: r.call.Request, Model: r.m}
	fates, why, err := ask.Each(ctx, controls, []backend.ID{id})
	r.pay(ask.Cost)
	switch {
	case err != nil:
		return "", err
	case fates[0].Gone:
		return "", nil
	case !errors.Is(answer, remote.ErrNotFound):
		return "", answer
	case fates[0].Exists:
		return "the remote did not find the record at first, and then did: ask again", nil
	default:
		return why, nil
	}
}

// refuse notes that a row is not removed, where there is one, and why.
func (r one) refuse(ctx context.Context, tx *commit.Tx, id backend.ID, why string) error {
	return rows.LoadLocked(ctx, tx, r.m, r.call.Scope, []backend.ID{id}, func(rows.Stored) error {
		r.result.Refused = &report.Refusal{Rows: 1, Of: 1, Reason: why}
		return nil
	})
}

// put writes records beside other runs.
func (r one) put(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	if err := r.writer.Enter(ctx, tx); err != nil {
		return err
	}
	at, err := r.timeOfRows(ctx, tx)
	if err != nil {
		return err
	}
	if err := r.writer.Write(ctx, tx, p); err != nil {
		return err
	}
	if err := r.writer.RemoveDropped(ctx, tx); err != nil {
		return err
	}
	if _, err := takeListed(ctx, tx, r.m, r.call.Scope, p.Keys()); err != nil {
		return err
	}
	return r.timeRows(ctx, tx, at)
}

// remove removes the row of a record that the remote does not have, as the
// call says.
func (r one) remove(ctx context.Context, tx *commit.Tx, id backend.ID) error {
	ids := []backend.ID{id}
	if err := r.writer.Enter(ctx, tx); err != nil {
		return err
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
