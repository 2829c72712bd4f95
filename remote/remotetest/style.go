package remotetest

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// Root is the [Style.Records] of an API that answers with a bare list.
	Root = "."
	// None is the name of what an API does not have.
	None = "-"
)

// By is how a request names a page.
type By int

const (
	// ByPage asks for a page by its number, from 1. Pages are cut by position, so
	// they shift when records are created and deleted.
	ByPage By = iota
	// ByOffset says how many records to skip. Pages shift too.
	ByOffset
	// ByCursor repeats a cursor from the page before. Pages are in the order of the
	// ids and do not shift.
	ByCursor
	// ByLastID names the last record seen. Pages are in the order of the ids.
	ByLastID
	// BySequence names the last change seen, 0 for none. Each change of a record
	// moves it to the end; a deleted one is {"id":7,"_deleted":true}.
	BySequence
)

// Style is how the pages of a list follow each other, and what is around the
// records. The zero value is BookingSync's: page and per_page, a Link header, and
// {"rentals":[…],"links":{},"meta":{}}.
//
// Paths name a member of the body: "meta.next", with %s for the collection's name. One
// that begins with @ is a name, dots and all. What has no path is not told; a header that has a default is left
// out by [None].
type Style struct {
	By By
	// Format is how a list is written, and GzipFile packs that, or the files of an
	// [Export], whatever the client asks for.
	Format   Format
	GzipFile bool
	// Body is where requests have their parameters. Defaults to the query.
	Body Body
	// Param names the parameter that By is about. Defaults to "page", "offset",
	// "cursor", "starting_after" or "since".
	Param string
	// Shifting makes the cursors of ByCursor offsets in disguise: pages shift.
	Shifting bool
	// ZeroBased numbers pages from 0.
	ZeroBased bool
	// Size names the parameter of the page's size. Defaults to "per_page" for
	// ByPage, else "limit".
	Size string

	// NextURL is the path of the next page's URL, null on the last. Relative leaves
	// out its scheme and host, and in the Link header too.
	NextURL  string
	Relative bool
	// NextParam is the path, NextHeader the header of the next page's Param: null
	// and empty on the last. With BySequence it is always told.
	NextParam, NextHeader string
	// Omitted leaves out what would be null.
	Omitted bool
	// HasMore is the path of a boolean that is false on the last page, End of one that is
	// true there, Pending that of how many records are left.
	HasMore, End, Pending string
	// Whole lists everything on one page, whatever size is asked for.
	Whole bool
	// NoLink leaves out the Link header. Else it is there where none of the above is.
	NoLink bool

	// Summary are the members of records that lists show beside the id. One record by itself
	// is whole. Defaults to all of them; empty and not nil shows ids alone.
	Summary []string

	// Records is the path of the list, or Root. Defaults to the collection's name,
	// with the objects links and meta beside it.
	Records string
	// Record is the path of a record in an item of that list: "node". Defaults to the
	// item itself.
	Record string
	// ID names the member that is a record's id. Defaults to "id".
	ID string
	// Total and Pages are the paths of the number of records and of pages.
	Total, Pages string
	// TotalHeader, PagesHeader, PerPageHeader and SyncedAtHeader default to
	// "X-Total-Count", "X-Total-Pages", "X-Per-Page" and
	// "X-Updated-Since-Request-Synced-At" without Records, else to None.
	TotalHeader, PagesHeader, PerPageHeader, SyncedAtHeader string
}

// withDefaults fills the zero values.
func (s Style) withDefaults() Style {
	param, size := "page", "per_page"
	if s.By != ByPage {
		param, size = [...]string{ByOffset: "offset", ByCursor: "cursor", ByLastID: "starting_after", BySequence: "since"}[s.By], "limit"
	}
	s.Param = cmp.Or(s.Param, param)
	s.Size = cmp.Or(s.Size, size)
	s.ID = cmp.Or(s.ID, "id")
	header := func(name *string, otherwise string) {
		if s.Records != "" {
			otherwise = None
		}
		*name = cmp.Or(*name, otherwise)
	}
	header(&s.TotalHeader, "X-Total-Count")
	header(&s.PagesHeader, "X-Total-Pages")
	header(&s.PerPageHeader, "X-Per-Page")
	header(&s.SyncedAtHeader, "X-Updated-Since-Request-Synced-At")
	s.NoLink = s.NoLink || s.NextURL != "" || s.NextParam != "" || s.NextHeader != "" || s.HasMore != "" || s.End != "" || s.Whole || s.Pending != ""
	return s
}

// of returns the style with the name of a collection in its paths.
func (s Style) of(collection string) Style {
	name := collection[strings.LastIndexByte(collection, '/')+1:]
	for _, path := range []*string{&s.NextURL, &s.NextParam, &s.HasMore, &s.End, &s.Pending, &s.Records, &s.Total, &s.Pages} {
		*path = strings.ReplaceAll(*path, "%s", name)
	}
	return s
}

// first is the number of the first page.
func (s Style) first() int {
	if s.ZeroBased {
		return 0
	}
	return 1
}

// keyset reports whether pages are in the order of the ids.
func (s Style) keyset() bool { return s.By == ByCursor && !s.Shifting || s.By == ByLastID }

// cursor is what a cursor means, which a client can't see.
type cursor struct {
	After  jsontext.Value `json:"after,omitzero"`
	Offset int            `json:"offset,omitzero"`
	Seq    int            `json:"seq,omitzero"`   // of the last change listed
	Round  string         `json:"round,omitzero"` // the position of the first page
}

func (c cursor) encode() string { return base64.RawURLEncoding.EncodeToString(encode(c)) }

// place is the position at which a page begins: after n records, after a key, or
// after a change.
type place struct {
	skip  int
	after string // the key as JSON, empty for the beginning
	seq   int
	round string // where the changes stood at the first page, where that is told
}

// place reads the parameter Param.
func (s Style) place(q url.Values, perPage int) (place, bool) {
	v := q.Get(s.Param)
	switch s.By {
	case ByPage:
		number, err := strconv.Atoi(cmp.Or(v, strconv.Itoa(s.first())))
		return place{skip: (min(number, 1<<30) - s.first()) * perPage}, err == nil && number >= s.first()
	case ByOffset, BySequence:
		n, err := strconv.Atoi(cmp.Or(v, "0"))
		ok := err == nil && n >= 0
		if s.By == BySequence {
			return place{seq: n}, ok
		}
		return place{skip: min(n, 1<<30)}, ok
	case ByLastID:
		if v == "" {
			return place{}, true
		}
		if _, err := strconv.ParseInt(v, 10, 64); err == nil {
			return place{after: v}, true
		}
		return place{after: keyOf(v)}, true
	default:
		text, err := base64.RawURLEncoding.DecodeString(v)
		if err != nil || v == "" {
			return place{}, err == nil
		}
		c := cursor{}
		err = json.Unmarshal(text, &c)
		return place{skip: c.Offset, after: string(c.After), seq: c.Seq, round: c.Round}, err == nil
	}
}

// param returns the value of Param for the page that begins after n records, or
// after an entry.
func (s Style) param(skip, perPage int, last *entry) string {
	switch {
	case s.By == ByPage:
		return strconv.Itoa(skip/perPage + s.first())
	case s.By == ByOffset:
		return strconv.Itoa(skip)
	case s.By == ByCursor && s.Shifting:
		return cursor{Offset: skip}.encode()
	case last == nil:
		return ""
	case s.By == BySequence:
		return strconv.Itoa(last.seq)
	case s.By == ByCursor:
		return cursor{After: []byte(last.key)}.encode()
	case last.key[0] == '"':
		return valueOf(last.key).(string)
	default:
		return last.key
	}
}
