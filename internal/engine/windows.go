package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/feed"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/internal/window"
	"github.com/syncedgo/synced/internal/write"
)

// windows goes through the windows of time that the API of a run lists. Each is listed,
// believed and committed by itself, and the stored time moves from one to the next.
type windows struct{ *run }

// ahead is how far the remote's clock must be past the end of a walk for that to be
// lengthened: a request takes its time.
const ahead = 10 * time.Second

// span settles what time the run asks for, where the call says it or the API lists no
// more than a window at once.
func (r windows) span(ctx context.Context) error {
	w, _ := model.WindowOf(r.call.API)
	if r.call.Given {
		return nil
	}
	if !r.call.From.IsZero() {
		r.run.ask = model.Ask{Since: r.call.From, Until: r.call.Until}
		r.result.Since = r.ask.Since
	}
	if w.Longest == 0 {
		return r.unwalked()
	}
	begins, err := r.m.Begins(r.call.Strategy, r.call.Scope)
	if err != nil && r.call.From.IsZero() {
		return err
	}
	walk := r.walk(begins, w.Longest)
	r.feed.Windows = feed.NewWindows(ctx, r.call.API, walk, w.InFlight)
	if k := kindOf(&r.call, &r.ask); k.whole() {
		r.feed.Windows.Joined, r.feed.Windows.Whole = true, r.ask.Everything()
		return nil
	}
	r.enter()
	r.result.Since = r.ask.Since
	return nil
}

// unwalked has a run ask for everything whose API listed windows once, and whose first
// run has not come to its beginning.
func (r windows) unwalked() error {
	if !r.ask.StoresTime || r.stored.From.IsZero() {
		return nil
	}
	r.stored.From = time.Time{}
	r.ask = model.Asks(r.call.Strategy, time.Time{}, r.call.Scope)
	r.ask.Complete = "the first run, newest first, has not come to its beginning"
	r.result.Since, r.result.Complete = r.ask.Since, r.ask.Complete
	return nil
}

// walk returns the windows that the run asks for, where everything begins at a time.
func (r windows) walk(begins time.Time, longest time.Duration) window.Walk {
	now := time.Now().UTC().Truncate(time.Microsecond)
	w := window.Walk{Longest: longest, Overlap: r.ask.Tolerance, From: r.ask.Since, Until: r.ask.Until}
	unfinished := r.ask.StoresTime && r.stored.From.After(begins)
	if k := kindOf(&r.call, &r.ask); r.ask.Everything() || k == comparison && unfinished {
		w.From, unfinished = begins, false
	}
	if w.Until.IsZero() {
		w.Until = now
	}
	if least := w.From.Add(min(ahead, longest)); w.Until.Before(least) && r.ask.Until.IsZero() {
		w.Until = least // the remote's clock is ahead of this one
	}
	switch {
	case unfinished:
		w.OldFrom, w.OldUntil = begins, r.stored.From
	case r.ask.NewestFirst && r.stored.At.IsZero() && w.Until.Sub(w.From) > longest && kindOf(&r.call, &r.ask) == incremental:
		w.OldFrom, w.From = w.From, w.Until.Add(-longest)
		w.OldUntil = w.From
	}
	return w
}

// apart reports whether each window is listed by itself.
func (r windows) apart() bool { return r.feed.Windows != nil && !r.feed.Windows.Joined }

// enter makes the window in hand what the run asks for.
func (r windows) enter() {
	at := r.feed.Windows.At
	r.ask.Since, r.ask.Until = at.From, at.Until
	r.ask.StoresTime = r.ask.StoresTime && (!at.Old || !r.hasTime())
	r.feed.Windows.Alone = at.Old && !r.hasTime() // this machine's clock may be ahead, and old windows new
}

// hasTime reports whether a time is stored. The newest windows may have told none: it comes
// from records, and they had none.
func (r windows) hasTime() bool { return !r.stored.At.IsZero() || !r.result.StoredTime.IsZero() }

// following returns the window after the one in hand, and whether there is one. What the
// remote told of its clock with the one in hand decides where the walk ends.
func (r windows) following() (window.Window, bool) {
	w := r.feed.Windows
	if w == nil || w.Joined {
		return window.Window{}, false
	}
	if now := r.listing.Said.Now; !w.At.Old && !now.IsZero() {
		switch {
		case !now.After(w.At.Until):
			w.Walk.Until = w.At.Until // there is nothing after it yet
		case w.At.Until.Equal(w.Walk.Until) && now.Sub(w.Walk.Until) > ahead && !w.Lengthened && !proof.FarAhead(now):
			w.Walk.Until, w.Lengthened = now.UTC().Truncate(time.Microsecond), true
		}
	}
	return w.Walk.After(w.At)
}

// next turns to the next window, and reports whether there is one.
func (r windows) next() (bool, error) {
	next, more := r.following()
	if !more {
		return false, nil
	}
	r.feed.Windows.At, r.run.asked = next, nil
	r.result.Tombstones += r.listing.Tombstones
	r.enter()
	write.Renew(r.writer)
	return true, r.settle()
}

// end ends what was asked ahead.
func (r windows) end() {
	if r.feed.Windows != nil {
		r.pay(r.feed.Windows.Close())
	}
}

// within makes the rules those of a list that ends at a time.
func (r windows) within(rules *listing.Rules) {
	if w := r.feed.Windows; w != nil {
		rules.Until, rules.Old, rules.Earlier, rules.Moves = r.ask.Until, w.At.Old, r.result.NotStored, w.Joined
	}
}

// notStored takes note of why the time of the window in hand is not stored.
func (r windows) notStored(why string) {
	if w := r.feed.Windows; w != nil && why != "" && why != proof.WasReset && r.result.NotStored == "" {
		why = fmt.Sprintf("%s: %s", w.At, why)
	}
	r.result.NotStored = cmp.Or(r.result.NotStored, why)
}

// saved returns the time to store of the window in hand. Where the newest window is asked
// for first, it stands for what changed since that began.
func (r windows) saved(at time.Time) ledger.Time {
	t := ledger.Time{At: at, From: r.stored.From}
	if w := r.feed.Windows; w != nil && t.From.IsZero() && !w.Walk.OldUntil.IsZero() {
		if at.Before(w.Walk.OldUntil) { // this machine's clock is ahead
			w.Walk.OldUntil = at
		}
		t.From = w.Walk.OldUntil
	}
	return t
}

// saveCovered notes that a window on the way back was asked for. Where no newer one had a
// record to tell the time, its own is stored.
func (r windows) saveCovered(ctx context.Context, tx *commit.Tx) error {
	if why := cmp.Or(r.result.NotStored, r.listing.Evidence.NotStored(r.listing.Size())); why != "" {
		r.notStored(why)
		return nil
	}
	from := r.feed.Windows.At.From
	if !from.After(r.feed.Windows.Walk.OldFrom) {
		from = time.Time{}
	}
	if r.hasTime() {
		return stamp.SaveCovered(ctx, tx, r.m, r.call.Scope, from)
	}
	at, source, refused := r.listing.Time()
	if at.IsZero() || refused != "" {
		r.notStored(refused)
		return nil
	}
	return r.save(ctx, tx, ledger.Time{At: at, From: from}, source)
}

// save stores the time of the window in hand, or of a run without windows.
func (r windows) save(ctx context.Context, tx *commit.Tx, t ledger.Time, source string) error {
	if err := stamp.Save(ctx, tx, r.m, r.call.Scope, t, source); err != nil {
		return err
	}
	tx.After(func() { r.result.StoredTime, r.result.TimeSource = t.At, source })
	return nil
}
