package rest

import (
	"fmt"
	"time"
)

// maxStale is how much earlier than the first page a later one may have been made that a
// cache kept. Dates alone prove nothing: a clock may go back, and servers disagree.
const maxStale = 5 * time.Second

// before is what earlier pages said of the whole list.
type before struct {
	told  bool      // a total that was not the length of its page
	pages int       // the most that there are
	date  time.Time // when the first page was made
	cut   edge
	order order
}

// compare looks at a page beside those before it. A list that lost pages changed while
// it was read; a page that is older than the first hides what changed between.
func (w *walk) compare(resp *Response) {
	page := resp.Page
	made := page.Date.Add(-page.Age)
	if w.before.date.IsZero() && !page.Date.IsZero() {
		w.before.date = made
	}
	early := w.before.date.Sub(made)
	p, paged := w.lister.config.Pagination.(pager)
	switch {
	case page.Partial != "" || resp.beyond:
	case !page.Date.IsZero() && page.Age > 0 && early > maxStale:
		page.Partial = fmt.Sprintf("page %d was made %v before the first, and a cache kept it: what changed between is not on it; ask for fresh answers, as by rest.Config.Header", page.Number, early)
	case paged:
		n := p.pages(resp)
		if n > 0 && n < w.before.pages {
			page.Partial = fmt.Sprintf("the remote's list changed while it was read: it had %d pages, and then %d", w.before.pages, n)
		}
		w.before.pages = max(w.before.pages, n)
	}
}

// doubt drops a total that counts the page: one that is the page's length though there
// are others, as on all pages before, or that nobody declared.
func (w *walk) doubt(resp *Response) {
	page, n := resp.Page, len(resp.Page.Objects)
	if !page.TotalKnown {
		return
	}
	own := page.Total == n && n > 0
	w.before.told = w.before.told || !own
	if own && (!w.lister.declaresTotal() || !w.before.told && (w.seen > n || w.next != nil)) {
		page.Total, page.TotalKnown = 0, false
	}
}
