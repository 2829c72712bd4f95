package remote

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// exchange is one request of a run, with its repetitions, as its errors name it.
type exchange struct {
	method, url string
	page        int
	id          string // X-Request-Id
	secrets     secrets
	added       url.Values // to the query, by Auth

	flow     *flow
	permit   *permit // of the attempt under way
	requests int     // made so far
	bytes    int64   // of bodies read so far
}

// withoutAuth takes out of a URL what Auth put in the query.
func (x *exchange) withoutAuth(u *url.URL) *url.URL {
	return withoutPairs(u, func(name, value string) bool { return slices.Contains(x.added[name], value) })
}

// format completes an error about the body.
func (x *exchange) format(e *FormatError, body []byte) *FormatError {
	e.Method, e.URL, e.Page = x.method, x.url, x.page
	e.Reason = shorten(x.secrets.clean(e.Reason), 2*maxExcerpt) // it may name members
	if body != nil {
		e.Excerpt = x.secrets.excerpt(body, e.Offset)
	}
	return e
}

// transport is an error of a request that got no whole answer.
func (x *exchange) transport(err error) error {
	text := x.path() + x.secrets.redact(err.Error())
	if x.id != "" {
		text += " (request " + x.id + ")"
	}
	return &transportError{text: text, err: err}
}

// lost is such an error where the request may have met trouble on its way.
func (x *exchange) lost(ctx context.Context, err error) error {
	return &transportError{text: x.transport(err).Error(), err: err, lost: ctx.Err() == nil}
}

// wait names the request that has to wait.
func (x *exchange) wait(e *WaitError) error {
	e.Err = x.transport(e.Err)
	return e
}

// follow is an error about the page after this one.
func (x *exchange) follow(next *url.URL, err error) error {
	return fmt.Errorf("%snext page %s: %w", x.path(), x.secrets.url(next), err)
}

// reject is an error about this answer.
func (x *exchange) reject(err error) error { return fmt.Errorf("%s%w", x.path(), err) }

// path is where errors begin.
func (x *exchange) path() string {
	return fmt.Sprintf("%s %s: ", x.method, x.url)
}

// transportError has a text without credentials, and unwraps to what callers ask
// for: context.Canceled, context.DeadlineExceeded, net.Error, ErrForeignURL.
type transportError struct {
	text string
	err  error
	lost bool // on the way, not by the caller's context
}

func (e *transportError) Error() string { return e.text }
func (e *transportError) Unwrap() error { return e.err }

// timeoutError is a request that took longer than Config.Timeout. It is told
// from a deadline of the caller's by its text only.
type timeoutError struct{ limit time.Duration }

func (e timeoutError) Error() string   { return fmt.Sprintf("no whole answer within %v", e.limit) }
func (e timeoutError) Timeout() bool   { return true }
func (e timeoutError) Temporary() bool { return true }
func (e timeoutError) Unwrap() error   { return context.DeadlineExceeded }
