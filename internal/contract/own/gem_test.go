package own_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// gemTable makes the table of times as the gem's own migrations make it.
func gemTable(t *testing.T, b *harness.Bundle) {
	t.Helper()
	id, at := "integer PRIMARY KEY AUTOINCREMENT NOT NULL", "datetime"
	if b.Pool != nil {
		id, at = "bigserial PRIMARY KEY", "timestamp(6) without time zone"
	}
	b.Execute(t, "CREATE TABLE synced_timestamps (id "+id+", parent_scope_id integer, parent_scope_type varchar, model_class varchar NOT NULL, synced_at "+at+" NOT NULL)")
	b.Execute(t, "CREATE INDEX synced_timestamps_max_index ON synced_timestamps (parent_scope_id, parent_scope_type, synced_at DESC)")
	for _, row := range []string{
		"7, 'Account', 'Rental', '2026-01-02 03:04:05.123456'",
		"7, 'Account', 'Rental', '2026-01-01 03:04:05'",
		"7, 'Account', 'Booking', '2026-03-01 00:00:00'",
		"7, 'Owner', 'Rental', '2026-03-02 00:00:00'",
		"8, 'Account', 'Rental', '2026-02-02 00:00:00'",
		"9, 'Account', 'Rental', '2126-02-02 00:00:00'",
		"10, 'Account', 'Rental', '2026-02-02 00:00:00'",
		"NULL, NULL, 'House', '2026-02-03 00:00:00'",
	} {
		b.Execute(t, "INSERT INTO synced_timestamps (parent_scope_id, parent_scope_type, model_class, synced_at) VALUES ("+row+")")
	}
}

func TestContract_C138_TheGemsTimesAreTakenOverOnce(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		gemTable(t, b)
		require.NoError(t, elsewhere(t, b, "other_").DB.Migrate(ctx), "a database that has the gem's table")
		if b.Pool != nil {
			_, err := b.Pool.Exec(ctx, "ALTER ROLE CURRENT_USER IN DATABASE "+b.Pool.Config().ConnConfig.Database+" SET timezone = 'Asia/Tokyo'")
			require.NoError(t, err)
			b.Pool.Reset()
		}
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Remove = synced.Destroy{}
		d.Timestamps = timestamp.PerScope{Gem: timestamp.Gem{Model: "Rental", Scope: "Account"}}
		require.NoError(t, d.CreateTable(ctx, b.DB))
		for _, account := range []string{"7", "8", "9"} {
			b.Execute(t, "INSERT INTO rentals (synced_id, account_id, name) VALUES (1, "+account+", 'of the gem')")
		}
		b.Put("one")
		rentals := harness.Bind(t, b, d)
		times := func() []string {
			return b.Column(t, "SELECT scope_type || ' ' || scope_id || ' ' || source FROM synced_times WHERE model = 'rentals' ORDER BY scope_id")
		}
		require.Equal(t, []string{"account_id 7 gem", "account_id 8 gem"}, times(), "not 9, of another century, nor 10, which has no rows")
		at, err := ledger.TimeOf(ctx, b.DB, ledger.Scope{Model: "rentals", Type: "account_id", ID: "7"})
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC), at.At, "in UTC, wherever the server is")
		harness.Sync(t, rentals, synced.In(7))
		require.Equal(t, "2026-01-02T03:04:05Z", b.Server.Log()[0].Query.Get("updated_since"))

		// Once: what was reset stays so, and no later time of the gem counts.
		require.NoError(t, rentals.Reset(ctx, synced.NoScope))
		harness.Bind(t, b, d)
		require.Empty(t, times())

		// The table is as it was.
		require.Equal(t, []string{"8"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM synced_timestamps"))

		// A model without scopes, and mistakes.
		houses := synced.Synced[harness.House]{Table: "houses", Timestamps: timestamp.PerScope{Gem: timestamp.Gem{Model: "House", Scope: "Account"}}, API: b.API}
		require.NoError(t, houses.CreateTable(ctx, b.DB))
		_, err = synced.New(ctx, b.DB, houses)
		require.EqualError(t, err, `synced: houses: timestamp.Gem has Scope "Account", but the model has none: leave it out`)
		houses.Timestamps = timestamp.PerScope{Gem: timestamp.Gem{Model: "House", Table: "houses"}}
		_, err = synced.New(ctx, b.DB, houses)
		require.EqualError(t, err, "synced: houses: the table houses is not the gem's: it has no column parent_scope_id")
	})
}
