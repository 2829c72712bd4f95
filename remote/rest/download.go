package rest

import (
	"cmp"
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

// download is a list that is a stream, or several files: all of it is here before its
// first page is yielded.
type download struct {
	lister *lister
	first  *remote.Page // what is said of the list
	kept   *spool.Spool
	pages  int
	// reading is the file that is being read, after those that are kept.
	reading *file
	// requests and bytes are what it cost.
	requests int
	bytes    int64
}

// file is one answer as it is read.
type file struct {
	kept  *spool.Spool
	pages int // with those before it
	// partial and unended are why it proves less than its list, see remote.Page.
	partial, unended string
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
		if l.config.Export != nil {
			err = (&job{download: d, export: l.config.Export, endpoint: req.Endpoint}).run(ctx, a)
		} else {
			err = d.fetch(ctx, a)
		}
		if err != nil {
			yield(&remote.Page{Number: 1, Requests: d.requests, Bytes: d.bytes}, err)
			return
		}
		d.yield(ctx, yield)
	}
}

// do makes a request, and counts what it cost. A stream is read to its end, and kept.
func (d *download) do(ctx context.Context, client *wire.Client, req *wire.Request) (*wire.Answer, error) {
	answer, err := client.Do(ctx, req)
	d.requests, d.bytes = d.requests+answer.Requests, d.bytes+answer.Bytes
	if e, ok := errors.AsType[*remote.FormatError](err); ok {
		e.Page = 1
	}
	if err == nil && d.reading != nil {
		err = d.join()
	}
	return answer, err
}

// fetch reads a list that is one answer.
func (d *download) fetch(ctx context.Context, a *ask) error {
	asker := d.lister.asker
	out, err := asker.carrier.send(a.url, a.headers())
	if err != nil {
		return err
	}
	_, err = d.do(ctx, asker.wire, &wire.Request{
		Method: out.method, URL: out.url, Header: out.header, Body: out.body, Repeatable: true,
		Accept: asker.accepts(a),
		Stream: func(answer *wire.Answer, body io.Reader) error { return d.read(ctx, answer, a, body) },
		Check:  func(answer *wire.Answer) error { return d.without(answer, a) },
	})
	return err
}

// without reads an answer that has no body.
func (d *download) without(answer *wire.Answer, a *ask) error {
	d.dropFile()
	resp, err := d.lister.asker.read(answer, a)
	if err == nil {
		d.first = resp.Page
	}
	return err
}

// read reads an answer that is the list.
func (d *download) read(ctx context.Context, answer *wire.Answer, a *ask, body io.Reader) error {
	asker := d.lister.asker
	if answer.Status == http.StatusNoContent || asker.isEmpty(a, answer.Status) {
		return d.without(answer, a)
	}
	if check := d.lister.config.Unauthorized; check != nil && check(&Response{URL: answer.URL, Status: answer.Status, Header: answer.Header}) {
		return answer.FormatError(&remote.FormatError{Reason: unauthorized, Err: remote.ErrUnauthorized}, nil)
	}
	d.first = &remote.Page{Number: 1}
	if err := asker.readHeader(answer, d.first); err != nil {
		return answer.FormatError(err, nil)
	}
	d.first.Validator = asker.validator(answer)
	return d.take(ctx, answer, body)
}

// take takes the body of a file apart. It begins again where the request is repeated.
func (d *download) take(ctx context.Context, answer *wire.Answer, body io.Reader) error {
	d.dropFile()
	config := d.lister.config
	if err := checkLabel(config.Body, answer.Header); err != nil {
		return answer.FormatError(&remote.FormatError{Reason: err.Error(), Err: err}, nil)
	}
	d.reading = &file{kept: &spool.Spool{}, pages: d.pages}
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
	if answer.Status == http.StatusPartialContent {
		d.reading.partial = "the answer is 206 Partial Content"
	}
	if !s.framed {
		d.reading.unended = "nothing tells that the body came whole: it has no length, and is not sent in chunks or as a gzip file"
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
	d.reading.pages++
	if most := d.lister.config.MaxPages; d.reading.pages > most {
		return &remote.FormatError{Reason: fmt.Sprintf("more than %d pages of %d records (MaxPages)", most, pageRecords), Err: remote.ErrTooManyPages}
	}
	objects := make([]remote.Object, len(ends))
	start := 0
	for i, end := range ends {
		objects[i] = remote.UncheckedObject(page[start:end])
		start = end
	}
	return d.reading.kept.Add(d.reading.pages, objects)
}

// join keeps the file that was read to its end, behind those before it.
func (d *download) join() error {
	p := d.reading
	d.first.Partial = cmp.Or(d.first.Partial, p.partial)
	d.first.Unended = cmp.Or(d.first.Unended, p.unended)
	if d.kept == nil {
		d.kept, d.pages, d.reading = p.kept, p.pages, nil
		return nil
	}
	defer d.dropFile()
	for page, err := range p.kept.Pages() {
		if err == nil {
			err = d.kept.Add(page.Number, page.Objects)
		}
		if err != nil {
			return err
		}
	}
	d.pages = p.pages
	return nil
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

// describe says on a page what is said of the list.
func (d *download) describe(page *remote.Page) {
	first := d.first
	page.SyncedAt, page.Date, page.Age, page.Total, page.TotalKnown = first.SyncedAt, first.Date, first.Age, first.Total, first.TotalKnown
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
	d.dropFile()
	if d.kept != nil {
		d.kept.Close()
	}
	d.kept, d.pages = nil, 0
}

// dropFile forgets what was read of the last file.
func (d *download) dropFile() {
	if d.reading != nil {
		d.reading.kept.Close()
	}
	d.reading = nil
}
