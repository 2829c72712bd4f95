package remote

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/peterhellberg/link"
)

// Pagination finds the URL of the next page in an answer. Nil means that this was
// the last page, and is a promise: what a complete run did not list may be
// removed locally. So an answer that can't be understood is an error. The URL may
// be relative to the answer's. Implementations keep no state and are safe for
// concurrent use.
type Pagination interface {
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
}

// LinkHeader follows the link with the relation "next" in the Link header
// (RFC 8288). No header, an empty one, and one without such a link are the last
// page.
type LinkHeader struct{}

var _ Pagination = LinkHeader{}

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
