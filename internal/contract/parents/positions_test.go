package parents_test

import (
	"fmt"
	"net/http"
	"slices"
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

type calendar struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Etag      string `json:"etag" db:"etag"`
}

type event struct {
	SyncedID   int64  `json:"id" db:"synced_id"`
	CalendarID int64  `db:"calendar_id"`
	Summary    string `json:"summary" db:"summary"`
}

// diary has calendars, whose events are asked for from a position each.
type diary struct {
	*harness.Bundle
	calendars *synced.Model[calendar]
	events    *synced.Model[event]
}

func newDiary(t *testing.T, b *harness.Bundle, options synced.EachOptions) *diary {
	t.Helper()
	sync := remotetest.GoogleSync
	sync.Retention = 7 * 24 * time.Hour
	b.Server = remotetest.New(remotetest.Config{Style: remotetest.GoogleLike, Positions: sync, PerPage: 2})
	t.Cleanup(b.Server.Close)
	config := rest.Config{BaseURL: b.Server.URL(), HTTP: b.Server.Client(), Retry: wire.Retry{Max: -1}, RecordsKey: "items", RecordsOmitted: true,
		Pagination: rest.Cursor{Param: "pageToken", PerPage: "maxResults", Path: "nextPageToken", Omitted: true}}
	var err error
	b.API, err = rest.NewClient(config)
	require.NoError(t, err)
	d := &diary{Bundle: b}
	d.calendars = harness.Model(t, b, synced.Synced[calendar]{Table: "calendars", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{}})
	config.Position = rest.Position{Path: "nextSyncToken", Param: "syncToken"}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	d.events = harness.Model(t, b, synced.Synced[event]{
		Table: "events", Scope: "calendar_id", API: api, Strategy: strategy.Position{}, Remove: synced.Destroy{},
		PerParent: synced.Each(d.calendars, "calendars/{synced_id}/events", options),
		Tombstone: func(o remote.Object) bool {
			status, _ := remote.Get[string](o, "status")
			return status == "cancelled"
		},
	})
	for id := 1; id <= 3; id++ {
		d.put(id, "a")
		d.list(id).Put(remotetest.Record{"id": 1, "summary": fmt.Sprint("first of ", id)}, remotetest.Record{"id": 2, "summary": fmt.Sprint("second of ", id)}, remotetest.Record{"id": 3, "summary": fmt.Sprint("third of ", id)})
	}
	return d
}

func (d *diary) put(id int, etag string) {
	d.Server.Collection("calendars").Put(remotetest.Record{"id": id, "etag": etag})
}

func (d *diary) list(id int) *remotetest.Collection {
	return d.Server.Collection(fmt.Sprintf("calendars/%d/events", id))
}

func (d *diary) sync(t *testing.T) synced.Result {
	t.Helper()
	harness.Sync(t, d.calendars, account)
	return harness.Sync(t, d.events, account)
}

func (d *diary) stored(t *testing.T, id int) []string {
	t.Helper()
	return d.Column(t, "SELECT e.summary FROM events e JOIN calendars c ON c.id = e.calendar_id WHERE c.synced_id = ? ORDER BY e.synced_id", id)
}

// asked lists which lists were asked for everything, and from a position.
func (d *diary) asked() (everything, changes []string) {
	for _, r := range d.Server.Log() {
		switch {
		case !strings.HasSuffix(r.Collection, "/events") || r.Query.Has("pageToken"):
		case r.Query.Has("syncToken"):
			changes = append(changes, r.Collection)
		default:
			everything = append(everything, r.Collection)
		}
	}
	d.Server.ResetLog()
	slices.Sort(changes)
	return everything, slices.Compact(changes) // where much is new, they are asked once more
}

func TestContract_C194_APositionForEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := newDiary(t, b, synced.EachOptions{})
		require.Equal(t, 9, d.sync(t).Created)
		require.Equal(t, []string{"3"}, b.Column(t, "SELECT count(*) FROM synced_positions"))
		d.asked()

		d.list(1).Delete(2)
		d.list(2).Update(1, remotetest.Record{"summary": "moved"})
		d.list(2).Put(remotetest.Record{"id": 4, "summary": "fourth of 2"}, remotetest.Record{"id": 5, "summary": "fifth of 2"})
		result := d.sync(t)
		require.Equal(t, harness.Counts{Created: 2, Updated: 1, Removed: 1}, harness.CountsOf(result))
		require.Equal(t, []string{"first of 1", "third of 1"}, d.stored(t, 1))
		require.Equal(t, []string{"moved", "second of 2", "third of 2", "fourth of 2", "fifth of 2"}, d.stored(t, 2))
		everything, changes := d.asked()
		require.Empty(t, everything)
		require.Len(t, changes, 3)

		require.NoError(t, d.events.Reset(t.Context(), synced.InParent(d.keyOf(t, 1))))
		require.Zero(t, changedOf(d.sync(t)))
		everything, changes = d.asked()
		require.Equal(t, []string{"calendars/1/events"}, everything, "the others keep theirs")
		require.Len(t, changes, 2)

		d.Server.Collection("calendars").Delete(3)
		d.sync(t)
		require.Equal(t, []string{"2"}, b.Column(t, "SELECT count(*) FROM synced_positions"), "that of a parent that is gone is forgotten")
	})
}

func TestContract_C194_AForgottenPositionCostsItsParentAlone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := newDiary(t, b, synced.EachOptions{})
		d.sync(t)
		d.asked()
		d.list(1).Delete(2)
		b.Server.Fault(remotetest.Fault{Collection: "calendars/1/events", Status: http.StatusGone, Times: 2})
		b.Server.Fault(remotetest.Fault{Collection: "calendars/2/events", Status: http.StatusInternalServerError})
		d.list(2).Delete(1)
		d.list(3).Delete(1)
		harness.Sync(t, d.calendars, account)
		result, err := d.events.Synchronize(t.Context(), account)
		require.ErrorContains(t, err, "500")
		require.Equal(t, 2, result.Removed)
		require.Equal(t, parentsOf(3, 0, 1, 0), result.Parents)
		everything, _ := d.asked()
		require.Equal(t, []string{"calendars/1/events"}, everything)
		require.Equal(t, []string{"first of 1", "third of 1"}, d.stored(t, 1), "by absence")
		require.Equal(t, []string{"second of 3", "third of 3"}, d.stored(t, 3))

		d.sync(t)
		everything, _ = d.asked()
		require.Empty(t, everything, "the one that failed is asked from where it was")
		require.Equal(t, []string{"second of 2", "third of 2"}, d.stored(t, 2))
	})
}

// A parent of which nothing is new writes nothing. Its position moves once it is old.
func TestContract_C194_AnIdleParentWritesNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := newDiary(t, b, synced.EachOptions{})
		d.sync(t)
		before := b.Column(t, "SELECT position FROM synced_positions ORDER BY scope_id")
		runs := b.Column(t, "SELECT number FROM synced_runs WHERE scope_type = 'calendar_id' ORDER BY scope_id")
		require.Zero(t, d.sync(t).Counts)
		require.Equal(t, before, b.Column(t, "SELECT position FROM synced_positions ORDER BY scope_id"))
		require.Equal(t, runs, b.Column(t, "SELECT number FROM synced_runs WHERE scope_type = 'calendar_id' ORDER BY scope_id"), "no run was noted")

		b.Execute(t, "UPDATE synced_positions SET recorded_at = ?", time.Now().Add(-2*time.Hour))
		require.NoError(t, d.events.Reset(t.Context(), synced.InParent(d.keyOf(t, 2))))
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Collection == "calendars/1/events" && r.Query.Has("syncToken") { // it is reset while it is asked
				b.Server.OnRequest(nil)
				require.NoError(t, d.events.Reset(t.Context(), synced.InParent(d.keyOf(t, 1))))
			}
		})
		require.Zero(t, changedOf(d.sync(t)))
		after := b.Column(t, "SELECT position FROM synced_positions ORDER BY scope_id")
		require.Len(t, after, 2)
		require.NotEqual(t, before[2], after[1], "the others moved")
		d.asked()
		d.sync(t)
		everything, _ := d.asked()
		require.Equal(t, []string{"calendars/1/events"}, everything, "a Reset counts")
	})
}

func TestContract_C194_AParentThatIsNotDueIsSkipped(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := newDiary(t, b, synced.EachOptions{Due: "etag"})
		d.sync(t)
		d.put(2, "b")
		d.list(2).Put(remotetest.Record{"id": 1, "summary": "changed"})
		result := d.sync(t)
		require.Equal(t, parentsOf(1, 2, 0, 0), result.Parents)
		require.Equal(t, 1, result.Updated)
		b.Execute(t, "DELETE FROM synced_positions WHERE scope_id = ?", fmt.Sprint(d.keyOf(t, 1)))
		require.Equal(t, parentsOf(1, 2, 0, 0), d.sync(t).Parents, "one without a position must be asked")
		d.asked()

		// Another question needs all of them.
		for _, r := range []synced.Result{harness.Sync(t, d.events, account, synced.Call{Strategy: strategy.Full{}}), d.sync(t)} {
			require.Zero(t, changedOf(r))
		}
		everything, _ := d.asked()
		require.Len(t, everything, 3)
	})
}

// keyOf is the local key of a calendar.
func (d *diary) keyOf(t *testing.T, id int) int64 {
	t.Helper()
	for row, err := range d.calendars.All(t.Context(), account) {
		require.NoError(t, err)
		if row.SyncedID == int64(id) {
			return row.ID
		}
	}
	t.Fatal("no such calendar")
	return 0
}

// changedOf are the counts of what a run changed.
func changedOf(r synced.Result) harness.Counts {
	c := harness.CountsOf(r)
	c.Unchanged = 0
	return c
}
