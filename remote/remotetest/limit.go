package remotetest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// LimitHeaders is how answers say what is left of a limit.
type LimitHeaders int

const (
	// XRateLimit is X-RateLimit-Limit, -Remaining and -Reset, a time in Unix
	// seconds.
	XRateLimit LimitHeaders = iota
	// XRateLimitDelta is the same with the seconds until the reset.
	XRateLimitDelta
	// RateLimit is the IETF's draft: RateLimit-Policy and RateLimit.
	RateLimit
	// NoLimitHeaders tells nothing.
	NoLimitHeaders
)

// RetryAfter is how a 429 tells how long to wait.
type RetryAfter int

const (
	// RetrySeconds is Retry-After: 30.
	RetrySeconds RetryAfter = iota
	// RetryDate is Retry-After: Thu, 01 Jan 2026 12:00:30 GMT.
	RetryDate
	// NoRetryAfter says nothing.
	NoRetryAfter
)

// Limit is how many requests an account may make. A request beyond it is a 429.
type Limit struct {
	// Requests is the number in a window. Defaults to no limit.
	Requests int
	// Window is the length of a window by the server's clock, from its first
	// request. Defaults to a minute.
	Window     time.Duration
	Headers    LimitHeaders
	RetryAfter RetryAfter
}

// withDefaults fills the zero values.
func (l Limit) withDefaults() Limit {
	if l.Window <= 0 {
		l.Window = time.Minute
	}
	return l
}

// window is what an account used of its limit.
type window struct {
	start time.Time
	used  int
}

// take counts a request. The headers are for any answer to it; the answer is nil
// where the request is within the limit. The caller holds mu.
func (l Limit) take(w *window, at time.Time) (http.Header, *answer) {
	if l.Requests <= 0 {
		return nil, nil
	}
	if w.start.IsZero() || !at.Before(w.start.Add(l.Window)) {
		*w = window{start: at}
	}
	w.used++
	reset := ceil(w.start.Add(l.Window))
	seconds := strconv.Itoa(int(reset.Sub(at.Truncate(time.Second)) / time.Second))
	left := strconv.Itoa(max(0, l.Requests-w.used))
	h := http.Header{}
	switch l.Headers {
	case XRateLimit, XRateLimitDelta:
		h.Set("X-RateLimit-Limit", strconv.Itoa(l.Requests))
		h.Set("X-RateLimit-Remaining", left)
		h.Set("X-RateLimit-Reset", seconds)
		if l.Headers == XRateLimit {
			h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
		}
	case RateLimit:
		h.Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, l.Requests, int(l.Window.Seconds())))
		h.Set("RateLimit", fmt.Sprintf(`"default";r=%s;t=%s`, left, seconds))
	}
	if w.used <= l.Requests {
		return h, nil
	}
	switch l.RetryAfter {
	case RetrySeconds:
		h.Set("Retry-After", seconds)
	case RetryDate:
		h.Set("Retry-After", reset.Format(http.TimeFormat))
	}
	return h, problem(http.StatusTooManyRequests, "too_many_requests", "the limit is reached")
}

// ceil rounds a time up to a second.
func ceil(at time.Time) time.Time {
	return at.Add(time.Second - 1).Truncate(time.Second)
}
