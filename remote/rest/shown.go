package rest

import (
	"fmt"
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
		"nexthref", "nextoffset", "odatanextlink", "cursor", "aftercursor", "continuation", "continuationtoken", "nextmarker"}
	// shownMore are booleans that another page follows.
	shownMore = []string{"hasmore", "more", "hasnext", "hasnextpage", "hasmorepages", "hasmoreitems", "istruncated", "truncated"}
	// shownPages are numbers of pages.
	shownPages = []string{"totalpages", "pagecount", "pagestotal", "lastpage", "numpages", "pages"}
	// shownTotal are numbers of records.
	shownTotal = []string{"total", "totalcount", "totalitems", "totalresults", "totalrecords", "totalsize", "totalelements", "count", "odatacount"}
)

// shown looks for what an answer says of pages beside its records, where no pagination
// is declared. It returns the path, why that means that there are more, and whether
// something says that there are none.
type shown struct {
	path, why string
	ended     bool
}

// shows reads what the body shows of pages, of a list that has seen records so far.
// What is at a path that the config reads says nothing new.
func shows(body []byte, read []string, seen int) shown {
	var s shown
	s.object(body, "", read, seen)
	return s
}

func (s *shown) object(v []byte, in string, read []string, seen int) {
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
			s.object(v, path+".", read, seen)
		case slices.Contains(shownNext, plain):
			s.told(path, hint(v, path), truthy(v))
		case slices.Contains(shownMore, plain) && (kind == 't' || kind == 'f'):
			s.told(path, fmt.Sprintf("rest.Cursor{MorePath: %q}", path), kind == 't')
		case slices.Contains(shownPages, plain) && n > 1:
			s.told(path, fmt.Sprintf("rest.PageNumber{TotalPagesPath: %q}", path), true)
		case slices.Contains(shownTotal, plain) && n > seen:
			s.told(path, fmt.Sprintf("rest.PageNumber{} or rest.Offset{}, with TotalPath: %q", path), true)
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
	switch {
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
