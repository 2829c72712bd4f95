package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// Feed is a list of events beside the list of records: what became of which record. A run
// that asks for what changed reads the feed in place of the list, from the stored time
// ([Since]) or from a position ([Position]). Others read the list. The zero value is none.
//
//	Since: Since{Param: "created[gte]", Format: Unix},
//	Feed: Feed{
//		Endpoint:    "events",
//		Query:       url.Values{"types[]": {"customer.created", "customer.updated", "customer.deleted"}},
//		NewestFirst: true,
//		RecordPath:  "data.object",
//		TypePath:    "type",
//		Changed:     []string{"customer.created", "customer.updated"},
//		Deleted:     []string{"customer.deleted"},
//	}
//
// What changes while the list is read is in the feed from before the list: the time that a
// run stores is that of its first page, and a position is asked for first ([Feed].Start).
// A feed that is not found, as where a position is forgotten, has the run ask for everything.
// A feed that is asked from a time says nothing of what it has forgotten, so declare how
// long it remembers in strategy.UpdatedSince.Retention. Events may come late, too: see
// Tolerance there.
type Feed struct {
	// Endpoint is that of the feed, with the name of the list in the place of %s, if there
	// is one: "%s/changes". Defaults to none.
	Endpoint string
	// Query is what the feed is asked with besides. The request's own Query, Fields and
	// Include are for the list.
	Query url.Values
	// RecordsKey names the member that holds the events, and Pagination is how the pages
	// of the feed follow each other. They default to those of [Config]. All other settings
	// are those of the list.
	RecordsKey string
	Pagination Pagination
	// NewestFirst reports whether the feed begins with the last event. What it tells of a
	// record after that is then left out. Defaults to false: the first event comes first,
	// and of several of a record the last counts.
	NewestFirst bool
	// RecordPath is where an event has its record, whole, as it was then: "data.object".
	// Defaults to none, for events that have an id or a part only: each record that changed
	// is asked for by itself, see Config.Record.
	RecordPath string
	// ID is where an event has the id of its record. Defaults to "id" in RecordPath.
	ID string
	// TypePath is where an event has its type, a text, a number or a boolean. It says what
	// happened: events of the types in Deleted, that the record was deleted; of those in
	// Changed, that it was created or changed. Others are skipped, unless Changed is
	// empty: then all are changes that are no deletions. Defaults to none: all are.
	TypePath         string
	Changed, Deleted []string
	// Start is an endpoint, parameters and all, that answers where the feed stands, and
	// StartPath is where in its answer: "changes/startPageToken", "startPageToken". It is
	// asked before the list is, and needs Config.Position, which is about the feed.
	// StartPath defaults to Position.Path.
	Start, StartPath string
}

// on reports whether there is a feed.
func (f Feed) on() bool { return f.Endpoint != "" }

// validate returns what is wrong with the settings.
func (f Feed) validate(c Config) error {
	if !f.on() {
		if f.Start != "" || f.TypePath != "" || f.RecordPath != "" || f.ID != "" || len(f.Changed)+len(f.Deleted)+len(f.Query) > 0 {
			return errors.New("feed: want its Endpoint")
		}
		return nil
	}
	switch {
	case strings.Count(f.Endpoint, "%s") > 1:
		return fmt.Errorf("feed: endpoint %q: want %%s once at most, where the name of the list goes", f.Endpoint)
	case f.ID == "" && f.RecordPath == "":
		return errors.New("feed: want RecordPath, where an event has its record, or ID, where it has the record's id")
	case f.TypePath == "" && len(f.Changed)+len(f.Deleted) > 0:
		return errors.New("feed: Changed and Deleted without the TypePath of what they are compared with")
	case slices.ContainsFunc(f.Changed, func(t string) bool { return slices.Contains(f.Deleted, t) }):
		return errors.New("feed: a type is in both Changed and Deleted")
	case c.Deleted.Endpoint != "":
		return errors.New("feed: Config.Deleted.Endpoint is for a list: set Feed.Deleted")
	case c.Since.Until != "":
		return errors.New("feed: Since.Until is for lists that are asked for spans of time: leave it out")
	case c.Conditional:
		return errors.New("feed: Conditional saves complete runs, and a feed makes them rare: leave it out")
	case (f.Start == "") != (c.Position.Path == ""):
		return errors.New("feed: Start and Config.Position belong together: what the feed is asked from after the first list, and after that")
	case f.Start != "" && c.Position.Param == "":
		return errors.New("feed: want Position.Param, which sends what Start answers")
	}
	if p, ok := f.Pagination.(checker); ok {
		if err := p.validate(); err != nil {
			return fmt.Errorf("feed: pagination: %w", err)
		}
	}
	return nil
}

// config is that of the feed's own list.
func (f Feed) config(c Config) Config {
	if f.Pagination != nil {
		c.Pagination = f.Pagination
	}
	if f.RecordsKey != "" {
		c.RecordsKey = f.RecordsKey
	}
	c.RecordPath, c.Body, c.Export, c.PerValue, c.Deleted = "", nil, nil, PerValue{}, Deleted{Path: None}
	return c
}

// word tells what a position in the feed is good for.
func (f Feed) word() string {
	if !f.on() {
		return ""
	}
	return strings.Join([]string{f.Endpoint, f.Query.Encode(), f.RecordPath, f.ID, f.TypePath, strings.Join(f.Changed, "\x01"), strings.Join(f.Deleted, "\x01")}, "\x02")
}

// asks reports whether a request is for what changed.
func (f Feed) asks(req remote.Request) bool {
	return f.on() && req.Cursor == "" && (!req.UpdatedSince.IsZero() || req.Position != "")
}

// events asks for the events of a feed, as pages of what became of records.
func (l *lister) events(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	f := l.config.Feed
	endpoint := strings.Replace(f.Endpoint, "%s", strings.TrimSuffix(req.Endpoint, "/"), 1)
	req = remote.Request{Endpoint: endpoint, UpdatedSince: req.UpdatedSince, Position: req.Position, Query: f.Query}
	return func(yield func(*remote.Page, error) bool) {
		walk, err := l.walk(ctx, req, envelopeOf(l.config, endpoint))
		if err != nil {
			yield(nil, err)
			return
		}
		walk.events = &events{Feed: f, seen: map[string]bool{}}
		walk.pages(yield)
	}
}

// start asks where the feed stands, and returns what that cost.
func (l *lister) start(ctx context.Context) (position string, cost *remote.Page, err error) {
	f := l.config.Feed
	u, err := l.addresses.startOf(f.Start)
	if err != nil {
		return "", &remote.Page{}, err
	}
	resp, answer, err := l.asker.ask(ctx, &ask{url: u, page: 1, envelope: envelope{any: true}})
	cost = &remote.Page{Requests: answer.Requests, Bytes: answer.Bytes}
	if err != nil {
		return "", cost, fmt.Errorf("where the feed stands: %w", err)
	}
	path := f.StartPath
	setDefault(&path, l.config.Position.Path)
	text, _, err := resp.text(path)
	if err == nil && text == "" {
		err = fmt.Errorf("%s: the position is missing", path)
	}
	if err != nil {
		return "", cost, answer.FormatError(&remote.FormatError{Reason: "where the feed stands: " + err.Error() + " (rest.Feed.StartPath)", Err: err}, resp.Body)
	}
	return l.kept(answer, text), cost, nil
}

// startOf is the URL of an endpoint that may have parameters.
func (a *addresses) startOf(endpoint string) (*url.URL, error) {
	path, query, _ := strings.Cut(endpoint, "?")
	u, err := a.endpoint(path)
	if err == nil {
		u.RawQuery = query
	}
	return u, err
}
