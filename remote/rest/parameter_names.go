package rest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/syncedgo/synced/internal/offsets"
)

// How APIs name the parameters that choose a page, and how many records it has.
var (
	pageParams   = []string{"page", "page[number]", "p", "pageNumber", "page_number", "pageNo", "pg"}
	offsetParams = []string{"offset", "skip", "$skip", "start", "startAt", "startIndex", "page[offset]", "from"}
	cursorParams = []string{"cursor", "after", "page[after]", "page[cursor]", "starting_after", "page_token", "pageToken", "continuation", "marker"}
	sizeParams   = []string{"per_page", "page[size]", "limit", "page_size", "pageSize", "perPage", "size", "maxResults", "max_results", "page[limit]", "pagelen", "first", "count", "take", "rows"}
)

// asks is the first of some parameters that the URL has.
func (e *evidence) asks(names []string) string { return asks(e.asked, names) }

func asks(u *url.URL, names []string) string {
	if u == nil {
		return ""
	}
	query := u.Query()
	i := slices.IndexFunc(names, query.Has)
	if i < 0 {
		return ""
	}
	return names[i]
}

// pageName and offsetName are the parameters of a page's number and of an offset.
func (e *evidence) pageName(s sign) string {
	if name := e.asks(pageParams); name != "" {
		return name
	}
	if name := lastName(s.at); slices.Contains(pageParams, name) {
		return name
	}
	return "page"
}

func (e *evidence) offsetName(s sign) string {
	return cmp.Or(e.asks(offsetParams), lastName(s.at), "offset")
}

// sizeName is the parameter of a page's size, where the URL of the next page, or the one
// that was asked, has it.
func (e *evidence) sizeName(next *url.URL) string {
	return cmp.Or(asks(next, sizeParams), e.asks(sizeParams))
}

// cursorNames are the parameters that a cursor may be for, by the name of where it is:
// next_page_token is for page_token, and a number at next is of a page.
func cursorNames(s sign) []string {
	name := lastName(s.at)
	if s.header {
		name = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(s.at, "X-"), "-", "_"))
	}
	_, err := s.count()
	numeric := err == nil && offsets.In(s.text(), 1)
	var names []string
	switch rest := withoutNext(name); {
	case rest != "":
		names = []string{rest, name}
	case numeric:
		names = []string{"page", "offset"}
	default:
		names = []string{"cursor", "after"}
	}
	switch plainName(name) {
	case "endcursor", "aftercursor":
		names = []string{"after", "cursor"}
	case "cursor", "nextcursor":
		names = []string{"cursor", "after"}
	}
	return names
}

// withoutNext is a name without the word next before it: pageToken of nextPageToken.
func withoutNext(name string) string {
	if len(name) < 5 || !strings.EqualFold(name[:4], "next") {
		return strings.TrimPrefix(name, "next")
	}
	r := []rune(strings.TrimLeft(name[4:], "_-."))
	if len(r) > 0 && name[0] == 'n' {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

// isURL reports whether a text is a URL, whole or relative.
func isURL(text string) bool {
	for _, prefix := range []string{"http://", "https://", "/", "?", "./"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return strings.Contains(text, "?") && strings.Contains(text, "=")
}

// namesURL reports whether a name is that of a URL.
func namesURL(at string) bool {
	name := plainName(lastName(at))
	for _, part := range []string{"url", "uri", "link", "href"} {
		if strings.HasSuffix(name, part) {
			return true
		}
	}
	return name == "next"
}

// omits reports whether a member of this name is left out on the last page, by what its
// API, or its standard, says.
func omits(at string) bool {
	switch at {
	case "@odata.nextLink", "nextPageToken", "paging.next.after", "nextRecordsUrl", "nextLink", "offset":
		return true
	}
	return false
}

// lastName is the last name of a path. A name that begins with @ has dots of its own.
func lastName(at string) string {
	if i := strings.LastIndexByte(at, '@'); i >= 0 {
		return at[i:]
	}
	return at[strings.LastIndexByte(at, '.')+1:]
}

// unless is a name, "" where it is the default.
func unless(name, otherwise string) string {
	if name == otherwise {
		return ""
	}
	return name
}
