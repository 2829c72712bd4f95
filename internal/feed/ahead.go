package feed

import (
	"context"
	"iter"

	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/page"
)

// Ahead fetches one page while the one before it is dealt with. It returns once
// the pages' sequence has: no goroutine and no connection is left behind. It ends
// without an error only when the sequence did: an end that a canceled context
// brought about is an error, whatever the API makes of it, and comes with what those pages
// cost that were not yielded.
func Ahead(ctx context.Context, pages func(context.Context) iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	memory := newRoom()
	return memory.dealtWith(ahead(ctx, func(ctx context.Context) iter.Seq2[*page.Received, error] { return memory.fetched(ctx, pages(ctx)) }, false, &cost.Cost{}))
}

// Together fetches small pages while those before them are dealt with, up to a bound of
// records and bytes. Those that have arrived by then are yielded one after the other, all
// but the last of them as [page.Received.Followed]. Otherwise it is as [Ahead].
func Together(ctx context.Context, pages func(context.Context) iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	return ahead(ctx, pages, true, &cost.Cost{})
}

// ahead adds to unread what pages cost that its caller did not take.
func ahead(outer context.Context, pages func(context.Context) iter.Seq2[*page.Received, error], together bool, unread *cost.Cost) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		ctx, cancel := context.WithCancel(outer)
		next, stop := iter.Pull2(pages(ctx))
		defer stop()
		defer cancel()
		q := newQueue(next, together)
		// The first page is fetched here: an idle run has no other, and needs no goroutine.
		p, err, ok := next()
		if ok && err == nil && p != nil && p.Page != nil && p.More {
			p.Followed = false
			go q.fill(ctx)
			defer func() {
				cancel()
				q.drain(unread)
			}()
			next = q.take
		}
		for ; ok; p, err, ok = next() {
			if !yield(p, err) || err != nil {
				return
			}
		}
		if err := outer.Err(); err != nil {
			left := q.left
			q.left = nil
			yield(left, err)
		}
	}
}
