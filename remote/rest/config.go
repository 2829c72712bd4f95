package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote/wire"
)

const (
	// Root is the [Config.RecordsKey] of an API that answers with a bare list.
	Root = "."
	// None stands for a header or a path that an API does not have, so that
	// something else of that name is not taken for it.
	None = "-"
)

// Config describes an HTTP API. Only BaseURL is required; the other zero values
// are the API v3 of BookingSync.
type Config struct {
	// BaseURL is what endpoints are appended to, path prefix included:
	// "https://www.bookingsync.com/api/v3". It has no query, and no user name or
	// password: those are for Auth.
	BaseURL string
	// Hosts are further hosts, "https://pages.example.com", that the URL of a next
	// page may lead to. They get the credentials, too. Redirects stay on the host of
	// BaseURL. Defaults to none: such a URL is [remote.ErrForeignURL].
	Hosts []string
	// Auth puts the credentials on each request. Defaults to none.
	Auth wire.Auth
	// HTTP makes the requests. Defaults to a client with a time limit of Timeout.
	// It is copied: redirects that leave the host of BaseURL are refused, on top
	// of its rules.
	HTTP *http.Client
	// Timeout limits one request, from dialing to the last byte of the body.
	// Defaults to 30 seconds.
	Timeout time.Duration
	// UserAgent and Header are sent with each request. UserAgent defaults to the
	// name and address of this library. Compression is negotiated by net/http, so
	// Header has no Accept-Encoding. Each request has its own id in X-Request-Id,
	// unless Header sets one; its repetitions keep it.
	UserAgent string
	Header    http.Header

	// Retry says how often a request is repeated, and how long it may wait.
	Retry wire.Retry
	// Limiter says when requests may start. Clients with the same credentials
	// should share one. Defaults to the client's own, with room for InFlight
	// requests, and 4 at least.
	Limiter *wire.Limiter
	// Limited reports whether an answer, of any status, says in its body that there
	// were too many requests, see [wire.Config]. Defaults to none.
	Limited func(status int, header http.Header, body []byte) bool
	// Breaker stops asking a host that keeps failing.
	Breaker wire.Breaker
	// Clock is what all waiting goes by. Defaults to the real time.
	Clock wire.Clock

	// PerPage asks for this many records a page, as per_page. Defaults to the
	// remote's choice.
	PerPage int
	// MaxBodyBytes bounds the memory that one answer takes, after decompression.
	// A larger one is [remote.ErrTooLarge]. Defaults to 64 MiB.
	MaxBodyBytes int64
	// MaxRecords bounds the records of one page, which take memory of their own, and the
	// members of one object where the body is larger than 1 MiB; ten times as many bound
	// the ids of a list of ids. More are [remote.ErrTooLarge]. Defaults to 100,000.
	MaxRecords int
	// MaxPages bounds a run: one page more is [remote.ErrTooManyPages]. Defaults to
	// 100,000.
	MaxPages int
	// Pagination is how the API's pages follow each other. Defaults to [LinkHeader]
	// where there is such a header, and else to one page. What shows other pages is
	// then [remote.ErrPagesUnread]; a single page that is as full as PerPage or a usual
	// size proves nothing about what is not on it, see remote.Page.Unended. [OnePage]
	// is for lists that come whole.
	Pagination Pagination
	// InFlight is how many pages one run may ask for ahead, all at once, where the
	// pagination can tell the pages to come from the one at hand: [PageNumber] and
	// [Offset]. They are held until they are yielded, in order. Their bodies have 32 MiB
	// together, if they are as long as that of the page in hand: pages of 20 MB are asked
	// for one at a time. 1, the default, asks for a page when it is wanted.
	InFlight int
	// Body is how lists are written that are streams of records: [NDJSON], [CSV] or
	// [JSONArray]. Such a list is one answer, so Pagination is not set. Single records, and
	// lists of deleted ones, are JSON. Defaults to nil: lists are JSON.
	Body Body
	// Export is how lists are made that a job of the remote's writes into files. Defaults to
	// nil: a list is the answer to its request.
	Export *Export
	// EmptyStatus are statuses that mean that a list has no records: 204, 205, 304, 404,
	// 416. Without it, such an answer is an error. Defaults to none, and to 304 where
	// Since.Header is If-Modified-Since.
	EmptyStatus []int
	// EmptyPages reports whether pages before the last may be empty. Without it, an empty
	// page that names a next one is [remote.ErrEmptyPage].
	EmptyPages bool
	// Since is how the API is asked for changes.
	Since Since
	// Position is where a list, or the Feed, ends with a position to ask for later changes
	// from.
	Position Position
	// Feed is a list of events beside the list of records. Defaults to none.
	Feed Feed

	// Parameters is how a request carries its parameters: in the query, a JSON body, the
	// variables of GraphQL, a form, or headers. Defaults to the query of a GET.
	Parameters Parameters

	// PerValue is a list that comes in parts, one for each value of a parameter. Defaults
	// to none.
	PerValue PerValue

	// RecordsKey names the member that holds the records: "items", "data.list",
	// or [Root]. In this and other paths, a member of just that name, dots
	// included, comes before a member of a member. Defaults to the last part of the
	// endpoint, "rentals", without ".json".
	RecordsKey string
	// RecordPath is where in an item of that list its record is: "node" for GraphQL's
	// {"edges":[{"node":{…}}]}, or a path. An item without an object there is an error.
	// Defaults to none: the items are the records.
	RecordPath string
	// BareIDs is for lists of ids alone, [8863,8864] or {"ids":["a","b"]}: each becomes an
	// object that has it in the member of this name, {"id":8863}, for synced.Synced.Expand to
	// ask for the record. Defaults to none: the items are objects.
	BareIDs string
	// ReplaceInvalid mends texts that are not valid: a byte that is not UTF-8, or half
	// of a surrogate pair ("\ud83d"), becomes U+FFFD; control characters and unknown
	// escapes are kept, and NaN and Infinity become null. Without it, and where two members
	// of a record have one name, the record is invalid: see synced.Synced.Invalid.
	// The other records of its page are not. Defaults to false.
	ReplaceInvalid bool
	// RecordsOmitted reports whether the API leaves the list out, or writes null, where
	// it has no records: {}, {"items":null}. Without it, such an answer is an error,
	// because a RecordsKey with a mistake in it would look the same. Defaults to false.
	RecordsOmitted bool
	// Incomplete is how an answer says of itself that it is not everything.
	Incomplete Incomplete
	// Record is where one record is. Defaults to BaseURL/endpoint/id.
	Record Record
	// IDs is how the API lists certain records only, by their ids. Absent records are
	// verified with it, see [Client.GetMany]. Defaults to none: one by one.
	IDs IDs
	// Deleted is how the API tells what it deleted.
	Deleted Deleted
	// SyncedAtPath names the member of the body that holds the API's clock, for
	// Page.SyncedAt: "meta.now". It goes before SyncedAtHeader. Defaults to none.
	SyncedAtPath string
	// SyncedAtHeader and TotalHeader name the headers for Page.SyncedAt and
	// Page.Total. They default to X-Updated-Since-Request-Synced-At
	// and X-Total-Count.
	SyncedAtHeader, TotalHeader string
	// TotalPath is where the body has Page.Total, "meta.total"; what it says comes
	// before the header. Defaults to none.
	TotalPath string

	// Unauthorized reports whether an answer with a good status means bad credentials
	// all the same. Its Page is nil: the body was not understood yet. Such an
	// answer is [remote.ErrUnauthorized]. Defaults to none.
	Unauthorized func(*Response) bool
	// Probe is an endpoint, such as "me", that refuses bad credentials with an error
	// status. It is for APIs that show an empty list to whoever may not see it, also in
	// the middle of a run. It is asked when the first or the last page of a list is
	// empty, and an answer other than 2xx is the run's error. Defaults to none.
	Probe string
	// Conditional reports whether the ETag, or the Last-Modified, of a list's first
	// page changes with anything in the whole list. A complete run then asks whether it
	// did, and ends after one request where it did not. Such a run looks at no
	// row: it does not bring back rows that were deleted here, translations that
	// were edited here, or rows that were canceled here, and asks for no missing
	// parent again. A check sees them, and so does the run after a Reset. Defaults
	// to false.
	Conditional bool
}

// withDefaults fills the zero values but those of wire's settings.
func (c Config) withDefaults() Config {
	setDefault(&c.MaxPages, 100_000)
	setDefault(&c.MaxRecords, 100_000)
	setDefault(&c.InFlight, 1)
	if c.Export != nil {
		c.Export = c.Export.withDefaults()
	}
	c.Since = c.Since.withDefaults()
	c.Deleted = c.Deleted.withDefaults()
	c.Parameters = c.Parameters.withDefaults()
	setDefault(&c.SyncedAtHeader, "X-Updated-Since-Request-Synced-At")
	setDefault(&c.TotalHeader, "X-Total-Count")
	if c.Pagination == nil {
		c.Pagination = LinkHeader{}
	}
	return c
}

// validate returns what is wrong with the settings but those of wire.
func (c Config) validate() error {
	switch {
	case c.PerPage < 0:
		return fmt.Errorf("per page %d: want 0 or more", c.PerPage)
	case c.MaxRecords < 0:
		return fmt.Errorf("max records %d: want more than 0", c.MaxRecords)
	case c.MaxPages < 0:
		return fmt.Errorf("max pages %d: want more than 0", c.MaxPages)
	case c.InFlight < 0:
		return fmt.Errorf("in flight %d: want more than 0", c.InFlight)
	}
	if c.BareIDs != "" && (c.Body != nil || c.RecordPath != "") {
		return errors.New("bare ids: Body and RecordPath are of items that are objects: leave them out, or BareIDs")
	}
	if strings.ContainsFunc(c.BareIDs, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		return fmt.Errorf("bare ids: %q: want the name of the id's attribute, \"id\"", c.BareIDs)
	}
	if err := c.validateBody(); err != nil {
		return err
	}
	if p, ok := c.Pagination.(checker); ok {
		if err := p.validate(); err != nil {
			return fmt.Errorf("pagination: %w", err)
		}
	}
	if c.Since.Window > 0 && c.Conditional {
		return errors.New("since: Window, and Conditional: no page stands for the whole of a list that comes in windows")
	}
	return errors.Join(c.checkEmptyStatus(), c.Export.validate(c), c.Parameters.validate(c), c.PerValue.validate(c), c.Since.validate(), c.Position.validate(c), c.Feed.validate(c), c.Incomplete.validate(), c.Deleted.validate(), c.Record.validate(), c.IDs.validate())
}

// wire returns the settings of single requests.
func (c Config) wire() wire.Config {
	header := http.Header{"Accept": {"application/vnd.api+json, application/json"}}
	if c.Body != nil {
		header.Set("Accept", c.Body.accept())
	}
	for name, values := range c.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	limiter := c.Limiter
	if limiter == nil {
		limiter = wire.NewLimiter(wire.LimiterConfig{InFlight: max(c.InFlight, 4)})
	}
	return wire.Config{
		BaseURL: c.BaseURL, Hosts: c.Hosts, Auth: c.Auth, HTTP: c.HTTP, Timeout: c.Timeout,
		UserAgent: c.UserAgent, Header: header, Retry: c.Retry, Limiter: limiter,
		Limited: c.Limited, Breaker: c.Breaker, Clock: c.Clock, MaxBodyBytes: c.MaxBodyBytes,
	}
}

// setDefault sets *v where it is zero.
func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
