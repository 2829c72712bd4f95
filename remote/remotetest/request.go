package remotetest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Request is one request that came.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	// Collection is the path below the base URL: "rentals".
	Collection string
	// Page is the page asked for, from 1. It is 0 where it can't be read.
	Page int
	// Token is the bearer token, empty without one.
	Token string
	// At is the server's time when it came.
	At time.Time
}

// newRequest reads a request as far as it can be read.
func newRequest(r *http.Request, at time.Time) Request {
	req := Request{
		Method:     r.Method,
		Path:       r.URL.Path,
		Query:      r.URL.Query(),
		Header:     r.Header.Clone(),
		Collection: strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, prefix), "/"),
		At:         at,
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		req.Token = token
	}
	req.Page, _ = count(req.Query, "page", 1)
	return req
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

// updatedSince reads the parameter. Without a value it asks for all changes ever,
// which is how BookingSync takes it.
func updatedSince(q url.Values) (since time.Time, asked, ok bool) {
	if !q.Has("updated_since") {
		return time.Time{}, false, true
	}
	v := q.Get("updated_since")
	if v == "" {
		return time.Time{}, true, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 UTC"} {
		if at, err := time.Parse(layout, v); err == nil {
			return at, true, true
		}
	}
	return time.Time{}, true, false
}
