package remote

import (
	"net/url"
	"time"
)

// Request is what one run asks for, in no API's dialect: the API's client turns
// it into parameters.
type Request struct {
	// Endpoint names the collection: "rentals", or "repos/7/issues". A name in it may be
	// escaped as in a URL: "repos/acme%2Fapp/issues".
	Endpoint string
	// Record is where one record of the collection is, with %s in place of its id:
	// "repos/7/issues/comments/%s". Empty leaves it to the API.
	Record string
	// UpdatedSince asks for what changed at or after this time. Zero asks for
	// everything.
	UpdatedSince time.Time
	// UpdatedUntil asks for what changed at or before this time, beside UpdatedSince. Zero
	// sets no end. Only a [Windower] is asked with one.
	UpdatedUntil time.Time
	// Position asks for what changed since an earlier run: it is the Page.Position of that
	// run's last page. Empty asks for everything. Where the remote no longer knows it, the
	// error is [ErrSinceRejected].
	Position string
	// Fields and Include are the attributes and the related data to send. Empty
	// leaves the choice to the remote.
	Fields, Include []string
	// Query holds further parameters, sent as they are.
	Query url.Values
	// Cursor continues where an earlier run of the same request stopped: it is the
	// Page.Cursor of that run's last page. The other parameters are in it, and
	// those of this Request are not sent.
	Cursor string
	// Validator is the Page.Validator of an earlier pass over the same list, or
	// empty. Where the list is as it was then, the API may answer with one page
	// that is NotModified.
	Validator string
}
