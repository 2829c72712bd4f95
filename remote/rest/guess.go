package rest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// guess is a pagination that would read the pages of an answer, and why.
type guess struct {
	style Pagination
	why   string
	total sign // of a total that it needs to find the end
}

// evidence is what an answer says of its list, for a guess at how that is read.
type evidence struct {
	asked  *url.URL // with what was asked
	header http.Header
	body   []byte
	list   string // the path of the list in the body
	signs  []sign
	n      int    // records on the page
	ids    string // the path of an id in each record, "" where that is not known
}

// newEvidence reads an answer.
func newEvidence(asked *url.URL, header http.Header, body []byte, list string, n int) *evidence {
	return &evidence{asked: asked, header: header, body: body, list: list, n: n, ids: "id", signs: signsOf(header, body, list)}
}

// find returns the first sign that says something.
func (e *evidence) find(what says) (sign, bool) {
	i := slices.IndexFunc(e.signs, func(s sign) bool { return s.says == what })
	if i < 0 {
		return sign{}, false
	}
	return e.signs[i], true
}

// guesses are the paginations that may read the pages of an answer, the likeliest first.
func (e *evidence) guesses() (found []guess) {
	if s, ok := e.find(saysSequence); ok && !s.header {
		return []guess{{style: Sequence{Path: unless(s.at, "last_seq"), Limit: unless(e.sizeName(nil), "limit")}, why: fmt.Sprintf("%q is the number of the last change", s.at)}}
	}
	head := &Response{Header: e.header}
	if next, err := (LinkHeader{}).Next(head); err == nil && next != nil {
		found = append(found, guess{style: LinkHeader{PerPage: unless(e.sizeName(next), "per_page")}, why: "the header Link names the next page"})
	} else if err == nil && linked(head) {
		found = append(found, guess{style: LinkHeader{PerPage: unless(e.sizeName(nil), "per_page")}, why: "the header Link tells of pages"})
	}
	urls, cursors := e.byNext()
	if s, ok := e.find(saysPosition); ok && len(urls)+len(cursors) == 0 { // the last page, which has no way on
		why := fmt.Sprintf("APIs that have %q page so", s.at)
		if strings.HasPrefix(s.at, "@odata") {
			return []guess{{style: NextURL{Path: "@odata.nextLink", Omitted: true}, why: why}}
		}
		return []guess{{style: Cursor{Param: "pageToken", PerPage: unless(e.sizeName(nil), "limit"), Path: "nextPageToken", Omitted: true}, why: why}}
	}
	return slices.Concat(found, urls, cursors, e.byCount(), e.byFlag())
}

// hint is the likeliest pagination, as Go code.
func (e *evidence) hint() string {
	switch all := e.guesses(); {
	case len(all) == 0:
		return "rest.Cursor{}"
	case all[0].total.at == "":
		return codeOf(all[0].style)
	case len(all) > 1 && all[0].total.at == all[1].total.at:
		return fmt.Sprintf("%s or %s, with %s", codeOf(all[0].style), codeOf(all[1].style), all[0].total.setting())
	default:
		return fmt.Sprintf("%s, with %s", codeOf(all[0].style), all[0].total.setting())
	}
}

// byNext are the guesses from what the answer says of a way to the next page.
func (e *evidence) byNext() (urls, cursors []guess) {
	more, end := e.flags()
	for _, s := range e.signs {
		if s.says != saysNext && (s.says != saysEnd || more+end == "") {
			continue
		}
		text, why := s.text(), fmt.Sprintf("%q leads to the next page", s.place())
		if !truthy(s.value) {
			why = fmt.Sprintf("%q is empty, as on a last page", s.place())
		}
		if isURL := isURL(text) || text == "" && namesURL(s.at); isURL && !s.header {
			next, _ := url.Parse(text)
			urls = append(urls, guess{why: why, style: NextURL{Path: unless(s.at, "next"), PerPage: unless(e.sizeName(next), "per_page"), MorePath: more, EndPath: end, Omitted: omits(s.at) && more+end == ""}})
			continue
		}
		for _, param := range cursorNames(s) {
			c := Cursor{Param: unless(param, "cursor"), PerPage: unless(e.sizeName(nil), "limit"), MorePath: more, EndPath: end, Omitted: omits(s.at) && more+end == ""}
			if c.Path = unless(s.at, "next_cursor"); s.header {
				c.Path, c.Header = "", s.at
			}
			cursors = append(cursors, guess{style: c, why: why})
		}
	}
	return urls, cursors
}

// byCount are the guesses from numbers: of pages, of this page, of records before it.
func (e *evidence) byCount() (found []guess) {
	more, end := e.flags()
	page, byPage := e.find(saysPage)
	offset, byOffset := e.find(saysOffset)
	total, bounded := e.total()
	size := e.sizeName(nil)
	numbered := PageNumber{Param: unless(e.pageName(page), "page"), PerPage: unless(size, "per_page"), MorePath: more, EndPath: end}
	if at, err := page.count(); byPage && err == nil && at == 0 {
		numbered.ZeroBased = true
	}
	skipping := Offset{Param: unless(e.offsetName(offset), "offset"), Limit: unless(size, "limit"), MorePath: more, EndPath: end}
	if s, ok := e.find(saysPages); ok {
		if numbered.MorePath, numbered.EndPath = "", ""; s.header {
			numbered.TotalPagesHeader = s.at
		} else {
			numbered.TotalPagesPath = s.at
		}
		found = append(found, guess{style: numbered, why: fmt.Sprintf("%q is the number of pages", s.place())})
	}
	if r, ok := parseRange(e.header.Get(contentRangeHeader)); ok && r.known {
		found = append(found, guess{style: skipping, why: "the header Content-Range tells which records the answer has", total: sign{says: saysTotal, at: contentRangeHeader, header: true}})
	}
	pageAsked, offsetAsked := e.asks(pageParams), e.asks(offsetParams)
	if (byPage || pageAsked != "") && !byOffset && offsetAsked == "" {
		found = append(found, guess{style: numbered, why: e.why(page, byPage, pageAsked, "the number of the page"), total: total})
	}
	if byOffset || offsetAsked != "" {
		found = append(found, guess{style: skipping, why: e.why(offset, byOffset, offsetAsked, "how many records come before the page"), total: total})
	}
	if len(found) == 0 && bounded && more+end == "" {
		why := fmt.Sprintf("%q is more than the records of the page", total.place())
		found = append(found, guess{style: numbered, why: why, total: total}, guess{style: skipping, why: why, total: total})
	}
	return found
}

// byFlag are the guesses where only a boolean says that there is another page.
func (e *evidence) byFlag() []guess {
	more, end := e.flags()
	if more+end == "" {
		return nil
	}
	why := fmt.Sprintf("%q says whether another page follows", more+end)
	size := e.sizeName(nil)
	last := Cursor{Param: "starting_after", PerPage: unless(size, "limit"), LastRecord: cmp.Or(e.ids, "id"), MorePath: more, EndPath: end}
	return []guess{
		{style: last, why: why},
		{style: PageNumber{PerPage: unless(size, "per_page"), MorePath: more, EndPath: end}, why: why},
		{style: Offset{Limit: unless(size, "limit"), MorePath: more, EndPath: end}, why: why},
	}
}

// flags are the paths of the booleans that tell whether another page follows, at most one.
// One that says that none does, beside a way to it, tells something else.
func (e *evidence) flags() (more, end string) {
	ways := slices.ContainsFunc(e.signs, func(s sign) bool { return s.says == saysNext && truthy(s.value) })
	for _, s := range e.signs {
		switch _, ended := s.more(1, e.n); {
		case s.header || more+end != "" || ended && ways:
		case s.says == saysMore:
			more = s.at
		case s.says == saysLast:
			end = s.at
		}
	}
	return more, end
}

// total is where a number of records is told that is more than the page has.
func (e *evidence) total() (sign, bool) {
	for _, s := range e.signs {
		if n, err := s.count(); s.says == saysTotal && err == nil && n > e.n {
			return s, true
		}
	}
	return sign{}, false
}

// why says what shows a style: a member, or a parameter of what was asked.
func (e *evidence) why(s sign, told bool, asked, what string) string {
	if told {
		return fmt.Sprintf("%q is %s", s.place(), what)
	}
	return fmt.Sprintf("the URL has the parameter %q, %s", asked, what)
}
