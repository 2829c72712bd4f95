package remote

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/peterhellberg/link"
)

// Pagination is how an API's pages follow each other. Implementations keep no
// state and are safe for concurrent use.
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

// Response is one good answer, read to its end.
type Response struct {
	// URL is what was asked, after redirects.
	URL *url.URL
	// Header are the headers, and Body the body, decompressed. Neither must be
	// changed.
	Header http.Header
	Body   []byte
	// Page is what the body held.
	Page *Page
	// Seen is how many records the run has listed, with this page's.
	Seen int
}

// LinkHeader follows the link with the relation "next" in the Link header
// (RFC 8288). No header, an empty one, and one without such a link are the last
// page.
type LinkHeader struct {
	// PerPage names the parameter of the page's size. Defaults to "per_page".
	PerPage string
}

var _ Pagination = LinkHeader{}

// First asks for the page's size.
func (l LinkHeader) First(query url.Values, perPage int) {
	if perPage > 0 {
		query.Set(cmp.Or(l.PerPage, "per_page"), strconv.Itoa(perPage))
	}
}

// Next returns the target of the "next" link.
func (LinkHeader) Next(resp *Response) (*url.URL, error) {
	for _, value := range splitLinks(strings.Join(resp.Header.Values("Link"), ",")) {
		group := link.Parse(value)
		if group == nil {
			return nil, fmt.Errorf("header Link: %q is not a link", value)
		}
		for rel, l := range group {
			if !slices.Contains(strings.Fields(strings.Trim(rel, "'")), "next") {
				continue
			}
			next, err := url.Parse(l.URI)
			if err != nil {
				return nil, fmt.Errorf("header Link: %q is not a URL", l.URI)
			}
			return next, nil
		}
	}
	return nil, nil
}

// splitLinks cuts a Link header into its links, written the one way that
// [link.Parse] reads without loss: it drops a comma inside a URL (fields=a,b),
// cuts at a comma or semicolon inside a quoted title, and does not know "REL" or
// a space before the semicolon. A next link lost that way would pass for the end
// of the list.
func splitLinks(header string) []string {
	var links []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			links = append(links, b.String())
		}
		b.Reset()
	}
	var inURL, quoted, escaped bool
	for _, r := range header {
		switch {
		case inURL && r == ',':
			b.WriteString("%2C")
		case inURL:
			inURL = r != '>'
			b.WriteRune(r)
		case quoted && escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case quoted && strings.ContainsRune(",;=", r): // no part of a relation
		case r == ',':
			flush()
		case !quoted && (r == ' ' || r == '\t'):
		default:
			inURL = !quoted && r == '<'
			quoted = quoted != (r == '"')
			b.WriteString(strings.ToLower(string(r)))
		}
	}
	flush()
	return links
}
