package remotetest

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Request is one request that came.
type Request struct {
	Method, Path string
	// Query has all parameters, those of the body too.
	Query  url.Values
	Header http.Header
	// Body is what was sent.
	Body []byte
	// Collection is the path below the base URL: "rentals".
	Collection string
	// Page is the page asked for, from 1 in all styles. It is 0 where it can't be
	// read. Offsets and cursors count as the page that they stand in by then.
	Page int
	// Token is the token, empty without one.
	Token string
	// At is the server's time when it came.
	At time.Time

	sent sent
}

// newRequest reads a request as far as it can be read without the data.
func newRequest(r *http.Request, config *Config, at time.Time) Request {
	body := config.Style.Body.read(r)
	query := r.URL.Query()
	maps.Copy(query, body.values)
	return Request{
		Body: body.raw, sent: body,
		Method:     r.Method,
		Path:       r.URL.Path,
		Query:      query,
		Header:     r.Header.Clone(),
		Collection: strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, prefix), "/"),
		Token:      config.Auth.token(r),
		At:         at,
	}
}

// count reads a number from 1.
func count(q url.Values, name string, otherwise int) (int, bool) {
	v := q.Get(name)
	if v == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return 0, false
	}
	return n, true
}
