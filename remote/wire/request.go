package wire

import (
	"io"
	"net/http"
	"net/url"
	"slices"
)

// Request is one request. It is not changed, and may be made again.
//
// A request is repeated only where that can do no harm: where its method says so
// (GET, HEAD, OPTIONS, PUT and DELETE), where Repeatable does, or where the remote
// did nothing with it: it could not be reached, or answered 425 or 429, or 401 and
// Auth is a [Renewer].
type Request struct {
	// Method defaults to GET.
	Method string
	// URL is on one of the API's hosts.
	URL *url.URL
	// Header is sent besides Config.Header, and replaces what has the same name.
	// Where it has a condition (If-None-Match, If-Modified-Since), a 304 is a good
	// answer.
	Header http.Header
	// Accept are statuses besides 2xx that are good answers: 304, 404; a redirect such as
	// 303, which is then not followed; and 202, where it is not to be repeated.
	Accept []int
	// Body is sent as it is, again with each repetition. Nil sends none.
	Body []byte
	// Repeatable reports whether making the request twice does no more than once,
	// though its method is POST or PATCH: it only reads, or has a key by which the
	// remote knows it again.
	Repeatable bool
	// Public names parameters that are no secret, though they are called like one: a place in
	// a list, "pageToken". See [Answer.HasSecret].
	Public []string
	// Check looks at a good answer before it counts as one. It runs while the
	// request still holds its place in the Limiter; its error is that of the
	// request. One that wraps io.ErrUnexpectedEOF, an answer cut short, or
	// [remote.ErrUnavailable] is repeated, and so is a limit, see [Answer.LimitError].
	Check func(*Answer) error
	// Stream reads the body of a good answer, in place of Answer.Body, while the request
	// holds its connection and its place in the Limiter. MaxBodyBytes does not bound it,
	// Config.Timeout is the longest wait for a piece of it, and Config.Limited does not see
	// it. Each repetition calls it again, with the body from its beginning. Its error is
	// that of the request, as with Check, which is then only called for an answer of Accept
	// other than 2xx. Nil reads the whole body first.
	Stream func(a *Answer, body io.Reader) error
	// Queue is shared by requests that belong together, such as those of one run: in
	// the Limiter, they take turns with others. Nil is a new one.
	Queue *Queue
	// Buffer is memory that the answer's body is read into where it has room. Nothing
	// else may use it until the answer is no longer needed.
	Buffer []byte
}

func (r *Request) method() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

// accepts reports whether a status is a good answer by the request's own account.
func (r *Request) accepts(status int) bool {
	return slices.Contains(r.Accept, status) || r.conditional() && status == http.StatusNotModified
}

// repeatable reports whether the request may be made again though the remote may
// have done what it says.
func (r *Request) repeatable() bool {
	switch r.method() {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	return r.Repeatable
}

// conditional reports whether the request asks for an answer only where something
// has changed.
func (r *Request) conditional() bool {
	return r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != ""
}
