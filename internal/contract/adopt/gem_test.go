package adopt_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// gemRental is a row of a table that the gem has kept.
type gemRental struct {
	ID        int64               `db:"id"`
	SyncedID  int64               `json:"id" db:"synced_id"`
	AccountID int64               `db:"account_id"`
	Name      string              `json:"name" db:"name"`
	Tags      []string            `json:"tags" db:"tags"`
	Headline  synced.Translations `json:"headline" db:"headline" synced:"translated"`
	CreatedAt time.Time           `db:"created_at"`
	UpdatedAt time.Time           `db:"updated_at"`
	Data      synced.Data         `db:"synced_data"`
}

// gemTables makes the tables as the migrations of a Rails application with the gem and
// with Globalize make them, with rows that the gem has written.
func gemTables(t *testing.T, b *harness.Bundle) {
	t.Helper()
	key, at := "bigserial PRIMARY KEY", "timestamp(6)"
	if b.Pool == nil {
		key, at = "integer PRIMARY KEY AUTOINCREMENT NOT NULL", "datetime(6)"
	}
	times := "created_at " + at + " NOT NULL, updated_at " + at + " NOT NULL"
	for _, ddl := range []string{
		"CREATE TABLE rentals (id " + key + ", account_id bigint, name varchar(255), tags text, synced_id integer, synced_data text, synced_all_at " + at + ", synced_updated_at " + at + ", " + times + ")",
		"CREATE INDEX index_rentals_on_synced_id ON rentals (synced_id)",
		"CREATE TABLE rental_translations (id " + key + ", rental_id bigint NOT NULL, locale varchar NOT NULL, headline varchar, " + times + ")",
		"CREATE INDEX index_rental_translations_on_rental_id ON rental_translations (rental_id)",
		"CREATE INDEX index_rental_translations_on_locale ON rental_translations (locale)",
		"CREATE TABLE bookings (id " + key + ", rental_id bigint REFERENCES rentals (id))",
	} {
		b.Execute(t, ddl)
	}
	row := "INSERT INTO rentals (account_id, name, tags, synced_id, synced_data, synced_all_at, synced_updated_at, created_at, updated_at) VALUES (1, ?, '[]', ?, ?, '2015-01-01 00:00:00.000000', '2015-01-01 00:00:00.000000', '2015-01-01 00:00:00.000000', '2015-01-01 00:00:00.000000')"
	b.Execute(t, row, "same", 1, `{"updated_at":"2026-01-01T12:00:00Z","name":"same","id":1,"tags":[],"headline":{"en":"Same"}}`)
	b.Execute(t, row, "old name", 2, `{"id":2,"name":"old name","tags":[]}`)
	b.Execute(t, row, "gone", 3, `{"id":3,"name":"gone"}`)
	b.Execute(t, row, "gone, and booked", 4, `{"id":4,"name":"gone, and booked"}`)
	b.Execute(t, "INSERT INTO rentals (account_id, name, created_at, updated_at) VALUES (1, 'mine', '2015-01-01 00:00:00', '2015-01-01 00:00:00')")
	b.Execute(t, "INSERT INTO rental_translations (rental_id, locale, headline, created_at, updated_at) SELECT id, 'en', 'Same', created_at, updated_at FROM rentals WHERE synced_id = 1")
	b.Execute(t, "INSERT INTO bookings (rental_id) SELECT id FROM rentals WHERE synced_id = 4")
}

// C149: a table that the gem kept is taken over as docs/adopting.md says, with its
// translations of Globalize: what is right is not written, and nothing of the service's is lost.
func TestContract_C149_TakesOverAGemsTable(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		gemTables(t, b)
		d := synced.Synced[gemRental]{
			Table: "rentals", Scope: "account_id", API: b.API, Strategy: strategy.Full{}, Timestamps: timestamp.PerRecord{},
			Created: "created_at", Touch: "updated_at",
			TranslationTable: "rental_translations", TranslationParent: "rental_id",
			Remove: synced.Destroy{Limit: 1, Verify: synced.VerifyNever},
		}
		_, err := synced.New(t.Context(), b.DB, d)
		require.ErrorContains(t, err, `no unique index on (account_id, synced_id)`)
		// The migration.
		b.Execute(t, "ALTER TABLE rentals ADD COLUMN synced_hash bigint")
		b.Execute(t, "CREATE UNIQUE INDEX rental_translations_by_locale ON rental_translations (rental_id, locale)")
		ddl, err := d.Schema(b.DB, synced.SchemaIndex, synced.SchemaTrigger)
		require.NoError(t, err)
		b.Execute(t, ddl)

		rentals := harness.Bind(t, b, d)
		b.Server.Collection("rentals").Put(
			remotetest.Record{"id": 1, "name": "same", "tags": []any{}, "headline": harness.Nested{"en": "Same"}},
			remotetest.Record{"id": 2, "name": "new name", "tags": []any{"a"}, "headline": harness.Nested{"en": "New", "fr": "Neuf"}},
			remotetest.Record{"id": 5, "name": "five", "tags": []any{}, "headline": harness.Nested{"en": "Five"}},
		)
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
		require.Len(t, result.NotDeleted, 1)
		require.Equal(t, []string{"1 same", "2 new name", "4 gone, and booked", "mine", "5 five"}, b.Column(t, "SELECT coalesce(synced_id || ' ', '') || name FROM rentals ORDER BY id"))
		require.Equal(t, []string{"1en Same", "2en New", "2fr Neuf", "5en Five"}, b.Column(t,
			"SELECT r.synced_id || t.locale || ' ' || t.headline FROM rental_translations t JOIN rentals r ON r.id = t.rental_id WHERE t.created_at IS NOT NULL AND t.updated_at IS NOT NULL ORDER BY 1"))
		touched := "SELECT synced_id || '' FROM rentals WHERE updated_at > '2016-01-01 00:00:00' ORDER BY 1"
		require.Equal(t, []string{"2", "5"}, b.Column(t, touched))

		require.Equal(t, harness.Counts{Unchanged: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"2", "5"}, b.Column(t, touched))
		found, err := rentals.Find(t.Context(), synced.In(1), 2)
		require.NoError(t, err)
		require.Equal(t, "Neuf", *found.Headline["fr"])
		require.Equal(t, []string{"a"}, found.Tags)
	})
}
