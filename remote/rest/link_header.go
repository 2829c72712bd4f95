package rest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/peterhellberg/link"
)

// LinkHeader follows the link with the relation "next" in the Link header
// (RFC 8288). No header, an empty one, and one without such a link are the last
// page.
type LinkHeader struct {
	// PerPage names the parameter of the page's size. Defaults to "per_page".
	PerPage string
	// Stable says that the next URL keeps leading to the same place in the list,
	// whatever comes and goes: it holds a cursor, not a page number. A later run
	// may then go on from Page.Cursor.
	Stable bool
}

var _ Pagination = LinkHeader{}

// First asks for the page's size.
func (l LinkHeader) First(query url.Values, perPage int) {
	setSize(query, cmp.Or(l.PerPage, "per_page"), perPage)
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

func (l LinkHeader) stays() bool { return l.Stable }

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
