package rest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// roundSizes are the lengths of pages that APIs cut where they are not asked for one.
var roundSizes = []int{10, 20, 25, 30, 50, 100, 200, 250, 500, 1000}

// shownAgain is the doubt about a list whose last page came again: a remote that shows it to
// those who ask past the end is like a cache that answers the next page with this one.
const shownAgain = "the remote showed a page again when the next one was asked for, and nothing tells that the list ends there: say where it ends, by TotalPath, TotalHeader, or the pagination's MorePath or EndPath"

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
	why, ended := l.unread(resp, got.envelope.records)
	if why != "" {
		err := &remote.FormatError{Reason: why, Err: remote.ErrPagesUnread}
		return got.format(err, nil)
	}
	if page.Number > 1 || ended || linked(resp) || l.declaresTotal() && page.TotalKnown {
		return nil
	}
	if n := len(page.Objects); n > 0 && (n == l.config.PerPage || slices.Contains(roundSizes, n)) {
		page.Unended = fmt.Sprintf("the only page has %d records, as many as a page may hold, and nothing tells that the list ends there: set rest.Config.Pagination, to rest.OnePage{} where a list comes whole", n)
	}
	return nil
}

// unread returns what shows in an answer that there is more than its list, which is at a
// path, with the setting that would read it; and whether something shows that there is not.
func (l *lister) unread(resp *Response, list string) (why string, ended bool) {
	seen := newEvidence(resp.URL, resp.Header, resp.Body, list, resp.Seen)
	pages := resp.Page.Number
	if linked(resp) {
		pages = math.MaxInt // its own links say more than a number
	}
	for _, s := range seen.signs {
		if !s.header && s.at == l.config.TotalPath {
			continue
		}
		more, end := s.more(pages, resp.Seen)
		if ended = ended || end; !more {
			continue
		}
		return fmt.Sprintf("the answer shows in %q that there is more, and no Pagination is declared that reads it: set one, such as %s, or rest.OnePage{} where a list comes whole", s.place(), seen.hint()), false
	}
	return "", ended
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
