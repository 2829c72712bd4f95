package rest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// unauthorized is the reason where Config.Unauthorized said so.
const unauthorized = "the answer means that the credentials are missing, wrong or not enough: check them"

// ask is what to ask for one page with, and where in the answer things are.
type ask struct {
	url       *url.URL
	page      int         // its number
	header    http.Header // besides those of each request
	condition condition
	envelope  envelope
	queue     *wire.Queue
}

// asker asks for one page and reads it.
type asker struct {
	config *Config
	wire   *wire.Client
	bodies *recycle.Bodies // memory for what is read
	// deletedTold reports whether the user set Config.Deleted.Path.
	deletedTold bool
	carrier     carrier
}

// ask asks for one page and reads it. The answer has what that cost, whatever came
// of it.
func (r *asker) ask(ctx context.Context, a *ask) (*Response, *wire.Answer, error) {
	var resp *Response
	out := sent{url: a.url, header: a.headers()}
	if a.lists() {
		var err error
		if out, err = r.carrier.send(out.url, out.header); err != nil {
			return nil, &wire.Answer{}, err
		}
	}
	answer, err := r.wire.Do(ctx, &wire.Request{
		Method: out.method, URL: out.url, Header: out.header, Body: out.body, Repeatable: true,
		Accept: r.accepts(a), Queue: a.queue, Buffer: recycle.Body(r.bodies), Public: placesOf(r.config.Pagination),
		Check: func(answer *wire.Answer) (err error) {
			resp, err = r.read(answer, a)
			return err
		},
	})
	if e, ok := errors.AsType[*remote.FormatError](err); ok {
		e.Page = a.page
	}
	if err != nil {
		return nil, answer, err
	}
	return resp, answer, nil
}

// lists reports whether a page of a list is asked for.
func (a *ask) lists() bool { return !a.envelope.one && !a.envelope.any }

// headers are what is sent besides the headers of each request.
func (a *ask) headers() http.Header {
	h := a.condition.header()
	if h == nil {
		return a.header
	}
	maps.Copy(h, a.header)
	return h
}

// read reads the page that an answer holds.
func (r *asker) read(answer *wire.Answer, a *ask) (*Response, error) {
	answer.Body = bytes.TrimPrefix(answer.Body, []byte(byteOrderMark))
	resp := &Response{URL: answer.URL, Status: answer.Status, Header: answer.Header, Body: answer.Body}
	if a.lists() && r.carrier.moves() {
		resp.URL = a.url
	}
	page := &remote.Page{Number: a.page, Requests: answer.Requests, Bytes: answer.Bytes}
	switch {
	case answer.Status == http.StatusNotModified && a.condition.name != "":
		resp.Page = page
		return resp, r.notModified(answer, page)
	case r.isEmpty(a, answer.Status):
		resp.Page = page
		return resp, r.empty(answer, a, resp)
	case answer.Status == http.StatusNoContent && !a.envelope.any, answer.Status == http.StatusNotModified:
		return nil, answer.FormatError(noBody(answer.Status), nil)
	}
	if r.config.Unauthorized != nil && r.config.Unauthorized(resp) {
		return nil, answer.FormatError(&remote.FormatError{Reason: unauthorized, Err: remote.ErrUnauthorized}, answer.Body)
	}
	if r.carrier.GraphQL != "" && a.lists() {
		if err := checkGraphQL(answer); err != nil {
			return nil, err
		}
	}
	if err := r.readHeader(answer, page); err != nil {
		return nil, answer.FormatError(err, nil)
	}
	e := a.envelope
	e.spelling.body = &resp.Body
	values, err := e.read(answer.Header, answer.Body, page)
	if err != nil {
		return nil, answer.FormatError(err, answer.Body)
	}
	page.Validator = r.validator(answer)
	recycle.Lend(r.bodies, page, answer.Body)
	resp.Page, resp.values = page, values
	if !a.lists() {
		return resp, nil
	}
	path := r.config.RecordPath
	if a.envelope.ids {
		path = ""
	}
	if err := unwrap(path, resp); err != nil {
		return nil, answer.FormatError(err, answer.Body)
	}
	if err := r.config.Incomplete.mark(resp); err != nil {
		return nil, answer.FormatError(&remote.FormatError{Reason: err.Error(), Err: err}, answer.Body)
	}
	return resp, nil
}
