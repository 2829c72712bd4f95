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
// services that talk to a remote by themselves, see [Func].
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
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return nil
	}
	e := &remote.Error{
		Status:     resp.StatusCode,
		RequestID:  s.clean(resp.Header.Get("X-Request-Id")),
		RetryAfter: retryAfter(resp.Header, now),
	}
	if e.Status == http.StatusForbidden {
		quota, told := readQuota(resp.Header, now)
		e.Limited = e.RetryAfter > 0 || told && quota.left == 0
	}
	if resp.Request != nil {
		e.RequestID = cmp.Or(e.RequestID, s.clean(resp.Request.Header.Get("X-Request-Id")))
		e.Method, e.URL = resp.Request.Method, s.url(resp.Request.URL)
	}
	if resp.Body != nil {
		// The status is what matters: an error while reading leaves what was read.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
		e.Excerpt = s.excerpt(body, 0)
	}
	return e
}

// retryAfter reads seconds or a date. A date counts from the answer's own, so
// that the clocks need not agree, and from now where it has none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(v, 10, 64); err == nil {
		if seconds > math.MaxInt64/int64(time.Second) {
			return math.MaxInt64
		}
		return max(0, time.Duration(seconds)*time.Second)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		from = now
	}
	return max(0, at.Sub(from))
}
