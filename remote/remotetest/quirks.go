package remotetest

import "fmt"

// Quirks are oddities of real APIs that a client must handle, by name. They hold
// for all answers; see [Fault] for single ones.
type Quirks struct {
	// NoDeletedIDs leaves out meta.deleted_ids.
	NoDeletedIDs bool
	// NoSyncedAt leaves out X-Updated-Since-Request-Synced-At.
	NoSyncedAt bool
	// NoPosition leaves out what Positions has.
	NoPosition bool
	// NoTotal leaves out the number of records and of pages.
	NoTotal bool
	// NoPerPage leaves out X-Per-Page, so that a cap is not told.
	NoPerPage bool

	// EndlessNext names a next page after the last one too.
	EndlessNext bool
	// LoopingNext names the current page as the next one.
	LoopingNext bool
	// IgnoresPage shows the first page, whichever is asked for.
	IgnoresPage bool
	// EmptyLink sends an empty Link header on the last page.
	EmptyLink bool
	// PastEnd is the status of pages past the end: 400, 404. Defaults to an empty list.
	PastEnd int
	// WrongTotal is added to the number of records.
	WrongTotal int
	// Repeats begins each page with the last n records of the page before.
	Repeats int
	// NewestFirst lists the newest record first, so that pages shift when records
	// are created.
	NewestFirst bool

	// Cap ends lists after n records, as searches do, though their total counts all.
	Cap int
	// Partial answers 206 with a Content-Range where a page is not the whole list.
	Partial bool
	// Incomplete is the path of a member that says that answers are incomplete; each page
	// then lacks its last record.
	Incomplete string
	// OmitsEmpty leaves a list out that is empty, NullEmpty writes null, and EmptyStatus,
	// 204 or 404, answers without a body.
	OmitsEmpty, NullEmpty bool
	EmptyStatus           int

	// Hidden leaves records out of lists, as default filters do. It must not call
	// the server.
	Hidden func(Record) bool
	// Filter is a parameter that lists those records alone whose member of that name has
	// its value: "status".
	Filter string
	// ShowHidden is the parameter that lists them all the same: "status=any".
	ShowHidden string
	// HidesLate cuts pages before it hides records, so that a page may be short, or
	// empty with a next page.
	HidesLate bool

	// Strict refuses parameters that are neither those of Style and Since nor Known.
	Strict bool
	Known  []string

	// EmptyForStrangers answers bad credentials with 200 and an empty list.
	EmptyForStrangers bool
	// ContentType replaces that of lists: "text/plain".
	ContentType string
	// Gzip compresses for clients that ask for it. Truncate and ResetAfter count
	// compressed bytes then.
	Gzip bool
	// ETag and LastModified send these headers, which change with the collection,
	// and a 304 to the requests that repeat them.
	ETag, LastModified bool
}

// hides reports whether a request does not see a record.
func (q Quirks) hides(req Request, e *entry) bool {
	if q.Filter != "" && req.Query.Has(q.Filter) && fmt.Sprint(decode(e.raw)[q.Filter]) != req.Query.Get(q.Filter) {
		return true
	}
	return q.Hidden != nil && !asksFor(req, q.ShowHidden) && q.Hidden(decode(e.raw))
}
