package removal_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A miss is proof only beside a hit.
func TestContract_C80_AControlMustBeFound(t *testing.T) {
	for name, c := range map[string]struct {
		single  map[string]remotetest.Record // what is answered for a record
		hidden  bool                         // no single record is found
		removed int
		reason  string
	}{
		"gone":                  {removed: 1},
		"merged into another":   {single: map[string]remotetest.Record{"3": {"id": 1, "name": "1"}}, removed: 1},
		"found":                 {single: map[string]remotetest.Record{"3": {"id": 3, "name": "3"}}},
		"no control":            {hidden: true, reason: "the remote does not find a record that exists"},
		"nothing of the record": {single: map[string]remotetest.Record{"3": {"id": 3, "deleted": true}}, reason: "the answer has none of the attributes"},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3)}, Single: c.single}
				rentals := harness.Model(t, b, harness.Stripped(s))
				harness.Sync(t, rentals, synced.In(1))
				s.Listing[0] = harness.Records(1, 2)
				s.Hidden = c.hidden
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, c.removed, result.Removed)
				if c.reason == "" {
					require.Nil(t, result.Refused)
				} else {
					require.Contains(t, result.Refused.Reason, c.reason)
				}
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 3-c.removed)
			})
		})
	}
}

func TestContract_C82_NoTimeOfAListThatProvesTooLittle(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *remote.Page)
		reason string
	}{
		"below its total": {func(p *remote.Page) { p.Total, p.TotalKnown = 3, true }, "it has 3 records and listed 2"},
		"partial":         {func(p *remote.Page) { p.Partial = "incomplete_results is true" }, "incomplete_results"},
		"no known end":    {func(p *remote.Page) { p.Unended = "declare a pagination" }, "declare a pagination"},
		"a day ahead":     {func(p *remote.Page) { p.SyncedAt = time.Now().Add(25 * time.Hour) }, "more than a day ahead of this machine's clock"},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2)}, Each: func(_ int, p *remote.Page) { c.change(p) }}
				d := harness.Stripped(s)
				d.Strategy = strategy.UpdatedSince{}
				rentals := harness.Model(t, b, d)
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, 2, result.Created)
				require.Zero(t, result.StoredTime)
				require.Contains(t, result.NotStored, c.reason)
				require.Contains(t, result.String(), "; nothing stored to ask from: ")
			})
		})
	}
}

func TestContract_C83_ATombstoneIsNeverMapped(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2)}}
		d := harness.Stripped(s)
		d.Remove = synced.KeepRows{}
		d.Tombstone = func(o remote.Object) bool { _, deleted := o.Lookup("deleted"); return deleted }
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[0] = []remotetest.Record{{"id": 1, "deleted": true}, {"id": 2, "name": "2"}, {"id": 3, "deleted": true}}
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(result))
		require.Equal(t, 2, result.Tombstones)
		require.Equal(t, []string{"1", "2"}, harness.Names(t, rentals, synced.In(1)))
		diff, err := rentals.Check(t.Context(), synced.In(1))
		require.NoError(t, err)
		require.Empty(t, diff.Missing)
		require.Empty(t, diff.Changed)
		require.Len(t, diff.Additional, 1)
	})
}

func TestContract_C84_ATimeFromTheRecordsIsNotLaterThanTheFirstAnswer(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		answered := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{{{"id": 1, "name": "1", "at": "2099-01-01T00:00:00Z"}}}, Each: func(_ int, p *remote.Page) { p.SyncedAt, p.Date = time.Time{}, answered }}
		d := harness.Stripped(s)
		d.Strategy = strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: "at"}}}
		result := harness.Sync(t, harness.Model(t, b, d), synced.In(1))
		require.Equal(t, answered, result.StoredTime)
	})
}

// The last answer for a record is the server's own: here, real HTTP.
func TestContract_C80_OverHTTP(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Collection("rentals").Delete(2)
		b.Server.Fault(remotetest.Fault{Collection: "rentals/1", Times: -1, Status: http.StatusNotFound}) // so do strangers see it
		result := harness.Sync(t, rentals, synced.In(1))
		require.Zero(t, result.Removed)
		require.Contains(t, result.Refused.Reason, "the credentials, the address of one record, or a filter may hide it")
		one, err := rentals.SyncOne(t.Context(), synced.In(1), 2)
		require.NoError(t, err)
		require.False(t, one.Gone)
		require.Equal(t, []string{"one", "two"}, harness.Names(t, rentals, synced.In(1)))
	})
}
