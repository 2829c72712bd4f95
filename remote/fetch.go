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
)

// fetch asks for one page and reads it to the end, so that no connection waits
// for the caller. It names x after what it sends.
func (c *Client) fetch(ctx context.Context, x *exchange, u *url.URL, e envelope) (*Response, error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, timeoutError{c.config.Timeout})
	defer cancel()
	x.url = secrets(nil).url(u)
	req, err := c.request(limited, x, u)
	if err != nil {
		return nil, x.transport(fmt.Errorf("authorize: %w", err))
	}
	answer, err := c.http.Do(req)
	if err != nil {
		if e, ok := err.(*url.Error); ok {
			err = e.Err // its URL may hold credentials
		}
		return nil, x.transport(ended(ctx, limited, err))
	}
	defer answer.Body.Close()
	if x.condition.met(answer) {
		return c.notModified(x, answer)
	}
	if err := checkResponse(answer, x.secrets); err != nil {
		return nil, err
	}
	body, err := c.read(answer)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, x.format(&FormatError{Reason: cutShort, Offset: int64(len(body)), Err: io.ErrUnexpectedEOF}, body)
	case errors.Is(err, ErrTooLarge):
		reason := fmt.Sprintf("the body is larger than %d bytes (MaxBodyBytes)", c.config.MaxBodyBytes)
		return nil, x.format(&FormatError{Reason: reason, Err: err}, nil)
	case err != nil:
		return nil, x.transport(ended(ctx, limited, err))
	}
	resp := &Response{URL: answer.Request.URL, Header: answer.Header, Body: body}
	if c.config.Unauthorized != nil && c.config.Unauthorized(resp) {
		return nil, x.format(&FormatError{Reason: unauthorized, Err: ErrUnauthorized}, body)
	}
	page := &Page{Number: x.page, Validator: c.validator(answer.Header), Requests: requests(answer), Bytes: int64(len(body))}
	if err := c.readHeader(answer.Header, page); err != nil {
		return nil, x.format(err, nil)
	}
	if err := e.read(answer.Header, body, page); err != nil {
		return nil, x.format(err, body)
	}
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
	for name, values := range c.config.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	x.condition.set(req.Header)
	before := req.Clone(ctx)
	if c.config.Auth != nil {
		err = c.config.Auth.Authorize(req)
	}
	x.secrets = secretsAdded(before, req)
	x.url = x.secrets.url(u)
	return req, err
}

// read reads a whole body within the bound.
func (c *Client) read(answer *http.Response) ([]byte, error) {
	limit := min(c.config.MaxBodyBytes, math.MaxInt64-1)
	if answer.ContentLength > limit {
		return nil, ErrTooLarge
	}
	var b bytes.Buffer
	if answer.ContentLength > 0 {
		b.Grow(int(answer.ContentLength) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(answer.Body, limit+1))
	if n > limit {
		return nil, ErrTooLarge
	}
	return b.Bytes(), err
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
