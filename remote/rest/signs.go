package rest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// sign is one thing that an answer says of its pages beside the records.
type sign struct {
	says   says
	at     string // the path of a member, or the name of a header
	header bool
	value  remote.Value // a header's is a JSON string or number
}

// says is what a sign is about.
type says int

const (
	saysNext     says = iota // a way to the next page, empty on the last
	saysEnd                  // the end of this page, which is a way on where another sign says that there is one
	saysMore                 // whether another page follows
	saysLast                 // whether none does
	saysPages                // how many pages there are
	saysTotal                // how many records
	saysPage                 // the number of this page
	saysOffset               // how many records come before it
	saysSize                 // how many records it may have
	saysSequence             // the number of the last change
	saysPosition             // where to ask for later changes
)

// How APIs name what tells of pages, in lower case and without signs.
var (
	// shownIn are the objects beside the records that tell of pages.
	shownIn = []string{"meta", "metadata", "pagination", "paging", "page", "pager", "pages", "links", "info", "pageinfo", "responsemetadata", "cursors", "cursor"}
	// signNames has what a member of that name says. What counts is a number, and
	// saysMore and saysLast are booleans.
	signNames = byName(map[says]string{
		saysNext: `next nextpage nextcursor nextpagetoken nexttoken nexturl nexturi nextlink nextpageurl nextpagelink
			nexthref nextrecordsurl nextoffset odatanextlink cursor aftercursor afterurl continuation continuationtoken nextmarker nextrange`,
		saysEnd:      `endcursor`,
		saysMore:     `hasmore more hasnext hasnextpage hasmorepages hasmoreitems istruncated truncated`,
		saysLast:     `islast islastpage last endofstream done`,
		saysPages:    `totalpages pagecount pagestotal lastpage numpages pages wptotalpages paginationpagecount`,
		saysTotal:    `total totalcount totalitems totalresults totalrecords totalsize totalelements totalentries recordcount count odatacount wptotal paginationtotalcount`,
		saysPage:     `page currentpage pagenumber pageno pageindex number`,
		saysOffset:   `offset skip start startat startindex`,
		saysSize:     `perpage pagesize limit size maxresults itemsperpage pagelen`,
		saysSequence: `lastseq`,
		saysPosition: `odatadeltalink nextsynctoken`,
	})
)

// byName has the names of each thing as keys.
func byName(names map[says]string) map[string]says {
	found := map[string]says{}
	for says, list := range names {
		for name := range strings.FieldsSeq(list) {
			found[name] = says
		}
	}
	return found
}

// signsOf reads what an answer says of pages: its body, in which the list is at a path,
// and then its headers.
func signsOf(header http.Header, body []byte, list string) (signs []sign) {
	add := func(s sign) {
		if _, err := s.count(); s.says == saysOffset && err != nil && s.value.Kind() == '"' {
			s.says = saysNext // a token, as Airtable's offset
		}
		if s.fits() {
			signs = append(signs, s)
		}
	}
	var look func(v []byte, in string)
	look = func(v []byte, in string) {
		var members map[string]jsontext.Value
		if remote.Value(v).Kind() != '{' || json.Unmarshal(v, &members, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			v, at := remote.Value(members[name]), in+name
			plain := plainName(name)
			said, known := signNames[plain]
			switch {
			case at == list:
			case v.Kind() == '{' && (slices.Contains(shownIn, plain) || strings.HasPrefix(list, at+".")):
				look(v, at+".")
			case said == saysNext && known && v.Kind() == '{':
				add(within(at, v))
			case said == saysTotal && v.Kind() == '{': // Elasticsearch's {"value":25,"relation":"eq"}
				inner, _ := member(v, "value")
				add(sign{says: said, at: at + ".value", value: inner})
			case known:
				add(sign{says: said, at: at, value: v})
			}
		}
	}
	look(body, "")
	for _, name := range slices.Sorted(maps.Keys(header)) {
		plain := plainName(strings.TrimPrefix(name, "X-"))
		if said, known := signNames[plain]; known {
			add(sign{says: said, at: name, header: true, value: quoted(header.Get(name))})
		}
	}
	return signs
}

// within is the way to the next page in an object: {"next":{"after":"x"}} or
// {"next":{"href":"/api?page=2"}}.
func within(at string, v remote.Value) sign {
	for _, name := range []string{"after", "starting_after", "cursor", "href", "url"} {
		if inner, ok := member(v, name); ok {
			return sign{says: saysNext, at: at + "." + name, value: inner}
		}
	}
	return sign{says: saysNext, at: at, value: v}
}

// quoted is a text as a JSON string, or a number where it is one.
func quoted(text string) remote.Value {
	if _, err := parseCount(text); err == nil {
		return remote.Value(strings.TrimSpace(text))
	}
	v, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(text, "?"))
	if err != nil {
		return remote.Value(`""`)
	}
	return v
}

// fits reports whether the value is one that says what its name does.
func (s sign) fits() bool {
	switch s.says {
	case saysMore, saysLast:
		return s.value.Kind() == 't' || s.value.Kind() == 'f' || s.header
	case saysPages, saysTotal, saysPage, saysOffset, saysSize:
		_, err := s.count()
		return err == nil
	}
	return true
}

// count is a value that is a number, or spells one.
func (s sign) count() (int, error) { return parseCount(strings.Trim(string(s.value), `"`)) }

// text is the value, where it is a text or a number.
func (s sign) text() string {
	text, err := textOf(s.value)
	if err != nil {
		return ""
	}
	return text
}

// isTrue reports whether the value is true, or a header's text that says so.
func (s sign) isTrue() bool { return strings.EqualFold(strings.Trim(string(s.value), `"`), "true") }

// more reports whether the sign says that more than the pages and records read so far is
// to come, or that nothing is.
func (s sign) more(pages, records int) (more, ended bool) {
	n, _ := s.count()
	switch s.says {
	case saysNext:
		more = truthy(s.value)
		return more, !more
	case saysMore:
		return s.isTrue(), !s.isTrue()
	case saysLast:
		return !s.isTrue(), s.isTrue()
	case saysPages:
		return n > pages, false
	case saysTotal:
		return n > records && !s.header, false // a header may count something else
	}
	return false, false
}

// setting is what declares a total here.
func (s sign) setting() string {
	if s.header {
		return fmt.Sprintf("TotalHeader: %q", s.at)
	}
	return fmt.Sprintf("TotalPath: %q", s.at)
}

// place names where the sign is, for an error.
func (s sign) place() string {
	if s.header {
		return "header " + s.at
	}
	return s.at
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
