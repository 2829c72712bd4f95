package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
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
	// checker returns what is wrong with its settings.
	checker interface{ validate() error }
	// ender names the status that means "past the end", 0 for none.
	ender interface{ pastEnd() int }
	// predictor guesses the URL of the page n further than an answer's, nil where
	// there is none. Next decides whether the guess was right.
	predictor interface {
		predict(resp *Response, n int) *url.URL
	}
	// stayer reports whether a next URL keeps its position in the list.
	stayer interface{ stays() bool }
	// shifter reports whether a next URL, given after so many records, is a position in
	// the list, whatever is declared.
	shifter interface {
		shifts(next *url.URL, seen int) bool
	}
	// pager returns how many pages an answer says that there are, 0 where it does not.
	pager interface{ pages(resp *Response) int }
	// placer names the parameters that are a place in the list.
	placer interface{ places() []string }
	// numberer names the parameters that are numbers.
	numberer interface{ numbers() []string }
	// resumer returns the URL that continues after an answer, even after the last. Its
	// last page may hold what came before.
	resumer interface{ resume(resp *Response) *url.URL }
)

// placesOf are the parameters of a pagination that are a place in the list, and no secret,
// whatever they are called.
func placesOf(p Pagination) []string {
	if p, ok := p.(placer); ok {
		return p.places()
	}
	return nil
}

// over reports whether a list that is cut by position ends here: at an empty page, or
// where a total that is declared was reached on a page that is not full. A total may
// be capped, so after a full page one more is asked for. One that is less than what was
// listed is wrong, and says nothing.
func over(resp *Response) bool {
	return len(resp.Page.Objects) == 0 || reached(resp) && !resp.full
}

// reached reports whether as many records were listed as a declared total says.
func reached(resp *Response) bool {
	return resp.declared && resp.Page.TotalKnown && resp.Seen == resp.Page.Total
}

// reaches reports whether the page n further begins within the total, taking all
// pages to be as long as this one.
func reaches(resp *Response, n int) bool {
	return !over(resp) && (!resp.declared || !resp.Page.TotalKnown || (n-1)*len(resp.Page.Objects) < resp.Page.Total-resp.Seen)
}

// parseCount reads a number of things.
func parseCount(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is not a count", shorten(s))
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
		return 0, fmt.Errorf("parameter %s: %q is not a number of 0 or more", name, shorten(v))
	}
	return int(n), nil
}

// shorten cuts a text of valid UTF-8 that an error quotes.
func shorten(text string) string {
	n := 200
	if len(text) <= n {
		return text
	}
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}
