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
	// MorePath is the path of a member that is true where another page follows, and
	// EndPath of one that is true on the last: one of them, for an API that gives a URL
	// there too. It must be in each answer. They default to none.
	MorePath, EndPath string
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
	ended, told, err := n.ending().read(resp)
	if err != nil || ended {
		return nil, err
	}
	v, ok := resp.Lookup(n.path())
	switch {
	case !ok && n.Omitted:
		return nil, nil
	case !ok:
		return nil, fmt.Errorf("%s: the next URL is missing: set Omitted where this API leaves it out on the last page, or correct the path", n.path())
	}
	text, err := textOf(v)
	if kind := v.Kind(); err == nil && kind == '0' {
		err = fmt.Errorf("%s, not a URL", kindName(kind))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.path(), err)
	}
	switch {
	case text == "" && told:
		return nil, fmt.Errorf("%s and %s has no URL", n.ending().saysMore(), n.path())
	case text == "":
		return nil, nil
	}
	next, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not a URL", n.path(), shorten(text))
	}
	return next, nil
}

func (n NextURL) path() string    { return cmp.Or(n.Path, "next") }
func (n NextURL) paths() []string { return append(n.ending().paths(), n.path()) }
func (n NextURL) stays() bool     { return n.Stable }
func (n NextURL) ending() ending  { return ending{n.MorePath, n.EndPath, false} }
func (n NextURL) validate() error { return n.ending().validate() }
