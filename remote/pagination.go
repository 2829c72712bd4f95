package remote

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Pagination is how an API's pages follow each other: [LinkHeader], [NextURL],
// [PageNumber], [Offset], [Cursor], [Sequence], or a type of the caller's.
// Implementations keep no state and are safe for concurrent use.
type Pagination interface {
	// First sets the parameters that the first page is asked with. PerPage is 0
	// where the size is left to the remote.
	First(query url.Values, perPage int)
	// Next finds the URL of the next page in an answer; it may be relative to the
	// answer's. Nil means that this was the last page, and is a promise: what a
	// complete run did not list may be removed locally. So an answer that can't be
	// understood is an error.
	Next(resp *Response) (*url.URL, error)
}

// What a style may have besides.
type (
	// reader names the paths in the body that it will look up.
	reader interface{ paths() []string }
	// checker says what is wrong with its settings.
	checker interface{ validate() error }
	// ender names the status that means "past the end", 0 for none.
	ender interface{ pastEnd() int }
	// predictor guesses the URL of the page n further than an answer's, nil where
	// there is none. Next decides whether the guess was right.
	predictor interface {
		predict(resp *Response, n int) *url.URL
	}
	// stayer says that a next URL keeps its place in the list.
	stayer interface{ stays() bool }
	// resumer tells the URL that goes on after an answer, also after the last. Its
	// last page may hold what came before.
	resumer interface{ resume(resp *Response) *url.URL }
)

// Response is one good answer, read to its end.
type Response struct {
	// URL is what was asked, after redirects, without what Auth put in its query.
	URL *url.URL
	// Header are the headers, and Body the body, decompressed. Neither must be
	// changed.
	Header http.Header
	Body   []byte
	// Page is what the body held.
	Page *Page
	// Seen is how many records the run has listed, with this page's.
	Seen int

	values map[string]Value // what the style asked for; nil where it is absent
	beyond bool             // the API said that there is no such page
}

// Lookup finds the value at a path of member names in the body, "meta.next", and
// whether there is one. A null is a value. A member of just that name, dots
// included, comes before a member of a member. The paths that the styles of this
// package name were found when the body was read; others are looked for again.
func (r *Response) Lookup(path string) (Value, bool) {
	if v, asked := r.values[path]; asked {
		return v, v != nil
	}
	return lookup(r.Body, path)
}

// text is the text of the string or number at a path, "" for null. Found is false
// where there is nothing.
func (r *Response) text(path string) (text string, found bool, err error) {
	v, found := r.Lookup(path)
	if !found {
		return "", false, nil
	}
	text, err = textOf(v)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return text, true, err
}

// textOf is the text of a string, and of a number as it is written; null is "".
func textOf(v Value) (string, error) {
	switch v.Kind() {
	case 'n':
		return "", nil
	case '0':
		return string(v), nil
	case '"':
		b, err := jsontext.AppendUnquote(nil, v)
		return string(b), err
	}
	return "", fmt.Errorf("%s, not a string or a number", kindName(v.Kind()))
}

// lookup finds a value by its path.
func lookup(v Value, path string) (Value, bool) {
	if found, ok := member(v, path); ok {
		return found, true
	}
	for i, r := range path {
		if r != '.' {
			continue
		}
		if inner, ok := member(v, path[:i]); ok {
			if found, ok := lookup(inner, path[i+1:]); ok {
				return found, true
			}
		}
	}
	return nil, false
}

// over says whether a list that is cut by position ends here: at an empty page, or
// where the total was reached. A total that is less than what was listed is
// wrong, and says nothing.
func over(resp *Response) bool {
	return len(resp.Page.Objects) == 0 || resp.Page.TotalKnown && resp.Seen == resp.Page.Total
}

// reaches says whether the page n further begins within the total, taking all
// pages to be as long as this one.
func reaches(resp *Response, n int) bool {
	return !over(resp) && (!resp.Page.TotalKnown || (n-1)*len(resp.Page.Objects) < resp.Page.Total-resp.Seen)
}

// parseCount reads a number of things.
func parseCount(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is not a count", shorten(s, maxExcerpt))
	}
	return int(n), nil
}

// checkPastEnd refuses a status that does not say "there is no such page".
func checkPastEnd(status int) error {
	switch status {
	case 0, http.StatusBadRequest, http.StatusNotFound, http.StatusGone,
		http.StatusRequestedRangeNotSatisfiable, http.StatusUnprocessableEntity:
		return nil
	}
	return fmt.Errorf("past end %d: want 400, 404, 410, 416 or 422", status)
}

// setSize asks for a page size.
func setSize(query url.Values, name string, perPage int) {
	if perPage > 0 {
		query.Set(name, strconv.Itoa(perPage))
	}
}

// intParam is a parameter of a URL as a number.
func intParam(u *url.URL, name string, or int) (int, error) {
	v := u.Query().Get(name)
	if v == "" {
		return or, nil
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("parameter %s: %q is not a number of 0 or more", name, shorten(v, maxExcerpt))
	}
	return int(n), nil
}

// withParam sets a parameter of a URL. The others stay as they are written.
func withParam(u *url.URL, name, value string) *url.URL {
	next := withoutPairs(u, func(n, _ string) bool { return n == name })
	if next.RawQuery != "" {
		next.RawQuery += "&"
	}
	next.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(value)
	return next
}

// withoutPairs leaves parameters out of a URL. The others stay as they are
// written.
func withoutPairs(u *url.URL, drop func(name, value string) bool) *url.URL {
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair == "" || drop(unescape(name), unescape(value)) {
			continue
		}
		kept = append(kept, pair)
	}
	next := *u
	next.RawQuery = strings.Join(kept, "&")
	return &next
}

// unescape reads a part of a query; one that is not well written stands for
// itself.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
