package mapping_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/recorded"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// LOSRecord is a price by length of stay, as BookingSync has them.
type LOSRecord struct {
	SyncedID         int64       `json:"id" db:"synced_id"`
	Kind             string      `json:"kind" db:"kind"`
	Day              string      `json:"day" db:"day"`
	Rates            []string    `json:"rates" db:"rates"`
	MinOccupancy     *int        `json:"min_occupancy" db:"min_occupancy"`
	MaxOccupancy     *int        `json:"max_occupancy" db:"max_occupancy"`
	OriginalCurrency *string     `json:"original_currency" db:"original_currency"`
	CreatedAt        time.Time   `json:"created_at" db:"created_at"`
	SyncedData       synced.Data `db:"synced_data"`
}

// TestRecorded_LOSRecords replays 2,928 real records on 4 pages.
func TestRecorded_LOSRecords(t *testing.T) {
	cases := []struct {
		file     string
		strategy strategy.Strategy
		first    time.Time
	}{
		{"los_records", strategy.Full{}, time.Time{}},
		{"los_records", strategy.UpdatedSince{}, time.Date(2017, 6, 13, 10, 16, 57, 0, time.UTC)},
		{"los_records_updated_since", strategy.UpdatedSince{Initial: time.Unix(0, 0)}, time.Date(2017, 6, 13, 19, 8, 39, 0, time.UTC)},
	}
	for _, c := range cases {
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			t.Run(fmt.Sprintf("%s, %s, commit %d", c.file, c.strategy.String(), commit), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					exchanges := recorded.Load(t, c.file)
					received := map[string]string{}
					for _, e := range exchanges {
						var body struct {
							Records []json.RawMessage `json:"los_records"`
						}
						require.NoError(t, json.Unmarshal([]byte(e.Response.Body), &body))
						for _, raw := range body.Records {
							var id struct{ ID json.Number }
							require.NoError(t, json.Unmarshal(raw, &id))
							received[id.ID.String()] = string(raw)
						}
					}
					d := synced.Synced[LOSRecord]{Table: "los_records", Strategy: c.strategy, Commit: commit, Remove: synced.Destroy{}, API: harness.Replay(t, exchanges)}
					if c.file == "los_records_updated_since" {
						d.Ask.Query = url.Values{"updated_since": {""}} // as it was recorded
					}
					m := harness.Model(t, b, d)
					// Two that the remote does not have: gone after a complete pass, and
					// after an incremental one only if deleted_ids says so.
					b.Execute(t, "INSERT INTO los_records (synced_id, kind, day, created_at) VALUES (1, 'x', 'x', '2020-01-01 00:00:00+00'), (2, 'y', 'y', '2020-01-01 00:00:00+00')")

					result := harness.Sync(t, m, synced.NoScope)
					require.Equal(t, 2928, result.Created)
					require.Equal(t, 4, result.Pages)
					require.Equal(t, c.first, result.StoredTime, "the first page's, not the last one's")
					incremental := c.file == "los_records_updated_since"
					if incremental {
						require.Zero(t, result.Removed, "deleted_ids is there, and empty")
						b.Execute(t, "DELETE FROM los_records WHERE synced_id < 3")
					} else {
						require.Equal(t, 2, result.Removed)
					}

					rows := 0
					for row, err := range m.All(context.Background(), synced.NoScope) {
						require.NoError(t, err)
						rows++
						require.Equal(t, received[fmt.Sprint(row.SyncedID)], row.SyncedData.String(), "byte for byte")
						require.Len(t, row.Rates, 30)
						require.Equal(t, "0.0", row.Rates[0], "decimals as received")
						require.Nil(t, row.OriginalCurrency, "nulls as received")
						require.NotNil(t, row.MaxOccupancy)
					}
					require.Equal(t, len(received), rows)

					before := b.Written(t, "los_records")
					again := harness.Sync(t, harness.Bind(t, b, synced.Synced[LOSRecord]{Table: "los_records", Strategy: strategy.Full{}, API: harness.Replay(t, recorded.Load(t, "los_records"))}), synced.NoScope)
					require.Equal(t, harness.Counts{Unchanged: 2928}, harness.CountsOf(again))
					require.Equal(t, before, b.Written(t, "los_records"), "a second run writes nothing")
				})
			})
		}
	}
}

// ABooking is a booking, which BookingSync deletes.
type ABooking struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	ShortName string `json:"short_name" db:"short_name"`
}

func TestRecorded_DeletedIDs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		exchanges := recorded.Load(t, "bookings_deleted_ids")
		since := time.Date(2010, 1, 1, 12, 12, 12, 0, time.UTC)
		srv := recorded.Replay(t, exchanges)
		api, err := rest.NewClient(rest.Config{BaseURL: srv.URL + "/api/v3", HTTP: srv.Client(), Since: rest.Since{Format: "2006-01-02 15:04:05 UTC"}})
		require.NoError(t, err)
		m := harness.Model(t, b, synced.Synced[ABooking]{Table: "bookings", Remove: synced.Destroy{}, API: api,
			Strategy: strategy.UpdatedSince{Tolerance: -1, Initial: since, Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}})
		b.Execute(t, "INSERT INTO bookings (synced_id, short_name) VALUES (2, 'two'), (3, 'three'), (17, 'seventeen')")
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, harness.Counts{Created: 2, Removed: 2}, harness.CountsOf(result))
		require.Equal(t, []string{"1", "3", "4"}, b.Column(t, "SELECT CAST(synced_id AS text) FROM bookings ORDER BY synced_id"))
		require.Equal(t, time.Date(2014, 3, 21, 13, 46, 18, 0, time.UTC), result.StoredTime)
		require.Equal(t, "date", result.TimeSource)
	})
}
