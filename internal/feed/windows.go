package feed

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/window"
	"github.com/syncedgo/synced/remote"
)

// Windows asks an API for windows of time, those to come while one is dealt with. It is
// used by one goroutine at a time. Close ends it.
type Windows struct {
	// Walk is the windows that follow one, and At the one in hand.
	Walk window.Walk
	At   window.Window
	// Lengthened reports whether the walk was, because the remote's clock is ahead.
	Lengthened bool
	// Alone reports whether the window in hand is asked for before others are: it may hold
	// what is new, of which an older one that was asked for meanwhile would know nothing.
	Alone bool
	// Joined reports whether they are one list, and Whole whether that should have every
	// record.
	Joined, Whole bool

	ctx      context.Context // of what is asked ahead
	api      remote.API
	inFlight int
	open     []*stream
	dropped  cost.Cost
}

// NewWindows returns windows of an API, so many of which are asked for at once.
func NewWindows(ctx context.Context, api remote.API, walk window.Walk, inFlight int) *Windows {
	return &Windows{ctx: ctx, api: api, Walk: walk, At: walk.First(), inFlight: inFlight}
}

// list yields the pages of the window in hand, or of all windows as one list.
func (w *Windows) list(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	if w.Joined {
		return w.joined(ctx, req)
	}
	return w.pages(ctx, req, w.At)
}

// pages yields the pages of one window.
func (w *Windows) pages(ctx context.Context, req remote.Request, at window.Window) iter.Seq2[*remote.Page, error] {
	req.UpdatedSince, req.UpdatedUntil = at.From, at.Until
	if w.inFlight < 2 {
		return w.api.Pages(ctx, req)
	}
	return func(yield func(*remote.Page, error) bool) {
		w.begin(req, at)
		s := w.open[0]
		w.open = w.open[1:]
		stop := context.AfterFunc(ctx, s.cancel)
		defer stop()
		defer w.drop(s)
		for got := range s.pages {
			if got.panicked != nil {
				panic(got.panicked)
			}
			if !yield(got.page, got.err) || got.err != nil {
				return
			}
		}
		if err := cmp.Or(ctx.Err(), w.ctx.Err()); err != nil { // whatever the API made of it
			yield(nil, err)
		}
	}
}

// begin asks for a window and those after it, as many as may be in flight, and drops what
// else was asked for. It asks for none on the way back before the way forwards is over: an
// old window would hold a record as it was before a change that a newer one, which is
// written first, tells.
func (w *Windows) begin(req remote.Request, at window.Window) {
	var wanted []*stream
	old, most := at.Old, w.inFlight
	if w.Alone {
		most = 1
	}
	for more := true; more && at.Old == old && len(wanted) < most; at, more = w.Walk.After(at) {
		i := slices.IndexFunc(w.open, func(s *stream) bool { return s.window.Same(at) })
		if i < 0 {
			req.UpdatedSince, req.UpdatedUntil = at.From, at.Until
			wanted = append(wanted, w.ask(req, at))
			continue
		}
		wanted = append(wanted, w.open[i])
		w.open = slices.Delete(w.open, i, i+1)
	}
	for _, s := range w.open {
		w.drop(s)
	}
	w.open = wanted
}

// Close drops what was asked ahead, and returns what all that was dropped has cost.
func (w *Windows) Close() cost.Cost {
	for _, s := range w.open {
		w.drop(s)
	}
	spent := w.dropped
	w.open, w.dropped = nil, cost.Cost{}
	return spent
}

// drop ends a stream, and waits for its end.
func (w *Windows) drop(s *stream) {
	s.cancel()
	for got := range s.pages {
		if got.page != nil {
			w.dropped.Add(cost.Cost{Requests: got.page.Requests, Bytes: got.page.Bytes})
		}
	}
}

// stream is one window that is asked for. It holds two pages.
type stream struct {
	window window.Window
	pages  chan listed
	cancel context.CancelFunc
}

// listed is a page of a stream, or the error that ended it, or a panic of the API's.
type listed struct {
	page     *remote.Page
	err      error
	panicked any
}

// ask begins to ask for a window. Whoever holds the stream must read it to its end.
func (w *Windows) ask(req remote.Request, at window.Window) *stream {
	ctx, cancel := context.WithCancel(w.ctx)
	s := &stream{window: at, pages: make(chan listed, 1), cancel: cancel}
	go func() {
		defer close(s.pages)
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				s.pages <- listed{panicked: p}
			}
		}()
		for page, err := range w.api.Pages(ctx, req) {
			s.pages <- listed{page: page, err: err}
			if err != nil || ctx.Err() != nil {
				return
			}
		}
	}()
	return s
}

// timed is why a record that no window listed may exist.
const timed = "the API lists what changed in windows of time, so that a record of another time is in none"

// joined yields the pages of all windows as those of one list.
func (w *Windows) joined(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	req.Validator, req.Cursor = "", ""
	return func(yield func(*remote.Page, error) bool) {
		j := join{yield: yield}
		at, more := w.Walk.First(), true
		for more {
			var next window.Window
			next, more = w.Walk.After(at)
			if !j.window(w.pages(ctx, req, at), at, !more, w.Whole) {
				return
			}
			at = next
		}
	}
}

// join makes one list of windows.
type join struct {
	yield   func(*remote.Page, error) bool
	number  int
	unended string
}

// window yields the pages of a window, and reports whether to continue. The last page is
// known only when no other follows.
func (j *join) window(pages iter.Seq2[*remote.Page, error], at window.Window, last, whole bool) bool {
	var evidence proof.List
	var held *remote.Page
	seen := 0
	for p, err := range pages {
		if held != nil && !j.give(held, true) {
			return false
		}
		held = nil
		if p != nil {
			j.number++
			p.Number = j.number
		}
		if err != nil {
			j.yield(p, fmt.Errorf("%s: %w", at, err))
			return false
		}
		seen += len(p.Objects)
		evidence.Page(proof.Page{Total: p.Total, TotalKnown: p.TotalKnown, Records: len(p.Objects), More: p.More, Shifting: p.Shifting, Empty: len(p.Objects) == 0, Partial: p.Partial, Unended: p.Unended})
		held = p
	}
	if held == nil {
		return true
	}
	if why := evidence.NotStored(seen); why != "" && why != evidence.Unended {
		held.Partial = fmt.Sprintf("%s: %s", at, why)
	}
	if j.unended = cmp.Or(j.unended, evidence.Unended); last {
		if whole {
			j.unended = timed
		}
		held.Unended = j.unended
	} else {
		held.Unended = ""
	}
	return j.give(held, !last)
}

// give yields a page as one of the whole list.
func (j *join) give(p *remote.Page, more bool) bool {
	p.More, p.Validator, p.Cursor = more, "", ""
	p.Total, p.TotalKnown, p.Shifting = 0, false, false
	return j.yield(p, nil)
}
