package rest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// roundSizes are the lengths of pages that APIs cut where they are not asked for one.
var roundSizes = []int{10, 20, 25, 30, 50, 100, 200, 250, 500, 1000}

// end looks at the last page of a list of which no pagination is declared. What shows
// that there is more is an error; a full page that nothing tells the end of is marked.
func (w *walk) end(got *call) error {
	l, resp := w.lister, got.resp
	page := resp.Page
	if page.Partial == "" {
		page.Partial = w.part.cut
	}
	if l.declared || resp.beyond || page.NotModified {
		return nil
	}
	told := shows(resp, []string{l.config.TotalPath, l.config.RecordsKey})
	if told.path != "" {
		err := &remote.FormatError{Reason: told.why, Err: remote.ErrPagesUnread}
		return got.format(err, nil)
	}
	if page.Number > 1 || told.ended || linked(resp) || l.declaresTotal() && page.TotalKnown {
		return nil
	}
	if n := len(page.Objects); n > 0 && (n == l.config.PerPage || slices.Contains(roundSizes, n)) {
		page.Unended = fmt.Sprintf("the only page has %d records, as many as a page may hold, and nothing tells that the list ends there: set rest.Config.Pagination, to rest.OnePage{} where a list comes whole", n)
	}
	return nil
}

// linked reports whether an answer has a Link header that knows of pages: an empty one,
// or one with the first, the previous or the last page.
func linked(resp *Response) bool {
	values := resp.Header.Values("Link")
	header := strings.TrimLeft(strings.Join(values, ","), ", \t")
	if header == "" {
		return len(values) > 0
	}
	for header != "" {
		link, rest, ok := cutLink(header)
		if !ok {
			return false
		}
		for _, relation := range []string{"first", "prev", "previous", "last", "next"} {
			if slices.Contains(link.relations, relation) {
				return true
			}
		}
		header = strings.TrimLeft(rest, ", \t")
	}
	return false
}

// declaresTotal reports whether the user said where the total is. The default header
// may be there by chance, and count something else.
func (l *lister) declaresTotal() bool { return l.config.TotalPath != "" || l.totalHeader }
