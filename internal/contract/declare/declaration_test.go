package declare_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// mistake is what a declaration of T, or of T with settings, must say.
type mistake struct {
	name string
	try  func(db backend.Store) error
	want string
}

// wrong is a mistake that a declaration shows, whatever the table.
func wrong[T any](name string, d synced.Synced[T], want string) mistake {
	if d.Table == "" {
		d.Table = "rentals"
	}
	return mistake{name, func(db backend.Store) error {
		_, err := synced.New(context.Background(), db, d)
		return err
	}, want}
}

// withID is a model with one field of type V, which has no tags of its own, more.
type withID struct {
	SyncedID int64 `json:"id" db:"synced_id"`
}

type mapsItself struct {
	withID
	Slug string `db:"slug" synced:"computed"`
}

func (m *mapsItself) MapRemote(remote.Object) error { return nil }

// settings are the mistakes in everything but the type.
func settings() []mistake {
	var noStrategy *strategy.UpdatedSince
	var noTimestamps *timestamp.PerRecord
	var noAPI *rest.Client
	return []mistake{
		{"no Table", func(db backend.Store) error {
			_, err := synced.New(context.Background(), db, synced.Synced[harness.Rental]{})
			return err
		}, "synced: Synced[harness.Rental]: the declaration has no Table: name the table"},
		{"no database", func(backend.Store) error {
			_, err := synced.New(context.Background(), nil, synced.Synced[harness.Rental]{Table: "rentals"})
			return err
		}, "synced: rentals: no database: open one with sqlite.Open or postgres.New"},
		{"a nil database", func(backend.Store) error {
			var none *sqlite.Store
			_, err := synced.New(context.Background(), none, synced.Synced[harness.Rental]{Table: "rentals"})
			return err
		}, "synced: rentals: no database: open one with sqlite.Open or postgres.New"},
		{"no database for Schema", func(backend.Store) error {
			_, err := synced.Synced[harness.Rental]{Table: "rentals"}.Schema(nil)
			return err
		}, "synced: rentals: no database: open one with sqlite.Open or postgres.New"},
		{"no Table for Schema", func(db backend.Store) error {
			_, err := synced.Synced[harness.Rental]{}.Schema(db)
			return err
		}, "synced: Synced[harness.Rental]: the declaration has no Table: name the table"},
		wrong("two initial times", synced.Synced[harness.Rental]{Strategy: strategy.UpdatedSince{Initial: time.Unix(1, 0), InitialFor: func(any) time.Time { return time.Time{} }}},
			"synced: rentals: strategy updated_since: both Initial and InitialFor are set: keep one"),
		wrong("zero fallback", synced.Synced[harness.Rental]{Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{nil}}},
			"synced: rentals: strategy updated_since: a fallback is nil: use strategy.ResponseDate, LargestValue or LocalClock"),
		wrong("nil strategy", synced.Synced[harness.Rental]{Strategy: noStrategy},
			"synced: rentals: the Strategy is a nil *strategy.UpdatedSince: use strategy.UpdatedSince, Position, Full or Check as a value"),
		wrong("nil timestamps", synced.Synced[harness.Rental]{Timestamps: noTimestamps},
			"synced: rentals: the Timestamps are a nil *timestamp.PerRecord: use timestamp.PerScope or PerRecord as a value"),
		wrong("nil client", synced.Synced[harness.Rental]{API: noAPI},
			"synced: rentals: API is a nil *rest.Client: make it, or leave API out"),
		wrong("nil commit", synced.Synced[harness.Rental]{Commit: (*synced.PerPage)(nil)},
			"synced: rentals: a choice is a nil *synced.PerPage: use it as a value, or leave it out"),
		wrong("nil removal", synced.Synced[harness.Rental]{Remove: (*synced.Destroy)(nil)},
			"synced: rentals: a choice is a nil *synced.Destroy: use it as a value, or leave it out"),
		wrong("removal limit", synced.Synced[harness.Rental]{Remove: synced.Destroy{Limit: 2}},
			"synced: rentals: removal: the Limit 2 is not a share: give a number over 0, up to 1"),
		wrong("negative removal limit", synced.Synced[harness.Rental]{Remove: synced.Cancel{Column: "canceled_at", Limit: -0.1}},
			"synced: rentals: removal: the Limit -0.1 is not a share: give a number over 0, up to 1"),
		wrong("removal limit that is no number", synced.Synced[harness.Rental]{Remove: synced.CancelOrDestroy{Limit: math.NaN()}},
			"synced: rentals: removal: the Limit NaN is not a share: give a number over 0, up to 1"),
		wrong("verification", synced.Synced[harness.Rental]{Remove: synced.Destroy{Verify: 7}},
			"synced: rentals: removal: Verify is 7: use synced.VerifyShifting, VerifyAlways or VerifyNever"),
		wrong("what becomes of invalid records", synced.Synced[harness.Rental]{Invalid: (*synced.Quarantine)(nil)},
			"synced: rentals: a choice is a nil *synced.Quarantine: use it as a value, or leave it out"),
		wrong("negative quarantine limit", synced.Synced[harness.Rental]{Invalid: synced.Quarantine{Limit: -0.1}},
			"synced: rentals: the Limit of the Quarantine, -0.1, is not a share: give a number over 0, up to 1"),
		wrong("quarantine limit that is no share", synced.Synced[harness.Rental]{Invalid: synced.Quarantine{Limit: 2}},
			"synced: rentals: the Limit of the Quarantine, 2, is not a share: give a number over 0, up to 1"),
		wrong("a removal by no function", synced.Synced[harness.Rental]{Remove: synced.RemoveBy[harness.Rental]{}},
			"synced: rentals: removal: RemoveBy has no Func: give one, func(ctx context.Context, tx store.Tx, rows []*harness.Rental) error"),
		wrong("fields that leave one out", synced.Synced[harness.Rental]{Ask: synced.Ask{Fields: []string{"id", "name", "price", "bedrooms_count"}}},
			`synced: rentals: the Fields [id name price bedrooms_count] leave out "surface", which a field of the model reads and would become empty: add it`),
		wrong("rows of another type", synced.Synced[harness.Rental]{Remove: synced.RemoveBy[withID]{Func: func(context.Context, store.Tx, []*withID) error { return nil }}},
			"synced: rentals: removal: RemoveBy is for rows of declare_test.withID, but the model's are harness.Rental: write synced.RemoveBy[harness.Rental]{Func: …}"),
		wrong("no function for rows of another type", synced.Synced[harness.Rental]{Remove: synced.RemoveBy[withID]{}},
			"synced: rentals: removal: RemoveBy is for rows of declare_test.withID, but the model's are harness.Rental: write synced.RemoveBy[harness.Rental]{Func: …}"),
		wrong("cancel by no column", synced.Synced[harness.Rental]{Remove: synced.Cancel{Column: ""}},
			"synced: rentals: removal: synced.Cancel names no Column: name one, such as canceled_at"),
		wrong("cancel by an attribute", synced.Synced[harness.Rental]{Remove: synced.Cancel{Column: "price"}},
			`synced: rentals: removal sets column "price", which attribute "price" fills through field Price: cancel by another column`),
		wrong("cancel by the whole object", synced.Synced[harness.Rental]{Remove: synced.Cancel{Column: "synced_data"}},
			`synced: rentals: removal sets column "synced_data", which the whole object fills through field SyncedData: cancel by another column`),
		wrong("cancel by a field that takes no null", synced.Synced[harness.Rental]{Remove: synced.Cancel{Column: "notes"}},
			`synced: rentals: removal sets column "notes" to a time or to null, but its field Notes is of type string: make it *time.Time`),
		wrong("cancel by the scope", synced.Synced[harness.Rental]{Scope: "account_id", Remove: synced.Cancel{Column: "account_id"}},
			`synced: rentals: removal sets column "account_id", which ties rows to their scope: cancel by another column`),
		wrong("time of runs in an attribute's column", synced.Synced[harness.Rental]{Timestamps: timestamp.PerRecord{Column: "name"}},
			`synced: rentals: the time of runs is kept in column "name", which attribute "name" fills through field Name: name another column`),
		wrong("time of runs in the scope's column", synced.Synced[harness.Rental]{Scope: "account_id", Timestamps: timestamp.PerRecord{Column: "account_id"}},
			`synced: rentals: the time of runs is kept in column "account_id", which has another purpose: name another column`),
		wrong("scope filled by an attribute", synced.Synced[harness.Rental]{Scope: "name"},
			`synced: rentals: the Scope column "name" is filled from the scope, but attribute "name" fills it too, through field Name: leave that field a db tag alone`),
		wrong("scope in the remote id", synced.Synced[harness.Rental]{Scope: "synced_id"},
			`synced: rentals: the Scope column "synced_id" is the remote id's: name the column of the account or parent`),
		wrong("scope of two parts", synced.Synced[harness.Rental]{Scope: "rentals.account_id"},
			`synced: rentals: the Scope column "rentals.account_id" has a dot in its name: name a column of the table`),
		wrong("table in a schema", synced.Synced[harness.Rental]{Table: "crm.rentals"},
			`synced: crm.rentals: the Table "crm.rentals" names a schema, which SQLite does not have: name the table alone`),
		wrong("no such table", synced.Synced[harness.Rental]{Table: "rental"},
			`synced: rental: the database has no table "rental": create it, Synced.Schema has the DDL`),
		wrong("other id column", synced.Synced[harness.Rental]{IDColumn: "remote_id"},
			"synced: rentals: no field for the remote id: add SyncedID int64 `json:\"id\" db:\"remote_id\"`"),
	}
}

func TestContract_C07_MistakesInADeclaration(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "sqlite")
	require.NoError(t, synced.Synced[harness.Rental]{Table: "rentals", Scope: "account_id"}.CreateTable(context.Background(), b.DB))
	for _, m := range append(settings(), fields()...) {
		t.Run("C07/"+m.name, func(t *testing.T) {
			t.Parallel()
			err := m.try(b.DB)
			require.EqualError(t, err, m.want)
			require.False(t, strings.Contains(err.Error(), "\n"), "one line")
		})
	}
	t.Run("C07/not migrated", func(t *testing.T) {
		t.Parallel()
		db, err := sqlite.Open(context.Background(), testdb.SQLite(t), sqlite.Options{})
		require.NoError(t, err)
		defer db.Close()
		_, err = synced.New(context.Background(), db, synced.Synced[harness.Rental]{Table: "rentals"})
		require.EqualError(t, err, "synced: rentals: the database has no table synced_migrations: call Migrate on the store first")
	})
}
