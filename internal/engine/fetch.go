package engine

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/syncedgo/synced/remote"
)

// fetched is a page, or the error that ended the pages, or a panic of the API's.
type fetched struct {
	page     *received
	err      error
	panicked any
}

// ahead fetches one page while the one before it is written. It returns once
// the API's sequence has: no goroutine and no connection is left behind. It ends
// without an error only when the API's sequence did: an end that a cancelled
// context brought about is an error, whatever the API makes of it.
func ahead(outer context.Context, pages func(context.Context) iter.Seq2[*received, error]) iter.Seq2[*received, error] {
	return func(yield func(*received, error) bool) {
		ctx, cancel := context.WithCancel(outer)
		results := make(chan fetched)
		go func() {
			defer close(results)
			defer func() {
				if p := recover(); p != nil {
					send(ctx, results, fetched{panicked: p})
				}
			}()
			for page, err := range pages(ctx) {
				if !send(ctx, results, fetched{page: page, err: err}) || err != nil {
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
			yield(nil, err)
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

// pages is what the run reads: the API's pages fetched ahead, or the records
// that the caller gave as one page.
func (r *run) pages(ctx context.Context) iter.Seq2[*received, error] {
	if r.call.Given {
		return func(yield func(*received, error) bool) {
			yield(r.prepare(&remote.Page{Number: 1, Objects: r.call.Records}), nil)
		}
	}
	return func(yield func(*received, error) bool) {
		for again, anew := true, false; again; anew = true {
			again = false
			if anew {
				if err := r.anew(ctx); err != nil {
					yield(nil, err)
					return
				}
			}
			request, err := r.request(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for page, err := range r.fetch(ctx, request) {
				if again = r.rejected(page, err); again {
					break
				}
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// rejected says that the run is to begin anew: as a complete one where the remote
// can't say what changed since the time that it was asked for, or from the
// beginning where it can't go on in the middle. No page was written by then.
func (r *run) rejected(p *received, err error) bool {
	since := errors.Is(err, remote.ErrSinceRejected) && !r.plan.Since.IsZero()
	if r.result.Pages > 0 || !since && !r.refusesPosition(err) {
		return false
	}
	if p != nil {
		r.result.Requests += p.Requests
		r.result.Bytes += p.Bytes
	}
	if !since {
		return true
	}
	r.result.Complete = "the remote rejected to be asked from " + r.plan.Since.Format(time.RFC3339)
	r.plan.Since, r.result.Since = time.Time{}, time.Time{}
	return true
}
