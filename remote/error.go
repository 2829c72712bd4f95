package remote

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What callers branch on; match them with errors.Is.
var (
	// ErrUnauthorized is a 401 or 403: the credentials are missing, wrong or
	// not enough.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrNotFound is a 404 or 410.
	ErrNotFound = errors.New("not found")
	// ErrInvalid is a 400 or 422: the remote refuses what was asked.
	ErrInvalid = errors.New("invalid request")
	// ErrLimited is a 429: too many requests.
	ErrLimited = errors.New("rate limited")
	// ErrUnavailable is a 5xx: the remote's own trouble.
	ErrUnavailable = errors.New("unavailable")
	// ErrBudgetSpent is a [*WaitError]: the rate limit lets nothing through for
	// longer than the request may wait.
	ErrBudgetSpent = errors.New("rate limited")
	// ErrCircuitOpen is a [*WaitError] too: the host failed too often, see
	// [Breaker].
	ErrCircuitOpen = errors.New("circuit open")

	// ErrTooLarge is a body larger than Config.MaxBodyBytes, or the URL of a next
	// page that is longer than 8 KiB.
	ErrTooLarge = errors.New("too large")
	// ErrNoRecords is an envelope without the list of records.
	ErrNoRecords = errors.New("no records in the envelope")
	// ErrPageRepeated is a next link or a cursor that this run has already
	// followed, or a page with the same records as an earlier one, as a remote
	// answers that does not know the parameter: following it would never end, or
	// miss the rest of the list.
	ErrPageRepeated = errors.New("page repeated")
	// ErrEmptyPage is an empty page that names a next one, which may go on for ever.
	// See Config.EmptyPages.
	ErrEmptyPage = errors.New("an empty page names a next one")
	// ErrTooManyPages is a run longer than Config.MaxPages.
	ErrTooManyPages = errors.New("too many pages")
	// ErrForeignURL is a next link to another host or scheme than Config.BaseURL
	// and Config.Hosts have, or a redirect to another than Config.BaseURL's. It is not followed: the credentials must not go there.
	ErrForeignURL = errors.New("leads to another host or scheme")
)

// Error is an answer whose status is not 2xx. Credentials are left out of all
// its fields.
type Error struct {
	Method string
	// URL has no user name, and no query values that look like secrets.
	URL string
	// Status is the code: 404.
	Status int
	// Excerpt is the beginning of the body, at most about 200 bytes of valid
	// UTF-8 on one line.
	Excerpt string
	// RequestID is the remote's name for the request (X-Request-Id), and ours
	// where it gave none.
	RequestID string
	// RetryAfter is how long the remote asks to wait, from the time of its
	// answer. Zero where it does not say.
	RetryAfter time.Duration
}

// Error says what was asked, what came, and what to look at where that is known.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.URL, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Excerpt != "" {
		b.WriteString(": " + e.Excerpt)
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	switch e.kind() {
	case ErrUnauthorized:
		b.WriteString(": check the credentials")
	case ErrNotFound:
		b.WriteString(": check the base URL and the endpoint")
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ": retry after %v", e.RetryAfter)
	}
	return b.String()
}

// Is matches the sentinel of the status.
func (e *Error) Is(target error) bool {
	kind := e.kind()
	return kind != nil && kind == target
}

// kind is the sentinel of the status, or nil.
func (e *Error) kind() error {
	switch {
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return ErrUnauthorized
	case e.Status == http.StatusNotFound, e.Status == http.StatusGone:
		return ErrNotFound
	case e.Status == http.StatusBadRequest, e.Status == http.StatusUnprocessableEntity:
		return ErrInvalid
	case e.Status == http.StatusTooManyRequests:
		return ErrLimited
	case e.Status >= 500:
		return ErrUnavailable
	}
	return nil
}

// CheckResponse turns an answer that is not 2xx into an [*Error]. It reads the
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
	e := &Error{
		Status:     resp.StatusCode,
		RequestID:  s.clean(resp.Header.Get("X-Request-Id")),
		RetryAfter: retryAfter(resp.Header, now),
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
