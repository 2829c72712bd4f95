package wire

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/remote"
)

// cutShort is the reason where a body ends too early.
const cutShort = "the body is cut short"

// fetch makes the request and reads the answer to its end, so that no connection
// waits for the caller. It names the answer after what it sends.
func (x *exchange) fetch(ctx context.Context) error {
	c, a := x.client, x.answer
	limited, stop := x.limited(ctx)
	defer stop.end()
	req, err := x.request(limited)
	if err != nil {
		return x.transport(fmt.Errorf("authorize: %w", ended(ctx, limited, err)))
	}
	x.sent = true
	began := c.config.Clock.Now()
	resp, err := a.counting(x.http()).Do(req)
	a.Took = c.config.Clock.Now().Sub(began)
	if resp != nil {
		x.status = resp.StatusCode
	}
	if err != nil {
		if e, ok := err.(*url.Error); ok {
			err = e.Err // its URL may hold credentials
		}
		err = ended(ctx, limited, err)
		if resp != nil { // and a redirect that is not followed
			return x.transport(err)
		}
		return x.lost(ctx, err)
	}
	defer resp.Body.Close()
	x.permit.observe(c.config.Clock.Now(), resp.Header)
	if x.req.accepts(resp.StatusCode) && !good(resp) {
		return x.take(resp, errorBody(resp))
	}
	if err := x.checkStatus(resp); err != nil {
		if renewed, err := x.renew(ctx, req, resp, err); !renewed {
			return err
		}
		return x.fetch(ctx)
	}
	if x.req.Stream != nil {
		return x.stream(ctx, limited, resp, stop)
	}
	body, err := x.read(resp)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return a.FormatError(&remote.FormatError{Reason: cutShort, Offset: int64(len(body)), Err: io.ErrUnexpectedEOF}, body)
	case errors.Is(err, remote.ErrTooLarge):
		reason := fmt.Sprintf("the body is larger than %d bytes (MaxBodyBytes)", c.config.MaxBodyBytes)
		return a.FormatError(&remote.FormatError{Reason: reason, Err: err}, nil)
	case err != nil:
		return x.lost(ctx, ended(ctx, limited, err))
	}
	if limit := c.config.Limited; limit != nil && limit(resp.StatusCode, resp.Header, body) {
		return x.limit(resp, body)
	}
	return x.take(resp, body)
}

// checkStatus refuses an answer that is not 2xx. A 202 to what only asks is one that
// is not there yet.
func (x *exchange) checkStatus(resp *http.Response) error {
	there := resp.StatusCode != http.StatusAccepted || x.req.method() != http.MethodGet && !x.req.Repeatable || x.req.accepts(resp.StatusCode)
	if good(resp) && there {
		return nil
	}
	body := errorBody(resp)
	if limit := x.client.config.Limited; limit != nil && limit(resp.StatusCode, resp.Header, body) {
		return x.limit(resp, body)
	}
	return statusError(resp, body, x.answer.secrets, x.client.config.Clock.Now())
}

// limit is an answer that blames too many requests in its body.
func (x *exchange) limit(resp *http.Response, body []byte) error {
	e := statusError(resp, body, x.answer.secrets, x.client.config.Clock.Now())
	e.Limited = true
	e.RetryAfter = cmp.Or(e.RetryAfter, resetAfter(resp.Header))
	return e
}

// take keeps a good answer, and lets the caller look at it.
func (x *exchange) take(resp *http.Response, body []byte) error {
	a := x.answer
	a.URL, a.Status, a.Header, a.Body = a.WithoutAuth(resp.Request.URL), resp.StatusCode, resp.Header, body
	if x.req.Check == nil {
		return nil
	}
	return x.req.Check(a)
}

// request makes an authorized request, and notes what is secret about it.
func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	config, a := &x.client.config, x.answer
	req, err := http.NewRequestWithContext(ctx, a.method, x.req.URL.String(), x.body())
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", config.UserAgent)
	if a.id == "" {
		a.id = uuid.NewString()
	}
	req.Header.Set("X-Request-Id", a.id)
	for _, header := range []http.Header{config.Header, x.req.Header} {
		for name, values := range header {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	a.id = req.Header.Get("X-Request-Id")
	before := req
	if config.Auth != nil {
		before = req.Clone(ctx)
		err = config.Auth.Authorize(req)
	}
	a.added = pairsAdded(before.URL, req.URL)
	a.secrets = a.secrets.and(secretsAdded(before, req, a.added, x.req.Public)).and(secretsSent(x.req.Body, x.req.Public))
	secret.Tell(ctx, a.secrets.Texts)
	return req, err
}

// body reads what is sent, from its beginning.
func (x *exchange) body() io.Reader {
	if x.req.Body == nil {
		return nil
	}
	return bytes.NewReader(x.req.Body)
}

// renew reports whether the request should be sent again with other credentials.
// It returns the error of the answer where it should not, or why there are none.
func (x *exchange) renew(ctx context.Context, refused *http.Request, resp *http.Response, err error) (bool, error) {
	renewer, ok := x.client.config.Auth.(Renewer)
	if !ok || x.renewed || resp.StatusCode != http.StatusUnauthorized {
		return false, err
	}
	x.renewed = true
	_ = resp.Body.Close() // what matters of it is read
	timeout := x.client.config.Timeout
	limited, cancel := context.WithTimeoutCause(ctx, timeout, timeoutError{timeout})
	defer cancel()
	if err := renewer.Renew(refused.WithContext(limited)); err != nil {
		return false, x.transport(fmt.Errorf("401 Unauthorized: renew: %w", ended(ctx, limited, err)))
	}
	return true, nil
}

// read reads a whole body within the bound.
func (x *exchange) read(resp *http.Response) ([]byte, error) {
	limit := min(x.client.config.MaxBodyBytes, math.MaxInt64-1)
	if resp.ContentLength > limit {
		return nil, remote.ErrTooLarge
	}
	body := x.req.Buffer[:0]
	if told := int(resp.ContentLength); told >= cap(body) {
		body = make([]byte, 0, told+told/16+1) // for a page that is a little longer, and one byte to meet the end with
	}
	from := io.LimitReader(resp.Body, limit+1)
	for {
		body = grown(body)
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, remote.ErrTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, err
		}
	}
}

// largeBody is how many bytes a body has whose memory is no longer doubled where its length
// is not told.
const largeBody = 8 << 20

// grown returns a body with room for more. A [bytes.Buffer] doubles also memory of which a
// byte is missing, as when it is used again for a page that is a little longer.
func grown(body []byte) []byte {
	switch n := cap(body); {
	case len(body) < n:
		return body
	case n < largeBody:
		return slices.Grow(body, max(n, bytes.MinRead))
	default:
		return slices.Grow(body, n/2)
	}
}
