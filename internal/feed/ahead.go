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
		results := make(chan fetched)
		var left *page.Received // that nobody waited for any longer
		go func() {
			defer close(results)
			defer func() {
				if p := recover(); p != nil {
					send(ctx, results, fetched{panicked: p})
				}
			}()
			for p, err := range pages(ctx) {
				if !send(ctx, results, fetched{page: p, err: err}) {
					left = p
					return
				}
				if err != nil {
					return
				}
			}
		}()
		defer func() {
			cancel()
			for range results { // until the goroutine has ended
			}
		}()
		for f := range results {
			if f.panicked != nil {
				panic(f.panicked)
			}
			if !yield(f.page, f.err) || f.err != nil {
				return
			}
		}
		if err := outer.Err(); err != nil {
			yield(left, err)
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
