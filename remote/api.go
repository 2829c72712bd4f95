package remote

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// API lists remote objects, page by page. Client is the one for HTTP; a service
// that has a client of its own adapts it with [Func].
//
// Pages is called once a run. The sequence is lazy: a request is made when its
// page is asked for. It yields pages in the remote's order, and an error at most
// once, last; a page that comes with an error only tells what it cost, in
// Requests and Bytes. It ends without an error only after the remote's last page: what is
// missing from such a sequence may be removed locally. Breaking out of it, and
// the end of ctx, release everything that it holds.
//
// Implementations are safe for concurrent use. The caller owns the pages: their
// bytes are not changed after they were yielded.
type API interface {
	Pages(ctx context.Context, req Request) iter.Seq2[*Page, error]
}

// Func makes an [API] of a function.
type Func func(ctx context.Context, req Request) iter.Seq2[*Page, error]

// Pages calls f.
func (f Func) Pages(ctx context.Context, req Request) iter.Seq2[*Page, error] { return f(ctx, req) }

var _ API = Func(nil)

// Request is what one run asks for, in no API's dialect: the API's client turns
// it into parameters.
type Request struct {
	// Endpoint names the collection: "rentals".
	Endpoint string
	// UpdatedSince asks for what changed at or after this time. Zero asks for
	// everything.
	UpdatedSince time.Time
	// Fields and Include are the attributes and the related data to send. Empty
	// leaves the choice to the remote.
	Fields, Include []string
	// Query holds further parameters, sent as they are.
	Query url.Values
	// Cursor goes on where an earlier run of the same request stopped: it is the
	// Page.Cursor of that run's last page. The other parameters are in it, and
	// those of this Request are not sent.
	Cursor string
	// Validator is the Page.Validator of an earlier pass over the same list, or
	// empty. Where the list is as it was then, the API may answer with one page
	// that is NotModified.
	Validator string
}

// Page is one answer of the remote.
type Page struct {
	// Number counts the pages of a run from 1.
	Number int
	// Objects are the records, in the remote's order.
	Objects []Object
	// DeletedIDs are the ids, as JSON values, that the remote says it deleted.
	// Nil says nothing about deletions; an empty list says that there were none.
	DeletedIDs []Value
	// SyncedAt is the remote's own clock when it made the page, as it tells it
	// for the purpose of the next UpdatedSince. Zero where it does not.
	SyncedAt time.Time
	// Date is the time of the response (the Date header over HTTP). Zero where
	// there is none.
	Date time.Time
	// Total is how many objects the remote says the whole list has, where
	// TotalKnown.
	Total      int
	TotalKnown bool
	// Validator, on the first page, stands for the state of the whole list: it
	// changes when anything in the list does. Empty where the API has no such thing.
	Validator string
	// NotModified says that the list is as it was when the API gave the request's
	// Validator. The page is then the only one, and has no objects.
	NotModified bool
	// More says that another page follows for certain, so that this one may be
	// written before it arrives. A page without it is held until the sequence
	// goes on or ends, because the last rows of a run are written together with
	// its time.
	More bool
	// Cursor is what Request.Cursor makes a later run go on with after this page:
	// a path and a query, without credentials. Empty where there is no such
	// promise: the place in the list would not stay put, nothing comes after, or
	// the query holds what looks like a secret.
	Cursor string
	// Shifting says that the list is cut in pages by position, so that a record may
	// be passed over when another goes while the list is read, or come twice. A
	// list of one page does not shift.
	Shifting bool
	// Requests and Bytes are what the page cost: requests made, those repeated and
	// those made ahead in vain included, and bytes of bodies read.
	Requests int
	Bytes    int64

	body []byte // that the objects are pieces of
}
