package rest

import (
	"cmp"
	"errors"
	"net/url"
	"strconv"

	"github.com/syncedgo/synced/internal/rawquery"
)

// Offset asks for the records after the first 0, 10, 20 and so on. It advances by
// as many as each page held, so that a remote may send less than it was asked
// for. The list ends where Page.Total records were listed, or where that is not
// known, at the first empty page. A short page is not the last. Where a total is
// wrong, set Config.TotalHeader to [None].
type Offset struct {
	// Param names the parameter of the offset. Defaults to "offset".
	Param string
	// Limit names the parameter of the page's size. Defaults to "limit".
	Limit string
	// MorePath is the path of a member that is true where another page follows, and
	// EndPath of one that is true on the last: one of them, in place of a total. It must
	// be in each answer. They default to none.
	MorePath, EndPath string
	// PastEnd is the status, 400 or 404, with which the API answers when asked for
	// records past the end. It is taken for the end after the first page only.
	// Defaults to none.
	PastEnd int
}

var _ Pagination = Offset{}

// First asks for the page's size.
func (o Offset) First(query url.Values, perPage int) {
	setSize(query, cmp.Or(o.Limit, "limit"), perPage)
}

// Next continues after the records of this page.
func (o Offset) Next(resp *Response) (*url.URL, error) {
	at, err := intParam(resp.URL, o.param(), 0)
	if err != nil {
		return nil, err
	}
	ended, told, err := o.ending().read(resp)
	if err != nil || ended || !told && over(resp) {
		return nil, err
	}
	return o.at(resp, at+len(resp.Page.Objects)), nil
}

// predict takes all pages to be as long as this one.
func (o Offset) predict(resp *Response, n int) *url.URL {
	at, err := intParam(resp.URL, o.param(), 0)
	if err != nil || !reaches(resp, n) {
		return nil
	}
	return o.at(resp, at+n*len(resp.Page.Objects))
}

func (o Offset) at(resp *Response, offset int) *url.URL {
	return rawquery.With(resp.URL, o.param(), strconv.Itoa(offset))
}

func (o Offset) param() string     { return cmp.Or(o.Param, "offset") }
func (o Offset) pastEnd() int      { return o.PastEnd }
func (o Offset) numbers() []string { return []string{o.param(), cmp.Or(o.Limit, "limit")} }
func (o Offset) ending() ending    { return ending{o.MorePath, o.EndPath, false} }
func (o Offset) paths() []string   { return o.ending().paths() }

func (o Offset) validate() error { return errors.Join(checkPastEnd(o.PastEnd), o.ending().validate()) }
