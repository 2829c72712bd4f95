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
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
)

// verifications is how many records a run asks for one by one. The rest is left
// to the next run.
const verifications = 1000

// verify asks the remote for records that it did not list, where that is declared or
// the list proves too little, and returns those that are gone. Those that exist are
// kept, to be written with the run's last rows. The others are refused.
func (s *Search) verify(ctx context.Context, f *Found, absence proof.Absence, absent []backend.ID) ([]backend.ID, error) {
	how, must := s.Removal.Verify, absence.MustAsk()
	getter, can := s.Maker.Model.Getter(s.API)
	switch {
	case len(absent) == 0, s.Given, s.Allowed && absence.Listed == 0: // there is nothing to ask for beside them
		return absent, nil
	case must != "" && (how == model.VerifyNever || !can):
		f.refuse(absent, must)
		return nil, nil
	case how == model.VerifyNever, !absence.ShouldAsk():
		return absent, nil
	case !can && absence.Always:
		return nil, errors.New("absent records are always verified (VerifyAlways), but the API can't be asked for one record: implement remote.Getter, or declare another Verify")
	case !can:
		return absent, nil
	}
	f.Asked = true
	defer f.because(must)
	controls := s.Listing.Controls()
	if many, ok := getter.(remote.ManyGetter); ok {
		gone, left, supported, err := s.askMany(ctx, f, many, controls, absent)
		if err != nil {
			return nil, err
		}
		if !supported {
			return s.askEach(ctx, f, getter, controls, absent)
		}
		hidden, why, err := s.hide(ctx, f, getter, controls, gone)
		switch {
		case err != nil:
			return nil, err
		case hidden: // so the lists prove nothing
			return s.askHidden(ctx, f, getter, controls, absent, why)
		case len(left) == 0:
			return gone, nil
		}
		each, err := s.askEach(ctx, f, getter, controls, left)
		return append(gone, each...), err
	}
	return s.askEach(ctx, f, getter, controls, absent)
}

// askEach asks for absent records one by one.
func (s *Search) askEach(ctx context.Context, f *Found, getter remote.Getter, controls, absent []backend.ID) (gone []backend.ID, err error) {
	if len(absent) > verifications {
		if absent, err = s.unaskedFirst(ctx, absent); err != nil {
			return nil, err
		}
	}
	ask := s.asking(getter)
	asked := absent[:min(len(absent), verifications)]
	found, why, err := ask.Each(ctx, controls, asked)
	f.pay(ask.Cost)
	if err != nil {
		return nil, err
	}
	var left []backend.ID
	for i, id := range asked {
		switch {
		case found[i].Gone:
			gone = append(gone, id)
		case found[i].Exists:
			s.keepAlive(f, id, found[i].Object)
		default:
			left = append(left, id)
		}
	}
	if unasked := absent[len(asked):]; len(unasked) > 0 && why == "" {
		why = fmt.Sprintf("%d absent records were asked for; the next run asks for more", len(asked))
	}
	if left = append(left, absent[len(asked):]...); len(left) > 0 {
		f.refuse(left, why)
	}
	return gone, nil
}

// unaskedFirst puts in front what the last run has left to this one: records that
// exist and are never listed must not be asked for again and again, and no others.
func (s *Search) unaskedFirst(ctx context.Context, absent []backend.ID) ([]backend.ID, error) {
	m, keys := s.Maker.Model, make([]uint64, len(absent))
	for i, id := range absent {
		keys[i] = idset.Key(id)
	}
	first, err := ledger.Refused(ctx, m.DB, m.Scope(s.Maker.Scope), keys)
	if err != nil {
		return nil, fmt.Errorf("read what the last run left: %w", err)
	}
	order := func(id backend.ID) int {
		if first[idset.Key(id)] {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(absent), func(a, b backend.ID) int { return order(a) - order(b) }), nil
}

// keepAlive takes in a record that was not listed and exists all the same, to be
// written with the run's last rows.
func (s *Search) keepAlive(f *Found, id backend.ID, o remote.Object) {
	if f.Alive == nil {
		f.Alive = &page.Page{}
	}
	if s.Listing.Has(idset.Key(id)) {
		return // it was answered twice
	}
	f.Records++
	s.Listing.Add(f.Alive, s.Maker.Record(id, o))
}
