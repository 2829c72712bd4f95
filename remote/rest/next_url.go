package rest

import (
	"cmp"
	"fmt"
	"net/url"
)

// NextURL follows the URL of the next page that each answer has in its body, whole
// or relative. Null and an empty one are the last page. None at all is an error unless
// Omitted is set, because a path with a mistake in it would look the same.
type NextURL struct {
	// Path is where the URL is: "links.next", "@odata.nextLink". Defaults to
	// "next".
	Path string
	// PerPage names the parameter of the page's size. Defaults to "per_page".
	PerPage string
	// Omitted reports whether the API leaves the URL out on the last page.
	Omitted bool
	// Stable reports whether the next URL keeps leading to the same place in the list,
	// whatever comes and goes: it holds a cursor, not a page number. A later run
	// may then continue from Page.Cursor.
	Stable bool
}

var _ Pagination = NextURL{}

// First asks for the page's size.
func (n NextURL) First(query url.Values, perPage int) {
	setSize(query, cmp.Or(n.PerPage, "per_page"), perPage)
}

// Next returns the URL in the body.
func (n NextURL) Next(resp *Response) (*url.URL, error) {
	v, ok := resp.Lookup(n.path())
	switch {
	case !ok && n.Omitted:
		return nil, nil
	case !ok:
		return nil, fmt.Errorf("%s: the next URL is missing: set Omitted where this API leaves it out on the last page", n.path())
	}
	text, err := textOf(v)
	if kind := v.Kind(); err == nil && kind == '0' {
		err = fmt.Errorf("%s, not a URL", kindName(kind))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.path(), err)
	}
	if text == "" {
		return nil, nil
	}
	next, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not a URL", n.path(), shorten(text))
	}
	return next, nil
}

func (n NextURL) path() string    { return cmp.Or(n.Path, "next") }
func (n NextURL) paths() []string { return []string{n.path()} }
func (n NextURL) stays() bool     { return n.Stable }
