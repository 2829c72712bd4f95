package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// What the zero values of [Retry] stand for.
const (
	DefaultRetries      = 4
	DefaultRetryTime    = 2 * time.Minute
	DefaultFirstRetry   = 500 * time.Millisecond
	DefaultLongestRetry = 30 * time.Second
)

// Retry says how often and for how long a request is repeated that met trouble
// which may pass: 408, 425, 429 and 5xx, a connection that could not be made or
// broke, a request that took longer than Config.Timeout, a body cut short. All
// requests only read, so each is safe to repeat.
//
// Where the remote says when (Retry-After), that long is waited. Otherwise the
// wait is random, between zero and a bound that starts at First and doubles each
// time up to Longest.
type Retry struct {
	// Max is how many times one request is repeated. Defaults to
	// [DefaultRetries]; negative is never.
	Max int
	// MaxTime limits one request with its waits: none that would end later is
	// begun. So it also bounds the wait for a rate limit, see [WaitError].
	// Defaults to [DefaultRetryTime].
	MaxTime time.Duration
	// First and Longest bound the first wait and every one. They default to
	// [DefaultFirstRetry] and [DefaultLongestRetry].
	First, Longest time.Duration
}

func (r Retry) withDefaults() Retry {
	setDefault(&r.Max, DefaultRetries)
	setDefault(&r.MaxTime, DefaultRetryTime)
	setDefault(&r.First, DefaultFirstRetry)
	setDefault(&r.Longest, DefaultLongestRetry)
	return r
}

func (r Retry) validate() error {
	switch {
	case r.MaxTime < 0:
		return fmt.Errorf("retry: max time %v: want more than 0", r.MaxTime)
	case r.First < 0, r.Longest < 0:
		return fmt.Errorf("retry: first %v, longest %v: want more than 0", r.First, r.Longest)
	}
	return nil
}

// backoff draws the waits: from [0, 2n], where n is half the bound (full jitter).
func (r Retry) backoff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     min(r.First, r.Longest) / 2,
		MaxInterval:         r.Longest / 2,
		Multiplier:          2,
		RandomizationFactor: 1,
	}
}

// ask fetches one page, and asks again where that may help. The errors name x.
func (c *Client) ask(ctx context.Context, x *exchange, u *url.URL, e envelope) (*Response, error) {
	x.url = secrets(nil).url(u)
	retry, waits, clock := c.config.Retry, c.config.Retry.backoff(), c.config.Clock
	end := clock.Now().Add(retry.MaxTime)
	var last error
	for n := 0; ; n++ {
		resp, err := c.attempt(ctx, x, u, e, end)
		if waiting, ok := err.(*WaitError); ok && last != nil {
			waiting.Err = fmt.Errorf("%w: %w", waiting.Err, last)
		}
		if err == nil || !passing(err) {
			return resp, err
		}
		now, told := clock.Now(), told(err)
		wait := waits.NextBackOff()
		if told > 0 {
			wait = told
		}
		switch {
		case n < retry.Max && wait <= left(ctx, now, end):
		case told > 0:
			return nil, newWaitError(now, wait, err)
		default:
			return nil, err
		}
		if err := clock.Sleep(ctx, wait); err != nil {
			return nil, x.transport(err)
		}
		last = err
	}
}

// attempt makes one request when it is its turn.
func (c *Client) attempt(ctx context.Context, x *exchange, u *url.URL, e envelope, end time.Time) (*Response, error) {
	clock := c.config.Clock
	if err := c.circuit.refuse(clock.Now()); err != nil {
		return nil, x.wait(err)
	}
	permit, err := c.config.Limiter.acquire(ctx, clock, x.flow, left(ctx, clock.Now(), end))
	if waiting, ok := err.(*WaitError); ok {
		return nil, x.wait(waiting)
	} else if err != nil {
		return nil, x.transport(err)
	}
	defer permit.release()
	x.permit = permit
	resp, err := c.circuit.do(clock, func() (*Response, error) { return c.fetch(ctx, x, u, e) })
	if waiting, ok := err.(*WaitError); ok {
		return nil, x.wait(waiting)
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusTooManyRequests {
		c.config.Limiter.pause(clock.Now().Add(min(e.RetryAfter, maxHold)))
	}
	return resp, err
}

// left is how long a request may still wait. The context's deadline is real time,
// whatever the clock.
func left(ctx context.Context, now, end time.Time) time.Duration {
	d := end.Sub(now)
	if deadline, ok := ctx.Deadline(); ok {
		d = min(d, time.Until(deadline))
	}
	return max(0, d)
}

// passing says whether asking again may help.
func passing(err error) bool {
	if _, ok := err.(*WaitError); ok {
		return false
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return passingStatus(e.Status)
	}
	if e, ok := errors.AsType[*FormatError](err); ok {
		return errors.Is(e, io.ErrUnexpectedEOF)
	}
	return lost(err)
}

func passingStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// told is how long the remote asks to wait before the request is repeated.
func told(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok && passingStatus(e.Status) {
		return e.RetryAfter
	}
	return 0
}

// lost says whether a request got no whole answer for a reason that may pass:
// not one of certificates, protocols or a name that does not exist.
func lost(err error) bool {
	e, ok := errors.AsType[*transportError](err)
	if !ok || !e.lost || errors.Is(err, http.ErrSchemeMismatch) {
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return false
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" { // of TLS
		return false
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	return !ok || !dns.IsNotFound
}
