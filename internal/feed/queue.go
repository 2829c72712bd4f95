package feed

import (
	"context"

	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/page"
)

// queue has pages that were fetched ahead. One goroutine fills it, and another takes what
// has arrived: it waits for the next page only where there is none.
type queue struct {
	// next fetches a page, and together reports whether the queue takes more than one.
	next     func() (*page.Received, error, bool)
	together bool
	// growing has pages to which the filling goroutine may still add others, until somebody
	// takes them. Whole has pages that are complete, and is closed when there are no others.
	growing, whole chan arrived
	hand           arrived // of the goroutine that fills
	taken          []fetched
	// left is what it has cost that nobody waited for any longer, once whole is closed; or nil.
	left *page.Received
}

func newQueue(next func() (*page.Received, error, bool), together bool) *queue {
	return &queue{next: next, together: together, growing: make(chan arrived, 1), whole: make(chan arrived)}
}

// fill fills the queue until the pages end, or nobody waits for them any longer.
func (q *queue) fill(ctx context.Context) {
	defer close(q.whole)
	defer func() {
		if p := recover(); p != nil {
			q.back()
			q.hand.add(fetched{panicked: p})
			q.send(ctx)
		}
	}()
	for {
		p, err, ok := q.next()
		q.back()
		came := fetched{page: p, err: err}
		if (!ok || !q.hand.admits(came)) && !q.send(ctx) {
			if ok {
				q.left = costOf([]*page.Received{q.left, p})
			}
			return
		}
		if !ok {
			return
		}
		q.hand.add(came)
		switch {
		case err != nil, !q.together, q.hand.full():
			if !q.send(ctx) || err != nil {
				return
			}
		case !p.Followed: // else the next is here as well
			q.growing <- q.hand // there is room: they were taken back
			q.hand = arrived{}
		}
	}
}

// back takes back the pages that nobody has taken.
func (q *queue) back() {
	if len(q.hand.list) > 0 {
		return
	}
	select {
	case q.hand = <-q.growing:
	default:
	}
}

// send waits until what is in hand is taken, and reports whether it was.
func (q *queue) send(ctx context.Context) bool {
	if len(q.hand.list) == 0 {
		return true
	}
	select {
	case q.whole <- q.hand:
		q.hand = arrived{}
		return true
	case <-ctx.Done():
		q.left, q.hand = q.hand.cost(), arrived{}
		return false
	}
}

// drain waits until the goroutine that fills the queue has ended, and adds what pages cost
// that nobody took.
func (q *queue) drain(unread *cost.Cost) {
	left := arrived{list: q.taken}
	for some := range q.whole {
		left.list = append(left.list, some.list...)
	}
	q.back()
	left.list = append(append(left.list, q.hand.list...), fetched{page: q.left})
	sum := left.cost()
	unread.Add(cost.Cost{Requests: sum.Requests, Bytes: sum.Bytes})
	q.taken, q.hand, q.left = nil, arrived{}, nil
}

// take returns the next page, and notes on it whether the one after it has arrived too.
func (q *queue) take() (*page.Received, error, bool) {
	if len(q.taken) == 0 {
		var some arrived
		select {
		case some = <-q.growing:
		case some = <-q.whole:
		}
		if q.taken = some.list; len(q.taken) == 0 {
			return nil, nil, false
		}
	}
	f := q.taken[0]
	q.taken = q.taken[1:]
	if f.panicked != nil {
		panic(f.panicked)
	}
	if f.page != nil {
		f.page.Followed = len(q.taken) > 0 && q.taken[0].err == nil && q.taken[0].panicked == nil
	}
	return f.page, f.err, true
}
