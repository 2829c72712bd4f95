package wire

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/rawquery"
	"github.com/syncedgo/synced/remote"
)

// Answer is what came of a request, read to its end unless it is a stream.
type Answer struct {
	// URL is what was asked, after redirects, without what Auth put in its query.
	URL *url.URL
	// Status is 2xx, one of Request.Accept, or 304 where the request has a condition.
	Status int
	// Header are the headers, and Body the body, decompressed.
	Header http.Header
	Body   []byte
	// Framed reports whether the body of a Request.Stream can't end early without an error:
	// its length is told, or it comes in chunks. An HTTP/1.0 server may just hang up.
	Framed bool
	// Took is how long the last request took until its answer began.
	Took time.Duration
	// Requests is how many requests were made, repeated and redirected ones
	// included, and Bytes how many of bodies were read.
	Requests int
	Bytes    int64

	method  string
	asked   *url.URL   // before Auth
	id      string     // X-Request-Id
	secrets secrets    // of all that was sent
	added   url.Values // to the query, by Auth
	public  []string   // of Request.Public
}

// Wrap makes an error about the answer: "GET https://host/path: …".
// Credentials are taken out of its text.
func (a *Answer) Wrap(err error) error {
	return &answerError{a.path() + a.secrets.sentence(err.Error()), err}
}

type answerError struct {
	text string
	err  error
}

func (e *answerError) Error() string { return e.text }
func (e *answerError) Unwrap() error { return e.err }

// FormatError completes an error about the answer's body, where that is given, or
// about what else can't be used. Credentials are taken out of its texts.
func (a *Answer) FormatError(e *remote.FormatError, body []byte) *remote.FormatError {
	e.Method, e.URL = a.method, a.shown()
	e.Reason = shorten(a.secrets.sentence(e.Reason), 2*maxExcerpt) // it may name members
	if body != nil {
		e.Excerpt = a.secrets.excerpt(body, e.Offset)
	}
	return e
}

// LimitError returns the error of an answer that has a good status, and whose body says
// that there were too many requests. [Request.Check] returns it: the request then waits,
// and is repeated. Wait is how long, as the body tells; 0 leaves it to the headers.
func (a *Answer) LimitError(wait time.Duration) *remote.Error {
	return &remote.Error{
		Method: a.method, URL: a.shown(), Status: a.Status, Excerpt: a.secrets.excerpt(a.Body, 0), RequestID: a.id, Limited: true,
		RetryAfter: cmp.Or(wait, retryAfter(a.Header, time.Now()), resetAfter(a.Header)),
	}
}

// RetryAfter returns how long the answer asks to wait, by its header Retry-After; 0 where it
// does not say.
func (a *Answer) RetryAfter() time.Duration { return retryAfter(a.Header, time.Now()) }

// Show writes a URL for an error or a log, without credentials.
func (a *Answer) Show(u *url.URL) string { return a.secrets.url(u) }

// HasSecret reports whether the path or the query of a URL has a credential, or a
// parameter that is called like one and not Request.Public. Such a URL should not be stored.
func (a *Answer) HasSecret(u *url.URL) bool {
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); isSecret(rawquery.Unescape(name), a.public) {
			return true
		}
	}
	return len(a.secrets.Spans(u.RequestURI())) > 0
}

// HasSecretIn reports whether a text of the answer, such as a header, repeats a
// credential. Such a text should not be stored.
func (a *Answer) HasSecretIn(text string) bool { return len(a.secrets.Spans(text)) > 0 }

// WithoutAuth takes out of a URL what Auth put in the query. The rest stays as it is
// written.
func (a *Answer) WithoutAuth(u *url.URL) *url.URL {
	return rawquery.Without(u, func(name, value string) bool { return slices.Contains(a.added[name], value) })
}

// path is what errors begin with.
func (a *Answer) path() string { return fmt.Sprintf("%s %s: ", a.method, a.shown()) }

// host is the host that was asked, "" before that.
func (a *Answer) host() string {
	if a.asked == nil {
		return ""
	}
	return a.asked.Host
}

// shown is the URL as errors name it.
func (a *Answer) shown() string {
	if a.asked == nil {
		return ""
	}
	return a.secrets.url(a.asked)
}
