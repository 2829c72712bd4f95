package wire

import (
	"cmp"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote"
)

// CheckResponse turns an answer that is not 2xx into an [*remote.Error]. It reads the
// beginning of the body for it, and leaves closing to the caller. It is for
// services that talk to a remote by themselves, see remote.Func.
func CheckResponse(resp *http.Response) error {
	var s secrets
	if resp.Request != nil {
		s = secretsOf(resp.Request)
	}
	return checkResponse(resp, s, time.Now())
}

// maxErrorBytes is how much of the body of an error is read.
const maxErrorBytes = 16 << 10

// checkResponse is [CheckResponse] with the secrets known.
func checkResponse(resp *http.Response, s secrets, now time.Time) error {
	if good(resp) {
		return nil
	}
	return statusError(resp, errorBody(resp), s, now)
}

// good reports whether the status is 2xx.
func good(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode <= 299 }

// errorBody reads the beginning of a body. The status is what matters: an error while
// reading leaves what was read.
func errorBody(resp *http.Response) []byte {
	if resp.Body == nil {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
	return body
}

// statusError makes the error of an answer, whose body was read.
func statusError(resp *http.Response, body []byte, s secrets, now time.Time) *remote.Error {
	e := &remote.Error{
		Status:     resp.StatusCode,
		RequestID:  s.clean(resp.Header.Get("X-Request-Id")),
		RetryAfter: retryAfter(resp.Header, now),
		Excerpt:    s.excerpt(body, 0),
	}
	if e.Status >= 400 && e.Status <= 499 && e.Status != http.StatusTooManyRequests {
		quota, told := readQuota(resp.Header, now)
		e.Limited = e.RetryAfter > 0 || e.Status == http.StatusForbidden && told && quota.left == 0
	}
	if e.RetryAfter == 0 && (e.Limited || e.Status == http.StatusTooManyRequests) {
		e.RetryAfter = resetAfter(resp.Header)
	}
	if resp.Request != nil {
		e.RequestID = cmp.Or(e.RequestID, s.clean(resp.Request.Header.Get("X-Request-Id")))
		e.Method, e.URL = resp.Request.Method, s.url(resp.Request.URL)
	}
	return e
}

// retryAfter reads seconds, also with a fraction, or a date. A date counts from the
// answer's own, so that the clocks need not agree, and from now where it has none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if wait, ok := parseSeconds(v); ok {
		return wait
	}
	at, err := http.ParseTime(v)
	if err != nil {
		at, err = time.Parse(time.RFC3339, v)
	}
	if err != nil {
		return 0
	}
	return max(0, at.Sub(dateOf(h, now)))
}

// resetAfter reads in how many seconds a limit ends, which some tell on each answer:
// it counts only where the limit was met.
func resetAfter(h http.Header) time.Duration {
	for _, name := range []string{"X-RateLimit-Reset-After", "RateLimit-Reset-After", "X-Rate-Limit-Reset-After"} {
		if wait, ok := parseSeconds(strings.TrimSpace(h.Get(name))); ok {
			return wait
		}
	}
	return 0
}

// parseSeconds reads a number of seconds. A fraction is rounded up to milliseconds, a
// negative number is 0.
func parseSeconds(v string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil || math.IsNaN(n):
		return 0, false
	case n > maxSeconds:
		return math.MaxInt64, true
	}
	return time.Duration(math.Ceil(max(0, n)*1000)) * time.Millisecond, true
}

// maxSeconds is more than a duration can hold.
const maxSeconds = float64(math.MaxInt64 / int64(time.Second))
