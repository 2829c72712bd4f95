package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
)

// askedInAList is how many records are asked for in one list of ids.
const askedInAList = 50

// askLists asks for records by lists of ids, where the API can do that and they are worth it,
// and returns those that came whole. The first list is a trial: if it brings nothing new, no
// other is asked for. All that the lists leave out must be asked for one by one.
func (w wholes) askLists(ctx context.Context, getter remote.Getter, ask []*page.Record) map[backend.ID]remote.Object {
	many, ok := getter.(remote.ManyGetter)
	if !ok || len(ask) < 2 || !w.feed.Maker.Summaries {
		return nil
	}
	lists := slices.Collect(slices.Chunk(ask, askedInAList))
	all := map[backend.ID]remote.Object{}
	var mu sync.Mutex
	take := func(i int) bool {
		objects, spent := w.askList(ctx, many, lists[i])
		mu.Lock()
		defer mu.Unlock()
		w.pay(spent)
		for id, o := range objects {
			all[id] = o
		}
		return len(objects) > 0
	}
	if take(0) {
		atOnce(max(1, w.m.Expand), len(lists)-1, func(i int) bool { take(i + 1); return true })
	}
	return all
}

// askList asks for one list of ids. It returns the objects that have all that the model reads,
// and none where one of them is but the summary that was known: so are the others then.
func (w wholes) askList(ctx context.Context, many remote.ManyGetter, ask []*page.Record) (map[backend.ID]remote.Object, cost.Cost) {
	var spent cost.Cost
	of := make(map[backend.ID]*page.Record, len(ask))
	ids := make([]string, len(ask))
	for i, r := range ask {
		of[r.ID], ids[i] = r, r.ID.String()
	}
	found := make(map[backend.ID]remote.Object, len(ask))
	for p, err := range many.GetMany(ctx, w.call.Request, ids) {
		if p != nil {
			spent.Add(cost.Cost{Requests: p.Requests, Bytes: p.Bytes})
		}
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			break // those that came are here
		}
		if err != nil || p.Partial != "" {
			return nil, spent
		}
		for _, o := range p.Objects {
			id, err := w.m.Plan.ID(o)
			r := of[id]
			if err != nil || r == nil {
				return nil, spent
			}
			if !r.Named && w.m.Plan.Summary(o) == r.Hash {
				return nil, spent
			}
			if w.m.Lacks(o) == "" && !w.m.Plan.Older(o, r.Sent()) {
				found[id] = o
			}
		}
	}
	return found, spent
}
