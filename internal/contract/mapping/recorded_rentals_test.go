package mapping_test

import (
	"context"
	stdjson "encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/recorded"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// recordedRental is a rental as BookingSync has them, in a table that Schema
// makes.
type recordedRental struct {
	ID          int64             `db:"id"`
	SyncedID    int64             `json:"id" db:"synced_id"`
	AccountID   int64             `db:"account_id"`
	Name        string            `json:"name" db:"name" validate:"required"`
	RemoteSize  *int              `json:"surface" db:"remote_size"`
	MinPrice    *string           `json:"min_price" db:"min_price"`
	Headline    map[string]string `json:"headline" db:"headline"`
	Latitude    *float64          `json:"lat" db:"latitude"`
	Bathrooms   stdjson.Number    `json:"vr_bathrooms_count" db:"bathrooms"`
	PublishedAt *time.Time        `json:"published_at" db:"published_at"`
	Online      bool              `json:"bookable_online" db:"online"`
	Photos      []int64           `db:"photos" synced:"computed"`
	Beds        *int              `json:"bedrooms_count"`
	UpdatedAt   time.Time         `json:"updated_at"`
	SyncedData  synced.Data       `db:"synced_data"`
}

func (r *recordedRental) MapRemote(o remote.Object) (err error) {
	r.Photos, err = remote.Get[[]int64](o, "links", "photos")
	return err
}

func TestRecorded_Rentals(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		exchanges := recorded.Load(t, "rentals")
		m := harness.Model(t, b, synced.Synced[recordedRental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}, API: harness.Replay(t, exchanges)})

		require.Equal(t, harness.Counts{Created: 4}, harness.CountsOf(harness.Sync(t, m, synced.In(3837))))
		require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, m, synced.In(3837))))
		require.Equal(t, []string{"70.0", "2812.0", "null", "null"}, b.Column(t, "SELECT min_price FROM rentals ORDER BY synced_id"), "a decimal is kept as received")
		require.Equal(t, []string{"3.5", "2", "", ""}, b.Column(t, "SELECT bathrooms FROM rentals ORDER BY synced_id"))

		villa, err := m.Find(context.Background(), synced.In(3837), 5116)
		require.NoError(t, err)
		data := villa.SyncedData
		require.Contains(t, exchanges[0].Response.Body, string(data))
		villa.SyncedData = nil
		size, price, beds, latitude, published := 75, "70.0", 6, 45.019215, time.Date(2016, 7, 7, 7, 36, 35, 0, time.UTC)
		require.Equal(t, recordedRental{
			ID: villa.ID, SyncedID: 5116, AccountID: 3837, Name: "Villa Boubouki", RemoteSize: &size, MinPrice: &price, Latitude: &latitude,
			Headline: map[string]string{
				"en": "Villa Boubouki - Charming seafront villa on a beautiful relaxing area",
				"fr": "Villa Boubouki - Villa de charme face à la mer dans bel espace de détente. ",
			},
			Bathrooms: "3.5", PublishedAt: &published,
			Photos: []int64{5775, 5777, 5783, 5780, 5776, 5782, 5779, 5781, 5778, 311593, 311594, 311595, 313468, 313469, 313470},
			Beds:   &beds, UpdatedAt: time.Date(2016, 12, 12, 2, 28, 45, 0, time.UTC),
		}, villa)

		bare, err := m.Find(context.Background(), synced.In(3837), 12216)
		require.NoError(t, err)
		require.Equal(t, "Unpublished rental", bare.Name)
		require.Equal(t, map[string]string{}, bare.Headline, "an object without locales is not null")
		require.Nil(t, bare.RemoteSize)
		require.Nil(t, bare.MinPrice)
		require.Nil(t, bare.PublishedAt)
		require.Nil(t, bare.Beds)

		diff, err := m.Check(context.Background(), synced.In(3837))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff.String())
	})
}

// A table from before synced, with decimals in numeric columns and no
// fingerprint: the second run compares the columns, and "70.0" is 70.00.
func TestRecorded_RentalsInNumericColumns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type priced struct {
			SyncedID  int64           `json:"id" db:"synced_id"`
			Name      string          `json:"name" db:"name"`
			MinPrice  *string         `json:"min_price" db:"min_price"`
			BaseRate  *stdjson.Number `json:"base_rate" db:"base_rate"`
			Bathrooms *stdjson.Number `json:"vr_bathrooms_count" db:"bathrooms"`
			Rating    *big.Float      `json:"reviews_average_rating" db:"rating"`
			Published *time.Time      `json:"published_at" db:"published"`
			Latitude  *float64        `json:"lat" db:"latitude"`
		}
		b.Execute(t, `CREATE TABLE rentals (id integer, synced_id bigint NOT NULL UNIQUE, name varchar(255) NOT NULL,
			min_price numeric(10,2), base_rate numeric(12,4), bathrooms numeric, rating text, published date, latitude real)`)
		m := harness.Bind(t, b, synced.Synced[priced]{Table: "rentals", Strategy: strategy.Full{}, API: harness.Replay(t, recorded.Load(t, "rentals"))})
		require.Equal(t, harness.Counts{Created: 4}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		before := b.Column(t, "SELECT CAST(min_price AS text) FROM rentals ORDER BY synced_id")
		require.True(t, strings.HasPrefix(before[0], "70"))
		if b.Pool != nil {
			require.Equal(t, []string{"70.00", "2812.00", "null", "null"}, before)
			before = b.Column(t, "SELECT CAST(xmin AS text) FROM rentals ORDER BY synced_id")
		}
		require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		diff, err := m.Check(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff.String())
		if b.Pool != nil {
			require.Equal(t, before, b.Column(t, "SELECT CAST(xmin AS text) FROM rentals ORDER BY synced_id"), "no row was written")
		}
		b.Execute(t, "UPDATE rentals SET min_price = 71 WHERE synced_id = 5116")
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 3}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	})
}
