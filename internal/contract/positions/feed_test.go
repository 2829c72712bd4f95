package positions_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// change is what becomes of a record.
type change struct {
	id   int
	name string // "" where it is deleted
}

// feed is a remote that tells what changed, two a page.
type feed struct {
	*remotetest.Server
	style style
}

// style is how an API tells what changed.
type style struct {
	name      string
	fake      remotetest.Config
	config    rest.Config
	strategy  strategy.Strategy // a position, unless another is given
	tombstone string            // the member that a deleted record has
	param     string            // of the position
}

// rentalEvents are the types of the events that are about rentals.
var rentalEvents = url.Values{"types[]": {"rentals.created", "rentals.updated", "rentals.deleted"}}

// positioned are the styles that are asked from a position.
var positioned = []style{
	{
		name: "google", fake: remotetest.Config{Style: remotetest.GoogleLike, Positions: kept(remotetest.GoogleSync)}, tombstone: "status", param: "syncToken",
		config: rest.Config{RecordsKey: "items", Pagination: rest.Cursor{Param: "pageToken", PerPage: "maxResults", Path: "nextPageToken", Omitted: true},
			Position: rest.Position{Path: "nextSyncToken", Param: "syncToken"}},
	},
	{
		name: "graph", fake: remotetest.Config{Style: remotetest.GraphLike, Positions: remotetest.GraphDelta}, tombstone: "@removed", param: "$deltatoken",
		config: rest.Config{RecordsKey: "value", Pagination: rest.NextURL{Path: "@odata.nextLink", PerPage: "$top", Omitted: true, Stable: true},
			Position: rest.Position{Path: "@odata.deltaLink"}},
	},
	{
		name: "couchdb", fake: remotetest.Config{Style: remotetest.CouchDBLike}, tombstone: "_deleted", param: "since",
		config: rest.Config{RecordsKey: "results", Pagination: rest.Sequence{}, Position: rest.Position{Path: "last_seq", Param: "since"}},
	},
	{
		name: "drive", param: "from", // a feed of its own, which is asked first where it stands
		fake: remotetest.Config{Style: remotetest.Style{By: remotetest.ByCursor, Records: "items", NextParam: "next"}, Positions: kept(remotetest.Positions{Path: "newStart", Param: "from"}),
			Events: remotetest.Events{Endpoint: "changes", Start: "changes/start", Record: "file", Type: "type"}},
		config: rest.Config{RecordsKey: "items", Pagination: rest.Cursor{Path: "next"},
			Position: rest.Position{Path: "newStart", Param: "from"},
			Feed: rest.Feed{Endpoint: "changes", Start: "changes/start", RecordPath: "file", TypePath: "type",
				Changed: []string{"rentals.created", "rentals.updated"}, Deleted: []string{"rentals.deleted"}}},
	},
}

// stripe is a feed that is asked from a time, the newest event first.
var stripe = style{
	name: "stripe", fake: remotetest.Config{Style: remotetest.StripeLike, Events: remotetest.StripeEvents}, param: "created[gte]",
	strategy: strategy.UpdatedSince{Retention: 30 * 24 * time.Hour, Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	config: rest.Config{RecordsKey: "data", Pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"},
		Since: rest.Since{Param: "created[gte]", Format: rest.Unix},
		Feed: rest.Feed{Endpoint: "events", Query: rentalEvents, NewestFirst: true, RecordPath: "data.object", TypePath: "type",
			Changed: []string{"rentals.created", "rentals.updated"}, Deleted: []string{"rentals.deleted"}}},
}

// kept has positions be forgotten after a week.
func kept(p remotetest.Positions) remotetest.Positions {
	p.Retention = 7 * 24 * time.Hour
	return p
}

// newFeed starts a remote of a style.
func newFeed(t *testing.T, s style) *feed {
	t.Helper()
	s.fake.PerPage, s.fake.MaxPerPage = 2, 2
	if s.strategy != nil && s.fake.Clock == nil { // how old a time is is judged by this machine's clock
		s.fake.Clock = func() time.Time { return time.Now().Add(-3 * 24 * time.Hour) }
	}
	f := &feed{remotetest.New(s.fake), s}
	t.Cleanup(f.Close)
	f.Collection("rentals")
	return f
}

// declare declares rentals of the remote.
func (f *feed) declare(t *testing.T) synced.Synced[harness.Rental] {
	t.Helper()
	config := f.style.config
	config.BaseURL, config.HTTP, config.Retry = f.URL(), f.Client(), wire.Retry{Max: -1}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	d := harness.Rentals()
	d.API, d.Strategy, d.Remove = api, strategy.Position{}, synced.Destroy{}
	if f.style.strategy != nil {
		d.Strategy = f.style.strategy
	}
	if f.style.tombstone != "" {
		d.Tombstone = func(o remote.Object) bool {
			_, gone := o.Lookup(f.style.tombstone)
			return gone
		}
	}
	return d
}

// change makes changes, one after the other.
func (f *feed) change(changes ...change) {
	for _, c := range changes {
		if c.name == "" {
			f.Collection("rentals").Delete(c.id)
		} else {
			f.Collection("rentals").PutRaw(fmt.Sprintf(`{"id":%d,"name":%q}`, c.id, c.name))
		}
	}
}

// failAt has the n-th request from now on fail.
func (f *feed) failAt(n int) {
	f.ClearFaults()
	f.Script(remotetest.Fault{Times: n - 1}, remotetest.Fault{Status: http.StatusInternalServerError})
}

// second is which request asks for the second page of a first run.
func (f *feed) second() int {
	if f.style.fake.Events.Start != "" {
		return 3
	}
	return 2
}

// takeAsked returns the positions that were asked from: after how many changes, "" for
// everything.
func (f *feed) takeAsked() []string {
	var asked []string
	for _, r := range f.Log() {
		if r.Collection != f.style.fake.Events.Start || r.Collection == "" {
			seq, _, _ := strings.Cut(r.Query.Get(f.style.param), "-")
			asked = append(asked, seq)
		}
	}
	f.ResetLog()
	return asked
}

// onEach runs a test for each style with positions, on both stores. Each has a scope of
// its own.
func onEach(t *testing.T, test func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope)) {
	t.Helper()
	on(t, positioned, test)
}

// on runs a test for styles.
func on(t *testing.T, styles []style, test func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope)) {
	t.Helper()
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		require.NoError(t, harness.Rentals().CreateTable(context.Background(), b.DB))
		for i, s := range styles {
			t.Run(s.name, func(t *testing.T) {
				f := newFeed(t, s)
				test(t, b, f, f.declare(t), synced.In(i+1))
			})
		}
	})
}
