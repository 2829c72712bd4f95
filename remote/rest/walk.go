package rest

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/syncedgo/synced/remote"
)

// walk goes through one list, page by page, and makes sure that it ends.
type walk struct {
	lister  *lister
	ahead   *ahead
	past    history
	number  int  // of the page in hand
	seen    int  // records listed so far
	longest int  // records on the longest page
	shifts  bool // a next URL was a position in the list
	resumed bool // the list began before its first page
	part    part
	before  before
	// confirms reports whether the page to ask for only makes sure that a total that was
	// reached is not capped.
	confirms bool
	events   *events // that the list is of, or nil

	next *url.URL // the page to ask for, nil after the last
	// after is the first page of what is listed after this list, nil for nothing.
	after *url.URL
	err   error // why the way on is not taken
}

// pages yields the pages of the list.
func (w *walk) pages(yield func(*remote.Page, error) bool) {
	defer w.ahead.drop()
	for w.next != nil {
		page, err := w.page()
		if !yield(page, err) || err != nil {
			return
		}
		if w.err != nil {
			yield(nil, w.err)
			return
		}
	}
}

// page asks for the next page. Beside an error, the page only tells what it cost.
func (w *walk) page() (*remote.Page, error) {
	w.number++
	w.past.ask(w.next)
	w.ahead.confirms = w.confirms
	got := w.ahead.get(w.next, w.number)
	if got.err != nil {
		return w.fail(got, got.err)
	}
	resp := got.resp
	if resp.Page.NotModified {
		w.next = nil
		return resp.Page, nil
	}
	w.past.ask(resp.URL)
	_, guesses := w.lister.config.Pagination.(ender)
	repeated, last := w.past.repeats(resp.Page)
	if clamped := last && guesses && w.number > 2; repeated && (w.confirms || clamped) { // the last page, shown again
		got.resp = beyond(resp.URL, w.number)
		if resp, repeated = got.resp, false; !w.confirms {
			resp.Page.Unended = shownAgain
		}
	}
	w.count(resp)
	w.readPart(resp)
	w.compare(resp)
	w.ties(resp)
	// The page is good even where the way on is not.
	w.next, w.err = w.follow(got)
	if w.next == nil && w.err == nil {
		w.err = w.end(got)
		repeated = repeated && !resumes(w.lister.config.Pagination)
	}
	if repeated {
		return w.fail(got, got.answer.Wrap(fmt.Errorf("%w: it lists what an earlier page has listed, so the remote does not know what %T asks for, or shows its last page to those who ask for more: check the names, and say where the list ends (TotalPath, TotalHeader, MorePath, EndPath), or set rest.OnePage{} where it comes whole", remote.ErrPageRepeated, w.lister.config.Pagination)))
	}
	w.confirms = guesses && w.next != nil && reached(resp)
	w.doubt(resp)
	w.mark(got, w.next)
	w.ordered(resp.Page)
	if w.events != nil {
		if err := w.events.page(resp.Page); err != nil {
			return w.fail(got, got.format(err, resp.Body))
		}
	}
	w.ahead.fill(resp, w.next)
	resp.Page.Requests, resp.Page.Bytes = w.ahead.take(got)
	return resp.Page, nil
}

// count notes how far the list is, with this page.
func (w *walk) count(resp *Response) {
	n := len(resp.Page.Objects)
	w.seen += n
	resp.Seen, resp.declared = w.seen, w.lister.declaresTotal()
	resp.full = n > 0 && (n == w.lister.config.PerPage || w.number == 1 && slices.Contains(roundSizes, n) || w.number > 1 && n >= w.longest)
	w.longest = max(w.longest, n)
}

// fail ends the list.
func (w *walk) fail(got *call, err error) (*remote.Page, error) {
	w.ahead.drop()
	return w.ahead.cost(w.number, got), err
}
