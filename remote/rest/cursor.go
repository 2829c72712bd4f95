package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"

	"github.com/syncedgo/synced/internal/offsets"
	"github.com/syncedgo/synced/internal/rawquery"
)

// Cursor asks for what comes after a cursor, which each answer gives. Cursors are
// strings or numbers and mean nothing here.
//
// With MorePath or EndPath, the member there tells whether there is another page, and
// must be in each answer. Without them, a cursor that is null or empty is the end, also a header that says "null"; one that
// is not there at all is an error unless Omitted is set, because a path with a
// mistake in it would look the same. Stripe's lists are
//
//	Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"}
//
// A cursor that names a record, or a moment, stays put: what comes and goes before it
// passes over no record. One that is an offset or a page number in disguise shifts. A
// small number counts as one, and so does base64 or JSON with a number that is called
// an offset, a page or the like; others are declared by Shifting.
type Cursor struct {
	// Param names the parameter of the cursor. Defaults to "cursor".
	Param string
	// PerPage names the parameter of the page's size. Defaults to "limit".
	PerPage string
	// Path or Header is where an answer has the next cursor: a path in the body,
	// "paging.cursors.after", or a header. Path defaults to "next_cursor".
	Path, Header string
	// LastRecord is the path, in the last record of a page, of what the next page
	// is asked with: "id". It replaces Path and Header. With Config.RecordPath, it is a path
	// in the item around the record. Without MorePath, the list ends at the first empty
	// page. Where it is a whole number or a time, and records come in another order, absent
	// records are asked for before they are removed.
	LastRecord string
	// MorePath is the path of the boolean that tells whether there is another page.
	// EndPath is that of the opposite: true on the last page, "end_of_stream". Both
	// default to none.
	MorePath, EndPath string
	// Omitted reports whether the API leaves the cursor out on the last page, and a
	// member that would be false.
	Omitted bool
	// Shifting reports whether the cursor is a position in the list, so that records
	// may be passed over when others come and go, see remote.Page.Shifting.
	Shifting bool
}

var _ Pagination = Cursor{}

// First asks for the page's size.
func (c Cursor) First(query url.Values, perPage int) {
	setSize(query, cmp.Or(c.PerPage, "limit"), perPage)
}

// Next asks with the answer's cursor.
func (c Cursor) Next(resp *Response) (*url.URL, error) {
	ended, told, err := c.ending().read(resp)
	if err != nil || ended {
		return nil, err
	}
	place, cursor, err := c.cursor(resp)
	switch {
	case err != nil:
		return nil, err
	case cursor == "" && told:
		return nil, fmt.Errorf("%s and %s has no cursor", c.ending().saysMore(), place)
	case cursor == "":
		return nil, nil
	}
	return rawquery.With(resp.URL, cmp.Or(c.Param, "cursor"), cursor), nil
}

// cursor is the next cursor, "" at the end of the list, and where it was looked
// for.
func (c Cursor) cursor(resp *Response) (place, cursor string, err error) {
	found := false
	switch {
	case c.LastRecord != "":
		return c.lastRecord(resp)
	case c.Header != "":
		place = "header " + c.Header
		values := resp.Header.Values(c.Header)
		if found = len(values) > 0; found {
			if cursor = values[0]; cursor == "null" { // as Salesforce writes none
				cursor = ""
			}
		}
	default:
		place = c.path()
		cursor, found, err = resp.text(place)
	}
	if err == nil && !found && !c.Omitted && c.MorePath == "" && c.EndPath == "" {
		err = fmt.Errorf("%s: the next cursor is missing: set Omitted where this API leaves it out on the last page, or correct the path", place)
	}
	return place, cursor, err
}

// lastRecord makes a cursor of the page's last record.
func (c Cursor) lastRecord(resp *Response) (place, cursor string, err error) {
	if len(resp.Page.Objects) == 0 {
		return "an empty page", "", nil
	}
	place = "the last record's " + c.LastRecord
	v, ok := lookup(resp.last, c.LastRecord)
	if !ok {
		return place, "", fmt.Errorf("%s is missing, which is the next cursor", place)
	}
	cursor, err = textOf(v)
	switch {
	case err != nil:
		err = fmt.Errorf("%s: %w", place, err)
	case cursor == "":
		err = fmt.Errorf("%s is empty, which is the next cursor", place)
	}
	return place, cursor, err
}

func (c Cursor) path() string      { return cmp.Or(c.Path, "next_cursor") }
func (c Cursor) stays() bool       { return !c.Shifting }
func (c Cursor) numbers() []string { return []string{cmp.Or(c.PerPage, "limit")} }
func (c Cursor) places() []string  { return []string{cmp.Or(c.Param, "cursor")} }
func (c Cursor) ending() ending    { return ending{c.MorePath, c.EndPath, c.Omitted} }

// shifts reports whether the cursor of a next page is a position all the same.
func (c Cursor) shifts(next *url.URL, seen int) bool {
	return c.LastRecord == "" && offsets.In(next.Query().Get(cmp.Or(c.Param, "cursor")), seen)
}

func (c Cursor) paths() []string {
	paths := c.ending().paths()
	if c.LastRecord == "" && c.Header == "" {
		paths = append(paths, c.path())
	}
	return paths
}

func (c Cursor) validate() error {
	places := 0
	for _, place := range []string{c.Path, c.Header, c.LastRecord} {
		if place != "" {
			places++
		}
	}
	if places > 1 {
		return errors.New("cursor by Path, Header and LastRecord: want one of them")
	}
	return c.ending().validate()
}
