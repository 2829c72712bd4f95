package absent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
)

// verifications is how many records a run asks for one by one. The rest is left
// to the next run.
const verifications = 1000

// verify asks the remote for records that it did not list, where that is
// declared, and returns those that are gone. Those that exist are kept, to be
// written with the run's last rows.
func (s *Search) verify(ctx context.Context, f *Found, absent []backend.ID) ([]backend.ID, error) {
	how := s.Removal.Verify
	if len(absent) == 0 || s.Given || how == model.VerifyNever || how != model.VerifyAlways && !s.Listing.Shifting() {
		return absent, nil
	}
	getter, ok := s.API.(remote.Getter)
	if !ok {
		if how == model.VerifyAlways {
			return nil, errors.New("absent records are to be verified, but the API can't be asked for one record: implement remote.Getter, or declare another Verify")
		}
		return absent, nil
	}
	if many, ok := getter.(remote.ManyGetter); ok {
		gone, supported, err := s.askMany(ctx, f, many, absent)
		if supported {
			return gone, err
		}
	}
	return s.askEach(ctx, f, getter, absent)
}

// askEach asks for absent records one by one.
func (s *Search) askEach(ctx context.Context, f *Found, getter remote.Getter, absent []backend.ID) (gone []backend.ID, err error) {
	if len(absent) > verifications {
		if absent, err = s.unaskedFirst(ctx, absent); err != nil {
			return nil, err
		}
	}
	request := s.Request
	request.Cursor = ""
	asked := absent[:min(len(absent), verifications)]
	for _, id := range asked {
		o, err := getter.Get(ctx, request, id.String())
		f.Requests++
		if err == nil {
			err = s.keepAlive(f, id, o)
		} else if errors.Is(err, remote.ErrNotFound) {
			gone, err = append(gone, id), nil
		}
		if err != nil {
			return nil, &model.RecordError{Record: id.String(), Err: fmt.Errorf("verify that it is gone: %w", err)}
		}
	}
	if left := absent[len(asked):]; len(left) > 0 {
		f.refuse(left, len(absent), fmt.Sprintf("%d absent records were asked for; the next run asks for more", len(asked)))
	}
	return gone, nil
}

// unaskedFirst puts in front what the last run has left to this one: records that
// exist and are never listed must not be asked for again and again, and no others.
func (s *Search) unaskedFirst(ctx context.Context, absent []backend.ID) ([]backend.ID, error) {
	m := s.Maker.Model
	refused, err := ledger.RefusalOf(ctx, m.DB, m.Scope(s.Maker.Scope))
	if err != nil {
		return nil, fmt.Errorf("read what the last run left: %w", err)
	}
	if refused == nil {
		return absent, nil
	}
	first := make(map[string]bool, len(refused.IDs))
	for _, id := range refused.IDs {
		first[id] = true
	}
	order := func(id backend.ID) int {
		if first[id.String()] {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(absent), func(a, b backend.ID) int { return order(a) - order(b) }), nil
}

// askMany asks for absent records by lists of ids, where the API supports that.
func (s *Search) askMany(ctx context.Context, f *Found, many remote.ManyGetter, absent []backend.ID) (gone []backend.ID, supported bool, err error) {
	asked := make(map[backend.ID]bool, len(absent))
	texts := make([]string, len(absent))
	for i, id := range absent {
		asked[id], texts[i] = true, id.String()
	}
	for p, err := range many.GetMany(ctx, s.Request, texts) {
		if p != nil {
			f.Requests += p.Requests
			f.Bytes += p.Bytes
		}
		if err != nil {
			return nil, supported || !errors.Is(err, errors.ErrUnsupported), fmt.Errorf("verify that records are gone: %w", err)
		}
		supported = true
		for _, o := range p.Objects {
			id, err := s.Maker.Model.Plan.ID(o)
			if err != nil {
				return nil, true, err
			}
			if !asked[id] {
				return nil, true, &model.RecordError{Record: id.String(), Err: errors.New("verify that records are gone: the remote lists one that was not asked for: is IDsParam right?")}
			}
			if err := s.keepAlive(f, id, o); err != nil {
				return nil, true, err
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(absent), func(id backend.ID) bool { return s.Listing.Has(idset.Key(id)) }), true, nil
}

// keepAlive takes in a record that was not listed and exists all the same, to be
// written with the run's last rows.
func (s *Search) keepAlive(f *Found, id backend.ID, o remote.Object) error {
	got, err := s.Maker.Model.Plan.ID(o)
	if err != nil {
		return err
	}
	if got != id {
		return fmt.Errorf("asked for record %s, the remote answered with %s", id, got)
	}
	if f.Alive == nil {
		f.Alive = &page.Page{}
	}
	if s.Listing.Has(idset.Key(id)) {
		return nil // it was answered twice
	}
	f.Records++
	s.Listing.Add(f.Alive, s.Maker.Record(id, o))
	return nil
}
