package rest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// LinkHeader follows the link with the relation "next" in the Link header
// (RFC 8288). No header, an empty one, and one without such a link are the last
// page.
type LinkHeader struct {
	// PerPage names the parameter of the page's size. Defaults to "per_page".
	PerPage string
	// Stable reports whether the next URL keeps leading to the same place in the list,
	// whatever comes and goes: it holds a cursor, not a page number. A later run
	// may then continue from Page.Cursor.
	Stable bool
}

var _ Pagination = LinkHeader{}

// First asks for the page's size.
func (l LinkHeader) First(query url.Values, perPage int) {
	setSize(query, cmp.Or(l.PerPage, "per_page"), perPage)
}

// Next returns the target of the "next" link.
func (LinkHeader) Next(resp *Response) (*url.URL, error) {
	header := strings.TrimLeft(strings.Join(resp.Header.Values("Link"), ","), ", \t")
	for header != "" {
		link, rest, ok := cutLink(header)
		if !ok {
			text, _, _ := strings.Cut(header, ",")
			return nil, fmt.Errorf("header Link: %q is not a link", text)
		}
		if slices.Contains(link.relations, "next") {
			next, err := url.Parse(link.target)
			if err != nil {
				return nil, fmt.Errorf("header Link: %q is not a URL", link.target)
			}
			return next, nil
		}
		header = strings.TrimLeft(rest, ", \t")
	}
	return nil, nil
}

func (l LinkHeader) stays() bool { return l.Stable }

// headerLink is one link of a Link header.
type headerLink struct {
	target    string
	relations []string // in lower case
}

// cutLink reads the link that a header begins with, and returns what follows it.
func cutLink(header string) (link headerLink, rest string, ok bool) {
	if header, ok = strings.CutPrefix(header, "<"); !ok {
		return link, "", false
	}
	link.target, rest, ok = strings.Cut(header, ">")
	for ok && link.target != "" {
		rest = strings.TrimLeft(rest, " \t")
		switch {
		case rest == "" || rest[0] == ',':
			return link, rest, true
		case rest[0] != ';':
			return link, "", false
		}
		var name, value string
		if name, value, rest = cutParameter(rest[1:]); name == "rel" {
			link.relations = append(link.relations, strings.Fields(strings.ToLower(value))...)
		}
	}
	return link, "", false
}

// cutParameter reads the parameter that a text begins with, such as rel="next",
// and returns what follows it. The value may stand in quotes, or in single ones.
func cutParameter(s string) (name, value, rest string) {
	name, s = cutBefore(s, "=;,")
	name = strings.ToLower(strings.TrimSpace(name))
	s, ok := strings.CutPrefix(s, "=")
	if !ok {
		return name, "", s
	}
	if quoted, ok := strings.CutPrefix(strings.TrimLeft(s, " \t"), `"`); ok {
		value, s = cutQuoted(quoted)
		_, rest = cutBefore(s, ";,")
		return name, value, rest
	}
	value, rest = cutBefore(s, ";,")
	return name, strings.Trim(value, " \t'"), rest
}

// cutBefore cuts a text before the first of some characters.
func cutBefore(s, chars string) (before, rest string) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// cutQuoted reads a text up to the quote that ends it.
func cutQuoted(s string) (text, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			return b.String(), s[i+1:]
		}
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
