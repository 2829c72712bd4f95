package feed

import (
	"context"
	"iter"

	"github.com/syncedgo/synced/internal/page"
)

// fetched is a page, or the error that ended the pages, or a panic of the API's.
type fetched struct {
	page     *page.Received
	err      error
	panicked any
}

// Ahead fetches one page while the one before it is dealt with. It returns once
// the pages' sequence has: no goroutine and no connection is left behind. It ends
// without an error only when the sequence did: an end that a canceled context
// brought about is an error, whatever the API makes of it, and comes with what the last
// page cost.
func Ahead(outer context.Context, pages func(context.Context) iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		ctx, cancel := context.WithCancel(outer)
		next, stop := iter.Pull2(pages(ctx))
		defer stop()
		defer cancel()
		// The first page is fetched here: an idle run has no other, and needs no goroutine.
		p, err, ok := next()
		var left *page.Received // that nobody waited for any longer
		if ok && err == nil && p != nil && p.Page != nil && p.More {
			results, others := make(chan fetched), next
			go func() {
				defer close(results)
				left = ahead(ctx, others, results)
			}()
			defer func() {
				cancel()
				for range results { // until the goroutine has ended
				}
			}()
			next = func() (*page.Received, error, bool) {
				f, ok := <-results
				if f.panicked != nil {
					panic(f.panicked)
				}
				return f.page, f.err, ok
			}
		}
		for ; ok; p, err, ok = next() {
			if !yield(p, err) || err != nil {
				return
			}
		}
		if err := outer.Err(); err != nil {
			yield(left, err)
		}
	}
}

// ahead sends what follows the first page. It returns the page that nobody waited for any
// longer, if there is one.
func ahead(ctx context.Context, next func() (*page.Received, error, bool), results chan<- fetched) (left *page.Received) {
	defer func() {
		if p := recover(); p != nil {
			send(ctx, results, fetched{panicked: p})
		}
	}()
	for {
		p, err, ok := next()
		switch {
		case !ok:
			return nil
		case !send(ctx, results, fetched{page: p, err: err}):
			return p
		case err != nil:
			return nil
		}
	}
}

func send(ctx context.Context, results chan<- fetched, f fetched) bool {
	select {
	case results <- f:
		return true
	case <-ctx.Done():
		return false
	}
}
