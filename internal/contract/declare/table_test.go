package declare_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// unfit is a table that does not fit a declaration. Want is what New says, on
// PostgreSQL alone where that is so.
type unfit struct {
	name, ddl    string
	try          func(db backend.Store) error
	want         string
	onlyPostgres bool
}

func unfitted[T any](name, ddl string, d synced.Synced[T], want string) unfit {
	d.Table = "rentals"
	return unfit{name: name, ddl: ddl, want: want, try: func(db backend.Store) error {
		_, err := synced.New(context.Background(), db, d)
		return err
	}}
}

func onPostgres(u unfit) unfit {
	u.onlyPostgres = true
	return u
}

type (
	canceledRental struct {
		withID
		CanceledAt *time.Time `db:"canceled_at"`
	}
	scopedRental struct {
		withID
		AccountID int64 `db:"account_id"`
	}
	textID struct {
		SyncedID string `json:"id" db:"synced_id"`
	}
	uuidScoped struct {
		withID
		AccountID uuid.UUID `db:"account_id"`
	}
)

// plainTable is a table that fits withID.
const plainTable = "CREATE TABLE rentals (id bigint, synced_id bigint UNIQUE"

func unfits() []unfit {
	return []unfit{
		unfitted("no such column", plainTable+")", synced.Synced[with[string]]{},
			`synced: rentals: field Value: the table has no column "value": add the column, or change the db tag`),
		unfitted("column in another case", `CREATE TABLE rentals ("Synced_ID" bigint UNIQUE)`, synced.Synced[withID]{},
			`synced: rentals: field SyncedID: the table has no column "synced_id", but one "Synced_ID": write it so in the db tag`),
		unfitted("no column for the whole object", plainTable+")", synced.Synced[struct {
			withID
			SyncedData synced.Data `db:"synced_data"`
		}]{}, `synced: rentals: field SyncedData: the table has no column "synced_data": add the column, or change the db tag`),
		unfitted("no column for the remote id", "CREATE TABLE rentals (id bigint PRIMARY KEY)", synced.Synced[withID]{},
			`synced: rentals: field SyncedID: the table has no column "synced_id": add the column, or change the db tag`),
		onPostgres(unfitted("column of another type", plainTable+", value boolean)", synced.Synced[with[string]]{},
			`synced: rentals: field Value: column "value" of type boolean does not hold a Go string: change one of them`)),
		onPostgres(unfitted("text column for an integer", plainTable+", value text)", synced.Synced[with[int64]]{},
			`synced: rentals: field Value: column "value" of type text does not hold a Go int64: change one of them`)),
		onPostgres(unfitted("array column", plainTable+", value integer[])", synced.Synced[with[[]string]]{},
			`synced: rentals: field Value: column "value" of type integer[] does not hold a Go []string: change one of them`)),
		onPostgres(unfitted("text column for integer ids", "CREATE TABLE rentals (synced_id text UNIQUE)", synced.Synced[withID]{},
			`synced: rentals: field SyncedID: column "synced_id" of type text does not hold a Go int64: change one of them`)),
		onPostgres(unfitted("uuid column for ids that are strings", "CREATE TABLE rentals (synced_id uuid UNIQUE)", synced.Synced[textID]{},
			`synced: rentals: the remote id is a string, but column "synced_id" is of type uuid, which may spell it otherwise: make the field a uuid.UUID, or the column text`)),
		onPostgres(unfitted("padded column for the remote id", "CREATE TABLE rentals (synced_id char(8) UNIQUE)", synced.Synced[textID]{},
			`synced: rentals: the remote id's column "synced_id" is of type char, which fills ids with spaces: make it text`)),
		onPostgres(unfitted("enum column for the remote id", "CREATE TYPE word AS ENUM ('a'); CREATE TABLE rentals (synced_id word UNIQUE)", synced.Synced[textID]{},
			`synced: rentals: the remote id's column "synced_id" is of type word, which holds a few words only: make it text`)),
		unfitted("no such scope column", plainTable+")", synced.Synced[withID]{Scope: "account_id"},
			`synced: rentals: the Scope column "account_id" is not in the table: add it, or declare another`),
		unfitted("scope column of another kind", plainTable+", account_id text)", synced.Synced[scopedRental]{Scope: "account_id"},
			`synced: rentals: the Scope column "account_id" of type text does not hold field AccountID of type int64: change one of them`),
		unfitted("scope column of integers for a UUID", plainTable+", account_id bigint)", synced.Synced[uuidScoped]{Scope: "account_id"},
			`synced: rentals: the Scope column "account_id" of type bigint does not hold field AccountID of type uuid.UUID: change one of them`),
		unfitted("cancel by a column that is not there", plainTable+")", synced.Synced[withID]{Remove: synced.Cancel{Column: "canceled_at"}},
			`synced: rentals: removal sets column "canceled_at", which is not in the table: add it, or remove by synced.Destroy{}`),
		unfitted("cancel by a column that takes no null", plainTable+", canceled_at timestamp NOT NULL DEFAULT '2026-01-01')", synced.Synced[canceledRental]{Remove: synced.Cancel{Column: "canceled_at"}},
			`synced: rentals: removal sets column "canceled_at" to null for rows that exist, but the column is NOT NULL: allow null`),
		onPostgres(unfitted("cancel by a column that keeps no time", plainTable+", canceled_at integer)", synced.Synced[withID]{Remove: synced.Cancel{Column: "canceled_at"}},
			`synced: rentals: removal sets column "canceled_at" to a time, but the column is of type integer: make it timestamptz, or boolean`)),
		unfitted("no column for the time of runs", plainTable+")", synced.Synced[withID]{Timestamps: timestamp.PerRecord{}},
			`synced: rentals: timestamps are kept per record, but the table has no column "synced_all_at": add it, or use timestamp.PerScope`),
		unfitted("no other column for the time of runs", plainTable+")", synced.Synced[withID]{Timestamps: timestamp.PerRecord{Column: "seen_at"}},
			`synced: rentals: timestamps are kept per record, but the table has no column "seen_at": add it, or use timestamp.PerScope`),
		unfitted("time of runs that takes no null", plainTable+", synced_all_at timestamp NOT NULL)", synced.Synced[withID]{Timestamps: timestamp.PerRecord{}},
			`synced: rentals: column "synced_all_at" keeps the time of runs, which a new row does not have yet, but the column is NOT NULL: allow null`),
		unfitted("no unique index", "CREATE TABLE rentals (synced_id bigint)", synced.Synced[withID]{},
			`synced: rentals: the table has no unique index on (synced_id), so one remote object could get two rows: CREATE UNIQUE INDEX "rentals_synced" ON "rentals" ("synced_id")`),
		unfitted("no unique index in a scope", "CREATE TABLE rentals (synced_id bigint, account_id bigint, number bigint, UNIQUE (number, synced_id))", synced.Synced[withID]{Scope: "account_id"},
			`synced: rentals: the table has no unique index on (account_id, synced_id), so one remote object could get two rows: CREATE UNIQUE INDEX "rentals_synced" ON "rentals" ("account_id", "synced_id")`),
		unfitted("column that nothing fills", plainTable+", color text NOT NULL)", synced.Synced[withID]{},
			`synced: rentals: column "color" is NOT NULL without a default, and no attribute fills it: give it a default, or a field with a json tag`),
		unfitted("fingerprint that takes no null", plainTable+", synced_hash bigint NOT NULL)", synced.Synced[withID]{},
			`synced: rentals: column "synced_hash" is set to null for rows that were edited, but the column is NOT NULL: allow null`),
		onPostgres(unfitted("fingerprint of another type", plainTable+", synced_hash text)", synced.Synced[withID]{},
			`synced: rentals: column "synced_hash" keeps 64-bit numbers, but is of type text: make it bigint`)),
	}
}

// A declaration is compared with the table that is there.
func TestContract_C07_MistakesAgainstTheTable(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := harness.Setup(t, kind)
			for _, u := range unfits() {
				if u.onlyPostgres && kind != "postgres" {
					continue
				}
				t.Run("C07/"+u.name, func(t *testing.T) {
					b.Execute(t, "DROP TABLE IF EXISTS rentals")
					b.Execute(t, u.ddl)
					require.EqualError(t, u.try(b.DB), u.want)
				})
			}
		})
	}
}

func TestContract_C07_MistakesInACall(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		inScopes := harness.Model(t, b, synced.Synced[harness.Rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}})
		everywhere := harness.Model(t, b, synced.Synced[withID]{Table: "bookings", Strategy: strategy.Full{}})
		byUUID := harness.Model(t, b, synced.Synced[uuidScoped]{Table: "photos", Scope: "account_id", Strategy: strategy.Full{}})
		wide := 7
		var null *int
		const prefix, odd = "synced: rentals: ", ": it may be an integer of at most 63 bits, a string or a UUID"

		for want, scope := range map[string]synced.Scope{
			prefix + `no scope given, but rows belong to a scope by column "account_id": pass synced.In(…)`:       synced.NoScope,
			`synced: rentals (account_id x): scope x is of type string, but column "account_id" keeps an integer`: synced.In("x"),
			prefix + "scope: the key is nil":                                                   synced.In(nil),
			prefix + "scope: the key is an empty string: give the id":                          synced.In(""),
			prefix + "scope: the key is a float64" + odd:                                       synced.In(3.5),
			prefix + "scope: the key is a []int" + odd:                                         synced.In([]int{1}),
			prefix + "scope: the key 18446744073709551615 is too big: it has at most 63 bits":  synced.In(uint64(math.MaxUint64)),
			prefix + `scope: the key "a\x00" is not valid text: it has a NUL, or is not UTF-8`: synced.In("a\x00"),
		} {
			_, err := inScopes.Synchronize(ctx, scope)
			require.EqualError(t, err, want)
			_, err = inScopes.Check(ctx, scope)
			require.EqualError(t, err, want)
			if scope == synced.NoScope {
				continue // reads every scope
			}
			require.EqualError(t, inScopes.Reset(ctx, scope), want)
			_, err = inScopes.Find(ctx, scope, 1)
			require.EqualError(t, err, want)
			for _, err := range inScopes.All(ctx, scope) {
				require.EqualError(t, err, want)
			}
		}
		_, err := inScopes.Synchronize(ctx, synced.In(null))
		require.EqualError(t, err, prefix+"scope: the key is nil")
		b.Server.Collection("rentals")
		_, err = inScopes.Synchronize(ctx, synced.In(&wide))
		require.NoError(t, err, "a pointer to a key is a key")

		_, err = everywhere.Synchronize(ctx, synced.In(7))
		require.ErrorContains(t, err, ": scope 7 given, but the model declares no Scope column: declare one, or pass synced.NoScope")
		_, err = byUUID.Synchronize(ctx, synced.In("north"))
		require.EqualError(t, err, `synced: photos (account_id north): scope north is of type string, but column "account_id" keeps a UUID`)
		_, err = inScopes.Synchronize(ctx, synced.In(7), synced.Call{}, synced.Call{})
		require.EqualError(t, err, "synced: rentals (account_id 7): 2 Calls given: give one")
		_, err = inScopes.Synchronize(ctx, synced.In(7), synced.Call{Ask: synced.Ask{Fields: []string{"id"}}})
		require.EqualError(t, err, `synced: rentals (account_id 7): the Fields [id] leave out "name", which a field of the model reads and would become empty: add it`)
		_, err = inScopes.Synchronize(ctx, synced.In(7), synced.Call{Strategy: strategy.UpdatedSince{Retention: -1}})
		require.EqualError(t, err, "synced: rentals (account_id 7): retention -1ns: give more than the tolerance, 5s, or leave it out")
		_, err = inScopes.Synchronize(ctx, synced.In(7), synced.Call{Remove: synced.Cancel{Column: "canceled_at"}})
		require.EqualError(t, err, `synced: rentals (account_id 7): the call cancels rows by column "canceled_at", but the declaration does not: declare Remove: synced.Cancel{Column: "canceled_at"}, and give synced.KeepRows{} to the calls that remove nothing`)

		_, err = inScopes.Find(ctx, synced.In(7), "x")
		require.EqualError(t, err, "synced: rentals (account_id 7): remote id x is of type string, but the model's remote id is an integer")
		_, err = inScopes.Find(ctx, synced.In(7), nil)
		require.EqualError(t, err, "synced: rentals (account_id 7): remote id: the key is nil")
		require.EqualError(t, inScopes.Reset(ctx, synced.In(7)), "synced: rentals (account_id 7): nothing to reset: strategy full stores no time, each of its runs is complete")
	})
}
