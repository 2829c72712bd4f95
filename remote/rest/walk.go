package rest

import (
	"net/url"

	"github.com/syncedgo/synced/remote"
)

// walk goes through one list, page by page, and makes sure that it ends.
type walk struct {
	client *Client
	ahead  *ahead
	past   history
	number int // of the page in hand
	seen   int // records listed so far

	next *url.URL // the page to ask for, nil after the last
	err  error    // why the way on is not taken
}

// page asks for the next page. Beside an error, the page only tells what it cost.
func (w *walk) page() (*remote.Page, error) {
	w.number++
	w.past.ask(w.next)
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
	w.seen += len(resp.Page.Objects)
	resp.Seen = w.seen
	// The page is good even where the way on is not.
	w.next, w.err = w.client.nextURL(got, &w.past)
	atEnd := w.next == nil && w.err == nil
	if w.past.repeats(resp.Page) && !(atEnd && w.client.resumes()) {
		return w.fail(got, got.answer.Wrap(remote.ErrPageRepeated))
	}
	w.client.mark(got, w.next)
	w.ahead.fill(resp, w.next)
	resp.Page.Requests, resp.Page.Bytes = w.ahead.take(got)
	return resp.Page, nil
}

// fail ends the list.
func (w *walk) fail(got *call, err error) (*remote.Page, error) {
	w.ahead.drop()
	return w.ahead.cost(w.number, got), err
}
