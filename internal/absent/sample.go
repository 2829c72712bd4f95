package absent

import (
	"context"
	"errors"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
)

// sampled is how many of the records that lists of ids left out are asked for by their
// own address before the lists are believed.
const sampled = 5

// hide reports whether lists of ids may leave out records that exist, as a list with a
// filter by default does: of those that they left out, a sample is asked for one by one.
// Why names one that exists, or is "" where an answer is unclear. Where the control is
// not found one by one, nothing is learnt, and the lists are believed.
func (s *Search) hide(ctx context.Context, f *Found, getter remote.Getter, controls, gone []backend.ID) (hidden bool, why string, err error) {
	n := min(len(gone), sampled)
	if n == 0 {
		return false, "", nil
	}
	some := make([]backend.ID, n)
	for i := range some {
		some[i] = gone[i*(len(gone)-1)/max(1, n-1)] // the first and the last among them
	}
	ask := s.asking(getter)
	fates, _, err := ask.Each(ctx, controls, some)
	f.pay(ask.Cost)
	if err != nil || ask.hit == (backend.ID{}) {
		return false, "", err
	}
	for i, fate := range fates {
		if fate.Exists {
			return true, proof.LeavesOut(some[i].String()), nil
		}
		hidden = hidden || !fate.Gone
	}
	return hidden, "", nil
}

// asking asks for single records as the run asks for its list.
func (s *Search) asking(getter remote.Getter) *Asking {
	request := s.Request
	request.Cursor = ""
	return &Asking{Getter: getter, Request: request, Model: s.Maker.Model}
}

// askHidden asks one by one for absent records that lists of ids may hide, but for
// those that the lists showed.
func (s *Search) askHidden(ctx context.Context, f *Found, getter remote.Getter, controls, absent []backend.ID, why string) (gone []backend.ID, err error) {
	f.Refused, f.Withheld = nil, nil
	var ids []backend.ID
	for _, id := range absent {
		if !s.Listing.Has(idset.Key(id)) {
			ids = append(ids, id)
		}
	}
	if why != "" {
		observe.Tell(ctx, observe.Trouble{Err: errors.New("lists hide records: " + secret.Of(ctx).Within(why))})
	}
	gone, err = s.askEach(ctx, f, getter, controls, ids)
	f.because(why)
	return gone, err
}
