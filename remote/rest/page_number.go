package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/syncedgo/synced/internal/rawquery"
)

// PageNumber asks for page 1, 2, 3 and so on. Which page is the last is told by
// the number of pages where that is declared; else by Page.Total, once as many
// records were listed; else it is the first empty page. A short page is not the
// last. Where a total is wrong, set Config.TotalHeader to [None].
type PageNumber struct {
	// Param names the parameter of the number. Defaults to "page".
	Param string
	// PerPage names the parameter of the page's size. Defaults to "per_page".
	PerPage string
	// ZeroBased reports whether the first page is page 0.
	ZeroBased bool
	// TotalPagesHeader or TotalPagesPath is where each answer says how many pages
	// there are: a header, or a path in the body, "meta.pages". Defaults to
	// nowhere. An answer without it is an error.
	TotalPagesHeader, TotalPagesPath string
	// MorePath is the path of a member that is true where another page follows, and
	// EndPath of one that is true on the last: one of them, in place of a number of
	// pages. It must be in each answer. They default to none.
	MorePath, EndPath string
	// PastEnd is the status, 400 or 404, with which the API answers when asked for
	// a page past the end. It is taken for the end after the first page only, and
	// is not for an API that tells its number of pages. Defaults to none.
	PastEnd int
}

var _ Pagination = PageNumber{}

// First asks for the first page.
func (p PageNumber) First(query url.Values, perPage int) {
	query.Set(p.param(), strconv.Itoa(p.first()))
	setSize(query, cmp.Or(p.PerPage, "per_page"), perPage)
}

// Next counts on from the answer's number.
func (p PageNumber) Next(resp *Response) (*url.URL, error) {
	last, known, err := p.last(resp)
	if err != nil {
		return nil, err
	}
	ended, told, err := p.ending().read(resp)
	if err != nil || ended {
		return nil, err
	}
	page, err := intParam(resp.URL, p.param(), p.first())
	switch {
	case err != nil:
		return nil, err
	case told:
	case known && page >= last, !known && over(resp):
		return nil, nil
	}
	return p.at(resp, page+1), nil
}

// pages is the number of pages, 0 where it is not declared.
func (p PageNumber) pages(resp *Response) int {
	last, known, err := p.last(resp)
	if err != nil || !known {
		return 0
	}
	return last + 1 - p.first()
}

// predict counts on, as far as the list is known to go.
func (p PageNumber) predict(resp *Response, n int) *url.URL {
	last, known, err := p.last(resp)
	if err != nil {
		return nil
	}
	page, err := intParam(resp.URL, p.param(), p.first())
	if err != nil || known && page+n > last || !known && !reaches(resp, n) {
		return nil
	}
	return p.at(resp, page+n)
}

// last is the number of the last page, where it is declared.
func (p PageNumber) last(resp *Response) (last int, known bool, err error) {
	place, text := p.TotalPagesPath, ""
	switch {
	case p.TotalPagesHeader != "":
		place, text = "header "+p.TotalPagesHeader, resp.Header.Get(p.TotalPagesHeader)
	case p.TotalPagesPath != "":
		if text, _, err = resp.text(p.TotalPagesPath); err != nil {
			return 0, true, err
		}
	default:
		return 0, false, nil
	}
	if text == "" {
		return 0, true, fmt.Errorf("%s: the number of pages is missing", place)
	}
	pages, err := parseCount(text)
	if err != nil {
		return 0, true, fmt.Errorf("%s: %w", place, err)
	}
	return p.first() + pages - 1, true, nil
}

func (p PageNumber) at(resp *Response, page int) *url.URL {
	return rawquery.With(resp.URL, p.param(), strconv.Itoa(page))
}

func (p PageNumber) param() string     { return cmp.Or(p.Param, "page") }
func (p PageNumber) pastEnd() int      { return p.PastEnd }
func (p PageNumber) numbers() []string { return []string{p.param(), cmp.Or(p.PerPage, "per_page")} }
func (p PageNumber) ending() ending    { return ending{p.MorePath, p.EndPath, false} }

func (p PageNumber) first() int {
	if p.ZeroBased {
		return 0
	}
	return 1
}

func (p PageNumber) paths() []string {
	paths := p.ending().paths()
	if p.TotalPagesPath != "" {
		paths = append(paths, p.TotalPagesPath)
	}
	return paths
}

func (p PageNumber) validate() error {
	switch told := p.TotalPagesHeader != "" || p.TotalPagesPath != ""; {
	case p.TotalPagesHeader != "" && p.TotalPagesPath != "":
		return errors.New("TotalPagesHeader and TotalPagesPath: want one of them")
	case told && p.PastEnd != 0:
		return errors.New("PastEnd: not where the number of pages is told")
	}
	return errors.Join(checkPastEnd(p.PastEnd), p.ending().validate())
}
