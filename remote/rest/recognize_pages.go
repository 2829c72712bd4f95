package rest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/syncedgo/synced/remote"
)

// paginate finds the pagination: the first guess with which a second page comes that lists
// what the first does not.
func (r *recognizer) paginate(ctx context.Context) error {
	first := r.pages[0]
	e := newEvidence(r.target.asked, first.head.Header, first.body, pathTo(r.config.RecordsKey, r.target.endpoint), len(first.records))
	if id := shapeOf(first.records).id(r.target.list()); id != nil {
		e.ids = id.path
		if r.config.RecordPath != "" {
			e.ids = r.config.RecordPath + "." + id.path
		}
	}
	r.position(e)
	guesses := e.guesses()
	if len(guesses) == 0 && slices.Contains(roundSizes, e.n) {
		why := fmt.Sprintf("a second page comes of it; the first has %d records and shows nothing", e.n)
		guesses = []guess{{style: PageNumber{PerPage: unless(e.sizeName(nil), "per_page")}, why: why}, {style: Offset{Limit: unless(e.sizeName(nil), "limit")}, why: why}}
	} else if len(guesses) == 0 {
		r.wonder("how pages follow each other: the answer has %d records and shows nothing of pages. If the list comes whole, set Pagination: rest.OnePage{}; else try its URL with a small page size", e.n)
		return nil
	}
	for len(guesses) > 0 && r.memory.asked <= mostAsked-2 && e.n > 0 {
		g := guesses[0]
		pages, err := r.read(ctx, r.with(g), 2)
		switch n, numbered := g.style.(PageNumber); {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, remote.ErrForeignURL):
			r.wonder("whether the next page is read: its URL leads to another host. Set Hosts where that host is to get the credentials")
			r.choose(g)
			return nil
		case len(pages) > 0 && numbered && !n.ZeroBased && apart(first.records, pages[0].records):
			n.ZeroBased = true // page 1 is not the first
			guesses[0].style, guesses[0].why = n, g.why+"; page 1 is not the first"
			continue
		case len(pages) == 2 && !apart(first.records, pages[0].records) && news(pages[0].records, pages[1].records):
			r.pages = pages
			r.choose(r.leftOut(g))
			r.cursorInURL(e)
			return nil
		}
		guesses = guesses[1:]
	}
	if shown := e.guesses(); len(shown) > 0 && shown[0].total.at == "" {
		r.choose(shown[0])
	}
	_, more := e.total()
	switch {
	case r.config.Pagination == nil && more:
		r.wonder("how pages follow each other: the answer shows that there is more, and no usual parameter leads to it. Give the URL with the one that chooses a page, such as from=0")
	case r.config.Pagination == nil:
		r.wonder("how pages follow each other: no second page was seen. If the list comes whole, set Pagination: rest.OnePage{}; else try its URL with a small page size")
	default:
		r.wonder("whether Pagination is right: no second page was seen. Try the URL of a list with more records, or with a small page size")
	}
	return nil
}

// with is the settings with a guess.
func (r *recognizer) with(g guess) Config {
	c := r.config
	c.Pagination = g.style
	name := sizeOf(g.style)
	if n, err := strconv.Atoi(r.target.query.Get(name)); err == nil && n > 0 {
		c.PerPage = n
	}
	return c
}

// query is what the list is asked with besides what the settings put there.
func (r *recognizer) query(c Config) url.Values {
	query := url.Values{}
	for name, values := range r.target.query {
		if c.PerPage == 0 || name != sizeOf(c.Pagination) {
			query[name] = values
		}
	}
	return query
}

// sizeOf is the parameter of a page's size, "" where a style has none.
func sizeOf(style Pagination) string {
	if style == nil {
		return ""
	}
	with, without := url.Values{}, url.Values{}
	style.First(with, 7)
	style.First(without, 0)
	for name := range with {
		if !without.Has(name) {
			return name
		}
	}
	return ""
}

// choose settles on a guess.
func (r *recognizer) choose(g guess) {
	r.config = r.with(g)
	r.target.query = r.query(r.config)
	r.tell("Pagination", codeOf(g.style), g.why)
	if r.config.PerPage > 0 {
		r.tell("PerPage", strconv.Itoa(r.config.PerPage), fmt.Sprintf("the URL asks for as many, by %q", sizeOf(g.style)))
	}
}

// news reports whether a page lists what the one before it does not.
func news(before, page []remote.Value) bool {
	return slices.ContainsFunc(page, func(v remote.Value) bool {
		return !slices.ContainsFunc(before, func(old remote.Value) bool { return string(old) == string(v) })
	})
}

// apart reports whether two pages have no record in common.
func apart(a, b []remote.Value) bool {
	return !slices.ContainsFunc(a, func(v remote.Value) bool {
		return slices.ContainsFunc(b, func(w remote.Value) bool { return string(v) == string(w) })
	})
}

// cursorInURL tells of a URL of the next page that has a cursor: whether that is one of an
// offset can't be seen.
func (r *recognizer) cursorInURL(e *evidence) {
	var next *url.URL
	switch style := r.config.Pagination.(type) {
	case LinkHeader:
		next, _ = style.Next(&Response{Header: e.header})
	case NextURL:
		v, _ := lookup(e.body, style.path())
		text, _ := textOf(v)
		next, _ = url.Parse(text)
	}
	if name := asks(next, append([]string{"$skiptoken"}, cursorParams...)); name != "" {
		r.wonder("whether the next page keeps its place when records come and go: its URL has %q. If that names a record or a moment, set Stable: true in Pagination, which saves a request for each absent record", name)
	}
}

// leftOut finds out whether the way to the next page is left out on the last one, where
// nothing else tells the end.
func (r *recognizer) leftOut(g guess) guess {
	last := r.pages[len(r.pages)-1]
	path, there, before := "", false, g.style
	switch style := g.style.(type) {
	case NextURL:
		if style.Omitted || len(style.ending().paths()) > 0 {
			return g
		}
		path = style.path()
		_, there = lookup(last.body, path)
		style.Omitted = true
		g.style = style
	case Cursor:
		if style.Omitted || len(style.ending().paths()) > 0 || style.LastRecord != "" {
			return g
		}
		path = style.path()
		if _, there = lookup(last.body, path); style.Header != "" {
			path, there = style.Header, len(last.head.Header.Values(style.Header)) > 0
		}
		style.Omitted = true
		g.style = style
	default:
		return g
	}
	if there && (!last.more || writesNull(r.pages[0].body, path)) {
		g.style = before
		return g
	}
	if there {
		g.style = before
		r.wonder("whether %q is left out on the last page, which was not seen. If it is, the first run says so, and Pagination needs Omitted: true", path)
		return g
	}
	g.why += fmt.Sprintf("; page %d, the last, has none", len(r.pages))
	return g
}

// writesNull reports whether the first page has null for the page before it: then the last
// has null for the one after it.
func writesNull(first []byte, next string) bool {
	in := next[:len(next)-len(lastName(next))]
	for _, name := range []string{"previous", "prev", "previous_page_url", "prev_page_url", "previous_cursor", "prev_cursor"} {
		if v, ok := lookup(first, in+name); ok && v.Kind() == 'n' {
			return true
		}
	}
	return false
}
