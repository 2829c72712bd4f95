package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// ahead asks for the pages of one run, and for those to come while one is in
// hand. What it asks ahead is a guess: the answer of a page tells whether the next
// one was guessed right, and the guesses are dropped where it was not.
type ahead struct {
	ctx      context.Context
	lister   *lister
	envelope envelope
	header   http.Header // of all pages
	// condition is that of the first page.
	condition condition
	turn      *wire.Queue // of all of the run's requests
	queue     []*call     // the pages after the one in hand, in order
	// confirms reports whether the next page only makes sure that the list ended: an
	// API that has no such page says so in its own way.
	confirms bool
	requests int // what was dropped cost
	bytes    int64
}

// mostBytesAhead is how many bytes the bodies of pages may have that are asked for ahead, if
// they are as long as that of the page in hand. One that is longer is asked for when it is
// wanted.
const mostBytesAhead = 32 << 20

// call is the request of one page.
type call struct {
	*ask
	confirms bool // that the list ended
	cancel   context.CancelFunc
	done     chan struct{} // closed when what follows is set
	resp     *Response
	answer   *wire.Answer
	err      error
}

func newAhead(ctx context.Context, l *lister, e envelope) *ahead {
	return &ahead{ctx: ctx, lister: l, envelope: e, turn: &wire.Queue{}}
}

// get waits for a page. A page that was asked ahead is taken from the queue, which
// fill made begin with it.
func (a *ahead) get(u *url.URL, number int) *call {
	if len(a.queue) > 0 {
		got := a.queue[0]
		a.queue = a.queue[1:]
		<-got.done
		return got
	}
	got, run := a.prepare(u, number)
	run()
	return got
}

// fill asks ahead for what follows resp, whose next page is known, and drops what
// doesn't follow.
func (a *ahead) fill(resp *Response, next *url.URL) {
	guess, ok := a.lister.config.Pagination.(predictor)
	if !ok || a.lister.config.InFlight < 2 {
		return
	}
	limit := min(a.lister.config.InFlight, a.lister.config.MaxPages-resp.Page.Number, mostBytesAhead/max(1, len(resp.Body)))
	for i := range limit {
		u := guess.predict(resp, i+1)
		if u == nil || next == nil || i == 0 && u.String() != next.String() {
			limit = i
			break
		}
		if i < len(a.queue) && a.queue[i].url.String() == u.String() {
			continue
		}
		a.dropFrom(i)
		got, run := a.prepare(u, resp.Page.Number+i+1)
		a.queue = append(a.queue, got)
		go run()
	}
	a.dropFrom(limit)
}

// drop ends all that was asked ahead.
func (a *ahead) drop() { a.dropFrom(0) }

// dropFrom ends what is from i on in the queue, and waits until it has ended.
func (a *ahead) dropFrom(i int) {
	if i >= len(a.queue) {
		return
	}
	for _, got := range a.queue[i:] {
		got.cancel()
	}
	for _, got := range a.queue[i:] {
		<-got.done
		requests, bytes := got.cost()
		a.requests, a.bytes = a.requests+requests, a.bytes+bytes
	}
	clear(a.queue[i:])
	a.queue = a.queue[:i]
}

// take is what a page cost, with what was dropped before it.
func (a *ahead) take(got *call) (requests int, bytes int64) {
	requests, bytes = got.cost()
	requests, bytes = requests+a.requests, bytes+a.bytes
	a.requests, a.bytes = 0, 0
	return requests, bytes
}

// cost is a page that only tells what it cost.
func (a *ahead) cost(number int, got *call) *remote.Page {
	page := &remote.Page{Number: number}
	page.Requests, page.Bytes = a.take(got)
	return page
}

// prepare is a request, and what makes it.
func (a *ahead) prepare(u *url.URL, number int) (*call, func()) {
	ctx, cancel := context.WithCancel(a.ctx)
	got := &call{confirms: a.confirms, ask: &ask{url: u, page: number, header: a.header, envelope: a.envelope, queue: a.turn}, cancel: cancel, done: make(chan struct{})}
	if number == 1 {
		got.condition = a.condition
	}
	return got, func() {
		defer close(got.done)
		defer cancel()
		got.resp, got.answer, got.err = a.lister.asker.ask(ctx, got.ask)
		if a.lister.isPastEnd(got) {
			got.resp, got.err = beyond(u, number), nil
		}
	}
}

// beyond is the end of a list, which looks like an empty page.
func beyond(u *url.URL, number int) *Response {
	page := &remote.Page{Number: number, Objects: []remote.Object{}}
	return &Response{URL: u, Page: page, beyond: true}
}

// isPastEnd reports whether an answer is the API's way to say that the list has no
// such page.
func (l *lister) isPastEnd(got *call) bool {
	if e, ok := errors.AsType[*remote.Error](got.err); ok && got.confirms && e.Status != 0 && !e.Limited && checkPastEnd(e.Status) == nil {
		return true
	}
	p, ok := l.config.Pagination.(ender)
	if !ok || got.page < 2 || p.pastEnd() == 0 {
		return false
	}
	e, ok := errors.AsType[*remote.Error](got.err)
	return ok && e.Status == p.pastEnd()
}

// cost is the requests that were made and the bytes that were read.
func (c *call) cost() (requests int, bytes int64) { return c.answer.Requests, c.answer.Bytes }

// format completes an error about the answer.
func (c *call) format(e *remote.FormatError, body []byte) error {
	e.Page = c.page
	return c.answer.FormatError(e, body)
}
