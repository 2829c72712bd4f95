package remote

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/shown"
)

// What callers branch on; match them with errors.Is.
var (
	// ErrUnauthorized is a 401 or 403: the credentials are missing, wrong or
	// not enough.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrNotFound is a 404 or 410.
	ErrNotFound = errors.New("not found")
	// ErrNoAddress is an endpoint whose single records can't be asked for. See
	// rest.Config.Record.
	ErrNoAddress = errors.New("no address for one record is declared")
	// ErrInvalid is a 400 or 422: the remote refuses what was asked.
	ErrInvalid = errors.New("invalid request")
	// ErrLimited is a 429: too many requests. Any 4xx is one too where it has
	// Retry-After, and a 403 whose headers say that no request is left, as GitHub
	// answers; and what wire.Config.Limited recognises.
	ErrLimited = errors.New("rate limited")
	// ErrSinceRejected is an API that can't say what changed since the time or the
	// position that it was asked for, most likely because that is too long ago. A run
	// answers with a complete pass. See rest.Since.Rejected.
	ErrSinceRejected = errors.New("the time to ask from is rejected")
	// ErrUnavailable is a 5xx, the remote's own trouble, or a 202: the answer is not
	// there yet.
	ErrUnavailable = errors.New("unavailable")
	// ErrBudgetSpent is a [*WaitError]: the rate limit lets nothing through for
	// longer than the request may wait.
	ErrBudgetSpent = errors.New("rate limited")
	// ErrCircuitOpen is a [*WaitError] too: the host failed too often, see
	// wire.Breaker.
	ErrCircuitOpen = errors.New("circuit open")

	// ErrConsentNeeded is a grant that is used up, expired or revoked
	// ("invalid_grant"): it gives no more tokens, and the account's owner must consent
	// again.
	ErrConsentNeeded = errors.New("the account's owner must consent again")

	// ErrTooLarge is a body larger than wire.Config.MaxBodyBytes, or the URL of a next
	// page that is longer than 8 KiB.
	ErrTooLarge = errors.New("too large")
	// ErrNoRecords is an envelope without the list of records.
	ErrNoRecords = errors.New("no records in the envelope")
	// ErrPagesUnread is an answer that shows further pages where no pagination is
	// declared that reads them. See rest.Config.Pagination.
	ErrPagesUnread = errors.New("there are pages that are not read")
	// ErrPageRepeated is a next link or a cursor that this run has already
	// followed, or a page with the same records as an earlier one, as comes from a remote
	// that does not know the parameter: following it would never end, or miss the rest
	// of the list.
	ErrPageRepeated = errors.New("page repeated")
	// ErrEmptyPage is an empty page that names a next one, which may never end. See
	// rest.Config.EmptyPages.
	ErrEmptyPage = errors.New("an empty page names a next one")
	// ErrTooManyPages is a run longer than rest.Config.MaxPages, or that of [PageFunc].
	ErrTooManyPages = errors.New("too many pages")
	// ErrForeignURL is a URL, such as a next link, of another host or scheme than
	// BaseURL and Hosts of the client's config have, or a redirect to another than that
	// of BaseURL. It is not followed: the credentials must not go there.
	ErrForeignURL = errors.New("leads to another host or scheme")
)

// Error is an answer whose status is not 2xx, or that can't be used yet. Credentials are
// left out of all its fields.
type Error struct {
	Method string
	// URL has no user name, and no query values that look like secrets.
	URL string
	// Status is the code: 404.
	Status int
	// Excerpt is the beginning of the body, at most about 200 bytes of valid
	// UTF-8 on one line, escaped where it is not plain text.
	Excerpt string
	// RequestID is the remote's name for the request (X-Request-Id), and ours
	// where it gave none.
	RequestID string
	// RetryAfter is how long the remote asks to wait, from the time of its
	// answer. Zero where it does not say.
	RetryAfter time.Duration
	// Limited reports whether the answer blames too many requests, though its status
	// is not 429.
	Limited bool
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
	case ErrLimited:
		if e.RetryAfter == 0 {
			b.WriteString(": too many requests: set a Limiter that makes fewer, or raise Retry.MaxTime")
		}
	}
	if e.Status == http.StatusAccepted && !e.Limited {
		b.WriteString(": the remote is still making the answer: ask again later")
	}
	if e.Status == http.StatusNotModified {
		b.WriteString(": nothing was sent that it could be compared with, so that a cache in between may have answered; set rest.Config.EmptyStatus where that means that there are no records")
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ": retry after %v", e.RetryAfter)
	}
	return shown.Text(b.String())
}

// Is matches the sentinel of the status.
func (e *Error) Is(target error) bool {
	kind := e.kind()
	return kind != nil && kind == target
}

// kind is the sentinel of the status, or nil.
func (e *Error) kind() error {
	switch {
	case e.Limited:
		return ErrLimited
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return ErrUnauthorized
	case e.Status == http.StatusNotFound, e.Status == http.StatusGone:
		return ErrNotFound
	case e.Status == http.StatusBadRequest, e.Status == http.StatusUnprocessableEntity:
		return ErrInvalid
	case e.Status == http.StatusTooManyRequests:
		return ErrLimited
	case e.Status >= 500, e.Status == http.StatusAccepted:
		return ErrUnavailable
	}
	return nil
}
