package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// fetch asks for one page and reads it to the end, so that no connection waits
// for the caller. It names x after what it sends.
func (c *Client) fetch(ctx context.Context, x *exchange, u *url.URL, e envelope) (*Response, error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, timeoutError{c.config.Timeout})
	defer cancel()
	x.url = secrets(nil).url(u)
	req, err := c.request(limited, x, u)
	if err != nil {
		return nil, x.transport(fmt.Errorf("authorize: %w", ended(ctx, limited, err)))
	}
	answer, err := c.http.Do(req)
	if err != nil {
		x.requests++
		if e, ok := err.(*url.Error); ok {
			err = e.Err // its URL may hold credentials
		}
		err = ended(ctx, limited, err)
		if answer != nil { // and a redirect that is not followed
			return nil, x.transport(err)
		}
		return nil, x.lost(ctx, err)
	}
	x.requests += requests(answer)
	defer answer.Body.Close()
	answer.Body = &counter{answer.Body, &x.bytes}
	x.permit.observe(c.config.Clock.Now(), answer.Header)
	if x.condition.met(answer) {
		return c.notModified(x, answer)
	}
	if err := checkResponse(answer, x.secrets, c.config.Clock.Now()); err != nil {
		if renewed, err := c.renew(ctx, x, req, answer, err); !renewed {
			return nil, err
		}
		return c.fetch(ctx, x, u, e)
	}
	body, err := c.read(answer)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, x.format(&FormatError{Reason: cutShort, Offset: int64(len(body)), Err: io.ErrUnexpectedEOF}, body)
	case errors.Is(err, ErrTooLarge):
		reason := fmt.Sprintf("the body is larger than %d bytes (MaxBodyBytes)", c.config.MaxBodyBytes)
		return nil, x.format(&FormatError{Reason: reason, Err: err}, nil)
	case err != nil:
		return nil, x.lost(ctx, ended(ctx, limited, err))
	}
	resp := &Response{URL: x.withoutAuth(answer.Request.URL), Header: answer.Header, Body: body}
	if c.config.Unauthorized != nil && c.config.Unauthorized(resp) {
		return nil, x.format(&FormatError{Reason: unauthorized, Err: ErrUnauthorized}, body)
	}
	page := &Page{Number: x.page, Validator: c.validator(answer.Header), Requests: x.requests, Bytes: x.bytes}
	if err := c.readHeader(answer.Header, page); err != nil {
		return nil, x.format(err, nil)
	}
	values, bad := e.read(answer.Header, body, page)
	if bad != nil {
		return nil, x.format(bad, body)
	}
	page.body = body
	resp.values = values
	resp.Page = page
	return resp, nil
}

// request makes an authorized request, and notes what is secret about it.
func (c *Client) request(ctx context.Context, x *exchange, u *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, x.method, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.api+json, application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	if x.id == "" {
		x.id = uuid.NewString()
	}
	req.Header.Set("X-Request-Id", x.id)
	for name, values := range c.config.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	x.id = req.Header.Get("X-Request-Id")
	x.condition.set(req.Header)
	before := req.Clone(ctx)
	if c.config.Auth != nil {
		err = c.config.Auth.Authorize(req)
	}
	x.secrets, x.added = x.secrets.and(secretsAdded(before, req)), pairsAdded(before.URL, req.URL)
	x.url = x.secrets.url(u)
	return req, err
}

// counter counts the bytes that are read from a body.
type counter struct {
	io.ReadCloser
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	*c.n += int64(n)
	return n, err
}

// read reads a whole body within the bound.
func (c *Client) read(answer *http.Response) ([]byte, error) {
	limit := min(c.config.MaxBodyBytes, math.MaxInt64-1)
	if answer.ContentLength > limit {
		return nil, ErrTooLarge
	}
	var b bytes.Buffer
	if used, ok := c.bodies.Get().(*[]byte); ok {
		b = *bytes.NewBuffer(*used)
	}
	if answer.ContentLength > 0 {
		b.Grow(int(answer.ContentLength) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(answer.Body, limit+1))
	if n > limit {
		return nil, ErrTooLarge
	}
	return b.Bytes(), err
}

// Recycle lets the client use the memory of one of its pages for a later page.
// Nothing that came of the page may be used any more, be it an object, a value or
// a string of one. It is never needed.
func (c *Client) Recycle(page *Page) {
	if body := page.body[:0]; cap(body) > 0 {
		*page = Page{}
		c.bodies.Put(&body)
	}
}

// requests counts what an answer took, redirects included.
func requests(answer *http.Response) int {
	n := 1
	for r := answer.Request.Response; r != nil; r = r.Request.Response {
		n++
	}
	return n
}

// ended tells why a request ended: the caller's context, our own limit, or
// something else.
func ended(ctx, limited context.Context, err error) error {
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case ctx.Err() == nil && limited.Err() != nil:
		return context.Cause(limited)
	}
	return err
}
