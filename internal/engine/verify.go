package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/remote"
)

// Verify says which absent records are asked for before their rows are removed.
type Verify int

// Undecided in a call leaves it to the declaration.
const (
	VerifyUndecided Verify = iota
	// VerifyShifting asks where the list's pages are cut by position, and may have
	// hidden a record.
	VerifyShifting
	VerifyAlways
	VerifyNever
)

// verifications is how many records a run asks for one by one. The rest is left
// to the next run.
const verifications = 1000

// verify asks the remote for records that it did not list, where that is
// declared, and gives those that are gone. Those that are not are kept, to be
// written with the run's last rows.
func (r *run) verify(ctx context.Context, absent []backend.ID) ([]backend.ID, error) {
	how := r.call.Removal.Verify
	if len(absent) == 0 || r.call.Given || how == VerifyNever || how != VerifyAlways && !r.shifting {
		return absent, nil
	}
	getter, ok := r.call.API.(remote.Getter)
	if !ok {
		if how == VerifyAlways {
			return nil, errors.New("absent records are to be verified, but the API can't be asked for one record: implement remote.Getter, or declare another Verify")
		}
		return absent, nil
	}
	if many, ok := getter.(remote.ManyGetter); ok {
		gone, supported, err := r.askMany(ctx, many, absent)
		if supported {
			return gone, err
		}
	}
	if len(absent) > verifications {
		var err error
		if absent, err = r.unaskedFirst(ctx, absent); err != nil {
			return nil, err
		}
	}
	request := r.call.Request
	request.Cursor = ""
	var gone []backend.ID
	asked := absent[:min(len(absent), verifications)]
	for _, id := range asked {
		o, err := getter.Get(ctx, request, id.String())
		r.result.Requests++
		if err == nil {
			err = r.keepAlive(id, o)
		} else if errors.Is(err, remote.ErrNotFound) {
			gone, err = append(gone, id), nil
		}
		if err != nil {
			return nil, &recordError{id.String(), fmt.Errorf("verify that it is gone: %w", err)}
		}
	}
	if left := absent[len(asked):]; len(left) > 0 {
		r.refused(left, len(absent), fmt.Sprintf("%d absent records were asked for; the next run asks for more", len(asked)))
	}
	return gone, nil
}

// unaskedFirst puts in front what the last run has left to this one: records that
// exist and are never listed must not be asked for again and again, and no others.
func (r *run) unaskedFirst(ctx context.Context, absent []backend.ID) ([]backend.ID, error) {
	_, left, err := r.m.refusal(ctx, r.m.DB, r.call.Scope)
	if err != nil {
		return nil, fmt.Errorf("read what the last run left: %w", err)
	}
	first := make(map[backend.ID]bool, len(left))
	for _, id := range left {
		first[id] = true
	}
	order := func(id backend.ID) int {
		if first[id] {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(absent), func(a, b backend.ID) int { return order(a) - order(b) }), nil
}

// askMany asks for absent records by lists of ids, where the API supports that.
func (r *run) askMany(ctx context.Context, many remote.ManyGetter, absent []backend.ID) (gone []backend.ID, supported bool, err error) {
	asked := make(map[backend.ID]bool, len(absent))
	texts := make([]string, len(absent))
	for i, id := range absent {
		asked[id], texts[i] = true, id.String()
	}
	for page, err := range many.GetMany(ctx, r.call.Request, texts) {
		if page != nil {
			r.result.Requests += page.Requests
			r.result.Bytes += page.Bytes
		}
		if err != nil {
			return nil, supported || !errors.Is(err, errors.ErrUnsupported), fmt.Errorf("verify that records are gone: %w", err)
		}
		supported = true
		for _, o := range page.Objects {
			id, err := r.m.Plan.ID(o)
			if err != nil {
				return nil, true, err
			}
			if !asked[id] {
				return nil, true, &recordError{id.String(), errors.New("verify that records are gone: the remote lists one that was not asked for: is IDsParam right?")}
			}
			if err := r.keepAlive(id, o); err != nil {
				return nil, true, err
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(absent), func(id backend.ID) bool { return r.tally.has(idset.Key(id)) }), true, nil
}

// keepAlive takes in a record that was not listed and exists all the same, to be
// written with the run's last rows.
func (r *run) keepAlive(id backend.ID, o remote.Object) error {
	got, err := r.m.Plan.ID(o)
	if err != nil {
		return err
	}
	if got != id {
		return fmt.Errorf("asked for record %s, the remote answered with %s", id, got)
	}
	if r.alive == nil {
		r.alive = &page{}
	}
	if r.tally.has(idset.Key(id)) {
		return nil // it was answered twice
	}
	r.result.Records++
	listed := r.clock // what came to light later says nothing of the list's time
	err = r.record(r.alive, r.row(id, o), o)
	r.clock = listed
	return err
}

// writeAlive writes the records that turned out to exist.
func (r *run) writeAlive(ctx context.Context, tx backend.Tx) error {
	if r.alive == nil {
		return nil
	}
	return r.write(ctx, tx, r.alive)
}
