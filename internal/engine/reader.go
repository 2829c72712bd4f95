package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
)

// reader reads a run's pages.
type reader struct{ *run }

// pages yields what the run reads: the API's pages fetched ahead, or the records
// that the caller gave as one page. It begins again where the remote rejects what it
// is asked for, as long as no page has come.
func (r reader) pages(ctx context.Context) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		if r.call.Given {
			yield(r.feed.Maker.Receive(&remote.Page{Number: 1, Objects: r.call.Records}), nil)
			return
		}
		for {
			request, err := r.request(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			r.feed.Ends = r.pass.halt.after(r.resumable())
			var rejected error
			for p, err := range r.feed.Pages(ctx, request) {
				if r.rejected(err) {
					rejected = err
					r.spend(p)
					break
				}
				if errors.Is(err, remote.ErrSinceRejected) && r.feed.Windows != nil {
					err = fmt.Errorf("%w: set a later Initial in strategy.UpdatedSince, from which on the API still knows what changed", err)
				}
				if !yield(p, err) || err != nil {
					return
				}
			}
			if rejected == nil {
				return
			}
			if err := r.restart(ctx, rejected); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// rejected reports whether the run must begin again: as a complete one where the
// remote can't say what changed since the time or the position that it was asked for, or from the
// beginning where it can't resume in the middle. No page was accepted by then.
func (r reader) rejected(err error) bool {
	if err == nil || r.listing.Pages() > 0 {
		return false
	}
	return r.rejectsSince(err) || r.rejectsPosition(err)
}

func (r reader) rejectsSince(err error) bool {
	return errors.Is(err, remote.ErrSinceRejected) && !r.ask.Everything() && r.feed.Windows == nil && r.call.From.IsZero()
}

// rejectsPosition reports whether the remote can't resume where a pass was
// interrupted: it refuses the request, or answers with what is no list. What may
// pass, and what has nothing to do with the position, is no such answer.
func (r reader) rejectsPosition(err error) bool {
	if r.pass.position == "" {
		return false
	}
	if answer, ok := errors.AsType[*remote.Error](err); ok {
		return answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusRequestTimeout &&
			!errors.Is(err, remote.ErrUnauthorized) && !errors.Is(err, remote.ErrLimited)
	}
	return errors.Is(err, remote.ErrInvalid) || errors.Is(err, remote.ErrNotFound) || errors.Is(err, remote.ErrNoRecords)
}

// restart makes the run a pass that begins again, before it has written anything:
// where an older one was interrupted, or at the beginning when that was rejected.
func (r reader) restart(ctx context.Context, why error) error {
	refused := r.pass.position != ""
	if r.rejectsSince(why) {
		r.ask.Complete = "the remote rejected the position of the last run"
		if r.ask.Position == "" {
			r.ask.Complete = "the remote rejected to be asked from " + r.ask.Since.Format(time.RFC3339)
		}
		r.ask.Since, r.ask.Position = time.Time{}, ""
		r.result.Since, r.result.Complete = r.ask.Since, r.ask.Complete
	}
	r.result.Resumed = false
	if err := r.settle(); err != nil {
		return err
	}
	if !refused {
		if err := r.pass.resume(ctx, r.run); err != nil || r.pass.position != "" {
			return err
		}
	}
	if !r.pass.obsolete(r.kind) {
		return nil
	}
	return r.transact(ctx, r.pass.forget)
}

// request returns what the run asks for.
func (r reader) request(ctx context.Context) (remote.Request, error) {
	request := r.call.Request
	request.UpdatedSince, request.UpdatedUntil, request.Position, request.Cursor = r.ask.Since, r.ask.Until, r.ask.Position, r.pass.position
	if !conditional(r.run) {
		return request, nil
	}
	var err error
	request.Validator, err = lastValidator(ctx, r.run)
	r.listing.Conditional = request.Validator != ""
	return request, err
}
