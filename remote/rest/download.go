package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/syncedgo/synced/internal/spool"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

const (
	// pageRecords and pageBytes are how much of a stream makes a page.
	pageRecords = 1000
	pageBytes   = 4 << 20
)

// download is a list that is a stream: all of it is here before its first page is
// yielded.
type download struct {
	lister *lister
	first  *remote.Page // what the answer says of the list
	kept   *spool.Spool
	pages  int
	// requests and bytes are what it cost.
	requests int
	bytes    int64
}

// stream yields the pages of a list that Config.Body declares.
func (l *lister) stream(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		u, err := l.addresses.first(req)
		if err != nil {
			yield(nil, err)
			return
		}
		d := &download{lister: l}
		defer func() { d.drop() }()
		a := &ask{url: u, page: 1, header: l.config.Since.header(req.UpdatedSince)}
		if a.header == nil {
			a.condition = l.asker.condition(req.Validator)
		}
		if err := d.fetch(ctx, l.asker.wire, a); err != nil {
			yield(&remote.Page{Number: 1, Requests: d.requests, Bytes: d.bytes}, err)
			return
		}
		d.yield(ctx, yield)
	}
}

// fetch reads the stream at an address to its end.
func (d *download) fetch(ctx context.Context, client *wire.Client, a *ask) error {
	out, err := d.lister.asker.carrier.send(a.url, a.headers())
	if err != nil {
		return err
	}
	answer, err := client.Do(ctx, &wire.Request{
		Method: out.method, URL: out.url, Header: out.header, Body: out.body, Repeatable: true,
		Accept: d.lister.asker.accepts(a),
		Stream: func(answer *wire.Answer, body io.Reader) error { return d.read(ctx, answer, a, body) },
		Check:  func(answer *wire.Answer) error { return d.without(answer, a) },
	})
	d.requests, d.bytes = d.requests+answer.Requests, d.bytes+answer.Bytes
	if e, ok := errors.AsType[*remote.FormatError](err); ok {
		e.Page = a.page
	}
	return err
}

// without reads an answer that has no body.
func (d *download) without(answer *wire.Answer, a *ask) error {
	resp, err := d.lister.asker.read(answer, a)
	if err == nil {
		d.first = resp.Page
	}
	return err
}

// read takes the body apart. It begins again where the request is repeated.
func (d *download) read(ctx context.Context, answer *wire.Answer, a *ask, body io.Reader) error {
	d.drop()
	d.kept = &spool.Spool{}
	asker := d.lister.asker
	if answer.Status == http.StatusNoContent || asker.isEmpty(a, answer.Status) {
		return d.without(answer, a)
	}
	config := d.lister.config
	if config.Unauthorized != nil && config.Unauthorized(&Response{URL: answer.URL, Status: answer.Status, Header: answer.Header}) {
		return answer.FormatError(&remote.FormatError{Reason: unauthorized, Err: remote.ErrUnauthorized}, nil)
	}
	d.first = &remote.Page{Number: 1}
	if err := asker.readHeader(answer.Header, d.first); err != nil {
		return answer.FormatError(err, nil)
	}
	if err := checkLabel(config.Body, answer.Header); err != nil {
		return answer.FormatError(&remote.FormatError{Reason: err.Error(), Err: err}, nil)
	}
	s, err := newSource(config, body, answer.Framed)
	if err == nil {
		err = d.split(ctx, s)
	} else {
		err = (&source{}).unreadable(err, 1)
	}
	if e, ok := errors.AsType[*remote.FormatError](err); ok {
		return answer.FormatError(e, nil)
	}
	if err != nil {
		return answer.Wrap(err)
	}
	d.first.Validator = asker.validator(answer)
	if answer.Status == http.StatusPartialContent {
		d.first.Partial = "the answer is 206 Partial Content"
	}
	if !s.framed {
		d.first.Unended = "nothing tells that the body came whole: it has no length, and is not sent in chunks or as a gzip file"
	}
	return nil
}

// split keeps the records of a stream in pages.
func (d *download) split(ctx context.Context, s *source) error {
	next, err := d.lister.config.Body.records(s)
	if err != nil {
		return s.unreadable(err, 1)
	}
	var page []byte
	var ends []int
	for number := 1; ; number++ {
		o, err := next()
		if err != nil && err != io.EOF {
			return s.unreadable(err, number)
		}
		if err == nil {
			page = append(page, o.Raw()...)
			ends = append(ends, len(page))
		}
		if len(ends) > 0 && (err == io.EOF || len(ends) == pageRecords || len(page) >= pageBytes) {
			if err := d.keep(page, ends); err != nil {
				return err
			}
			page, ends = page[:0], ends[:0]
		}
		if err == io.EOF {
			return nil
		}
		if number%pageRecords == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// keep puts a page behind those before it.
func (d *download) keep(page []byte, ends []int) error {
	d.pages++
	if most := d.lister.config.MaxPages; d.pages > most {
		return &remote.FormatError{Reason: fmt.Sprintf("more than %d pages of %d records (MaxPages)", most, pageRecords), Err: remote.ErrTooManyPages}
	}
	objects := make([]remote.Object, len(ends))
	start := 0
	for i, end := range ends {
		objects[i] = remote.UncheckedObject(page[start:end])
		start = end
	}
	return d.kept.Add(d.pages, objects)
}

// yield gives the pages out.
func (d *download) yield(ctx context.Context, yield func(*remote.Page, error) bool) {
	first := d.first
	first.Requests, first.Bytes = d.requests, d.bytes
	if d.pages == 0 {
		if !first.NotModified {
			first.Objects = []remote.Object{}
		}
		yield(first, nil)
		return
	}
	for page, err := range d.kept.Pages() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		d.describe(page)
		if !yield(page, nil) {
			return
		}
	}
}

// describe says on a page what the answer says of the list.
func (d *download) describe(page *remote.Page) {
	first := d.first
	page.SyncedAt, page.Date, page.Total, page.TotalKnown = first.SyncedAt, first.Date, first.Total, first.TotalKnown
	page.Partial = first.Partial
	page.More = page.Number < d.pages
	if page.Number == 1 {
		page.Validator, page.Requests, page.Bytes = first.Validator, d.requests, d.bytes
	}
	if !page.More {
		page.Unended = first.Unended
	}
}

// drop forgets what was read.
func (d *download) drop() {
	if d.kept != nil {
		d.kept.Close()
	}
	d.kept, d.pages = nil, 0
}
