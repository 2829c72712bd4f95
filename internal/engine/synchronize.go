package engine

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/stamp"
)

// pageByPage commits each page on its own. The last one is committed together
// with the removals and the time: a page is held until it is known whether another
// follows.
func (r *run) pageByPage(ctx context.Context) error {
	var held *page.Page
	for got, err := range r.pages(ctx) {
		// The page before this one is whole and stands, whatever this one is.
		if flushed := r.commitPage(ctx, held); flushed != nil && err == nil {
			return flushed
		}
		held = nil
		if err != nil {
			return r.notReceived(got, err)
		}
		p, err := r.accept(got)
		if err != nil {
			return r.fail(got.Number, err)
		}
		if held = p; !got.More {
			continue
		}
		if err := r.commitPage(ctx, held); err != nil {
			return err
		}
		held = nil
	}
	if held == nil {
		return r.fail(0, r.finish(ctx, nil, func(context.Context, *commit.Tx) error { return nil }))
	}
	if err := r.parents.fetch(ctx, held); err != nil {
		return r.fail(held.Number, err)
	}
	return r.fail(held.Number, r.finish(ctx, held, func(ctx context.Context, tx *commit.Tx) error { return r.writer.Write(ctx, tx, held) }))
}

// commitPage writes a page, with a checkpoint where one is due. One that has nothing
// new takes no transaction.
func (r *run) commitPage(ctx context.Context, p *page.Page) error {
	if p == nil {
		return nil
	}
	if len(p.Records) == 0 && !r.due(p) {
		r.feed.Foresee(p)
		r.writer.Counts.Add(r.listing.CountSame(p))
		r.recycle(p)
		return nil
	}
	if err := r.parents.fetch(ctx, p); err != nil {
		return r.fail(p.Number, err)
	}
	err := r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		if err := r.writer.Write(ctx, tx, p); err != nil {
			return err
		}
		r.feed.Foresee(p)
		return r.checkpoint(ctx, tx, p)
	})
	if err == nil {
		r.recycle(p)
	}
	return r.fail(p.Number, err)
}

// recycle gives the memory of a page back to the client that fetched it, once
// nothing of the page is needed: no record was mapped, and no function of the
// service's has seen one. Without it, a third of the time of a run that finds
// nothing new is spent on memory for pages.
func (r *run) recycle(p *page.Page) {
	if p.From != nil && !p.From.Mapped() && !r.listing.KeepsBytes() && r.m.Plain() {
		r.feed.Recycle(p.From)
	}
}

// finish ends a run: its last rows, the removals and the time, in one transaction.
// What is to be removed is found before it begins. If that fails, the last rows
// stand all the same.
func (r *run) finish(ctx context.Context, held *page.Page, last func(context.Context, *commit.Tx) error) error {
	search := r.search()
	found, err := search.Find(ctx, held)
	r.learn(found)
	if err == nil && found.Alive != nil {
		err = r.parents.fetch(ctx, found.Alive)
	}
	if err != nil {
		if r.call.Atomic {
			return err
		}
		if failed := r.transact(ctx, last); failed != nil {
			return failed
		}
		return err
	}
	if r.listing.NotModified() {
		return r.transact(ctx, r.unmodified)
	}
	return r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error { return r.end(ctx, tx, search, found, last) })
}

// learn takes over what a search found for the result. A removal that was refused
// can be approved by its plan, once the run has kept it.
func (r *run) learn(found *absent.Found) {
	r.result.Requests += found.Requests
	r.result.Bytes += found.Bytes
	r.result.Records += found.Records
	r.result.ListedNothing = found.ListedNothing
	if r.result.Refused = found.Refused; found.Refused != nil && r.work.Lock != nil {
		found.Refused.Plan = uuid.NewString()
	}
}

// unmodified ends a run whose remote says that its list is as it was.
func (r *run) unmodified(ctx context.Context, tx *commit.Tx) error {
	if err := r.writer.MendOwn(ctx, tx); err != nil {
		return err
	}
	if err := r.noteSuccess(ctx, tx, false); err != nil {
		return err
	}
	return r.saveTime(ctx, tx)
}

// end does what is left of a run, in its last transaction.
func (r *run) end(ctx context.Context, tx *commit.Tx, search *absent.Search, found *absent.Found, last func(context.Context, *commit.Tx) error) error {
	if err := r.writer.ForgetValidator(ctx, tx); err != nil { // also where there are only rows to remove
		return err
	}
	if err := last(ctx, tx); err != nil {
		return err
	}
	if found.Alive != nil {
		if err := r.writer.Write(ctx, tx, found.Alive); err != nil {
			return err
		}
	}
	proven := r.proven(found.Refused != nil)
	gone, err := r.writer.Retry(ctx, tx, proven)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if err := r.writer.MendOwn(ctx, tx); err != nil {
		return err
	}
	remove := found.Gone
	if r.kind == complete && len(remove) > 0 {
		if remove, err = search.Unseen(ctx, tx, remove); err != nil { // verifying took its time
			return err
		}
	}
	if err := r.writer.Remove(ctx, tx, append(remove, gone...), r.call.Removal); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	if err := r.keepValidator(ctx, tx, found.Refused != nil); err != nil {
		return err
	}
	if err := r.keepRefusal(ctx, tx, found.Refused, found.Withheld); err != nil {
		return err
	}
	if err := r.noteSuccess(ctx, tx, proven); err != nil {
		return err
	}
	return r.saveTime(ctx, tx)
}

// proven reports whether a record that the run did not list does not exist
// remotely, as far as removals go by it.
func (r *run) proven(refused bool) bool {
	switch {
	case !r.ask.Since.IsZero(), refused:
		return false
	case r.call.Given, r.call.AllowRemoval:
		return r.call.Removal.On()
	default:
		return !r.call.Filtered && r.listing.Size() > 0 && r.listing.Doubt() == ""
	}
}

// saveTime stores the time of the run, where it has one.
func (r *run) saveTime(ctx context.Context, tx *commit.Tx) error {
	at, source, missed := r.listing.Time()
	if at.IsZero() {
		return nil
	}
	if missed != "" {
		r.result.NotStored = missed
		return nil
	}
	if err := stamp.Save(ctx, tx, r.m, r.call.Scope, at, source); err != nil {
		return err
	}
	tx.After(func() { r.result.StoredTime, r.result.TimeSource = at, source })
	return nil
}
