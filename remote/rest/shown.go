package rest

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// How APIs name what tells of pages, in lower case and without signs.
var (
	// shownIn are the objects beside the records that tell of pages.
	shownIn = []string{"meta", "metadata", "pagination", "paging", "page", "pager", "links", "info", "pageinfo", "responsemetadata", "cursors", "cursor"}
	// shownNext are ways to the next page, empty on the last.
	shownNext = []string{"next", "nextpage", "nextcursor", "nextpagetoken", "nexttoken", "nexturl", "nexturi", "nextlink", "nextpageurl", "nextpagelink",
		"nexthref", "nextrecordsurl", "nextoffset", "odatanextlink", "cursor", "aftercursor", "continuation", "continuationtoken", "nextmarker", "nextrange"}
	// shownMore are booleans that another page follows.
	shownMore = []string{"hasmore", "more", "hasnext", "hasnextpage", "hasmorepages", "hasmoreitems", "istruncated", "truncated"}
	// shownPages are numbers of pages.
	shownPages = []string{"totalpages", "pagecount", "pagestotal", "lastpage", "numpages", "pages", "wptotalpages", "paginationpagecount"}
	// shownTotal are numbers of records.
	shownTotal = []string{"total", "totalcount", "totalitems", "totalresults", "totalrecords", "totalsize", "totalelements", "count", "odatacount"}
)

// shown looks for what an answer says of pages beside its records, where no pagination
// is declared. It returns the path, why that means that there are more, and whether
// something says that there are none.
type shown struct {
	path, why string
	ended     bool

	records, pages int // read so far
}

// shows reads what an answer shows of pages, of a list that has seen records so far.
// What is at a path that the config reads says nothing new.
func shows(resp *Response, read []string) shown {
	s := shown{records: resp.Seen, pages: resp.Page.Number}
	if linked(resp) {
		s.pages = math.MaxInt // its own links say more than a number
	}
	s.object(resp.Body, "", read)
	s.headers(resp.Header)
	return s
}

func (s *shown) object(v []byte, in string, read []string) {
	var members map[string]jsontext.Value
	if remote.Value(v).Kind() != '{' || json.Unmarshal(v, &members, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return
	}
	for _, name := range sortedNames(members) {
		v, path, plain := members[name], in+name, plainName(name)
		if s.path != "" || slices.Contains(read, path) {
			continue
		}
		n, _ := parseCount(strings.Trim(string(v), `"`))
		switch kind := byte(v.Kind()); {
		case slices.Contains(shownIn, plain) && kind == '{':
			s.object(v, path+".", read)
		case slices.Contains(shownNext, plain):
			s.told(path, hint(v, path), truthy(v))
		case slices.Contains(shownMore, plain) && (kind == 't' || kind == 'f'):
			s.told(path, fmt.Sprintf("rest.Cursor{MorePath: %q}", path), kind == 't')
		case slices.Contains(shownPages, plain) && n > s.pages:
			s.told(path, fmt.Sprintf("rest.PageNumber{TotalPagesPath: %q}", path), true)
		case slices.Contains(shownTotal, plain) && n > s.records:
			s.told(path, fmt.Sprintf("rest.PageNumber{} or rest.Offset{}, with TotalPath: %q", path), true)
		}
	}
}

// headers reads what headers show of pages: "X-Total-Pages: 4", "X-Next-Page: 2".
func (s *shown) headers(header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		plain, value := plainName(strings.TrimPrefix(name, "X-")), header.Get(name)
		n, _ := parseCount(value)
		switch {
		case s.path != "":
		case slices.Contains(shownNext, plain):
			s.told("header "+name, fmt.Sprintf("rest.Cursor{Header: %q}", name), truthy([]byte(value)))
		case slices.Contains(shownMore, plain):
			s.told("header "+name, "rest.Cursor{}", strings.EqualFold(value, "true"))
		case slices.Contains(shownPages, plain) && n > s.pages:
			s.told("header "+name, fmt.Sprintf("rest.PageNumber{TotalPagesHeader: %q}", name), true)
		}
	}
}

// told takes note of a member that tells of pages.
func (s *shown) told(path, hint string, more bool) {
	if !more {
		s.ended = true
		return
	}
	s.path = path
	s.why = fmt.Sprintf("the answer shows in %q that there is more, and no Pagination is declared that reads it: set one, such as %s, or rest.OnePage{} where a list comes whole", path, hint)
}

// hint names a style that fits a way to the next page.
func hint(v []byte, path string) string {
	text, err := textOf(remote.Value(v))
	switch _, after := lookup(v, "after"); {
	case after:
		return fmt.Sprintf("rest.Cursor{Path: %q}", path+".after")
	case err != nil:
		return fmt.Sprintf("rest.NextURL{Path: %q}", path)
	case strings.Contains(text, "/"):
		return fmt.Sprintf("rest.NextURL{Path: %q}", path)
	}
	return fmt.Sprintf("rest.Cursor{Path: %q}", path)
}

// truthy reports whether a value is none of null, false, 0, "", an empty list and an
// empty object.
func truthy(v []byte) bool {
	switch strings.Join(strings.Fields(string(v)), "") {
	case "", "null", "false", "0", `""`, "[]", "{}":
		return false
	}
	return true
}

// plainName is a name in lower case, without what is no letter.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

func sortedNames(members map[string]jsontext.Value) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
