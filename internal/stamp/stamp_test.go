package stamp_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/timestamp"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// rental is a model with rows to keep times in.
type rental struct {
	SyncedID  int64 `json:"id" db:"synced_id"`
	AccountID int64 `db:"account_id"`
}

// bundle is a database with a table of rentals, of accounts 1 and 2.
type bundle struct {
	db backend.Store
	m  *storetest.Model[rental]
}

// onBoth runs a test on both stores.
func onBoth(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) backend.Store{
		"postgres": func(t *testing.T) backend.Store {
			return postgres.New(testdb.Postgres(t), postgres.Options{}).Backend()
		},
		"sqlite": func(t *testing.T) backend.Store {
			db, err := sqlite.Open(t.Context(), testdb.SQLite(t), sqlite.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db.Backend()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			require.NoError(t, db.Migrate(t.Context()))
			test(t, &bundle{db, storetest.Create[rental](t, db, storetest.Options{Scope: "account_id", Canceled: "canceled_at", Stamp: "synced_all_at"})})
		})
	}
}

// subject is a scope of a model.
type subject struct {
	table *backend.Table
	scope any
}

func (s subject) model(times timestamp.Strategy) *model.Model {
	return &model.Model{Table: s.table, Timestamps: times}
}

func (b *bundle) subject(scope any) subject { return subject{b.m.Table, scope} }

// of is a scope of a model of another name.
func (b *bundle) of(name string, scope any) subject {
	table := *b.m.Table
	table.Name = name
	return subject{&table, scope}
}

// in runs work in a transaction.
func (b *bundle) in(ctx context.Context, work func(tx backend.Tx) error) error {
	tx, err := b.db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		_ = tx.Rollback(ctx)
		return err
	}
	return tx.Commit(ctx)
}

func (b *bundle) save(t *testing.T, s timestamp.Strategy, subject subject, at time.Time) {
	t.Helper()
	require.NoError(t, b.in(t.Context(), func(tx backend.Tx) error {
		return stamp.Save(t.Context(), tx, subject.model(s), subject.scope, ledger.Time{At: at}, "remote")
	}))
}

func (b *bundle) reset(t *testing.T, s timestamp.Strategy, subject subject) {
	t.Helper()
	require.NoError(t, b.in(t.Context(), func(tx backend.Tx) error { return stamp.Reset(t.Context(), tx, subject.model(s), subject.scope) }))
}

func (b *bundle) stored(t *testing.T, s timestamp.Strategy, subject subject) time.Time {
	t.Helper()
	at, err := stamp.Stored(t.Context(), b.db, subject.model(s), subject.scope)
	require.NoError(t, err)
	return at.At
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// Both strategies keep times of their own for each scope, cut to microseconds, in
// UTC, and with the transaction that they are saved in.
func TestStrategies(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		for name, s := range map[string]timestamp.Strategy{"PerScope": timestamp.PerScope{}, "PerRecord": timestamp.PerRecord{}} {
			one, two := b.subject(int64(1)), b.subject(int64(2))
			b.m.Write(t, int64(1), b.m.Record(1, rental{SyncedID: 1}))
			b.m.Write(t, int64(2), b.m.Record(1, rental{SyncedID: 1}))
			require.Zero(t, b.stored(t, s, one), name)

			b.save(t, s, one, time.Date(2026, 3, 4, 21, 0, 0, 123456999, time.FixedZone("Tokyo", 9*3600)))
			require.Equal(t, noon.Add(123456*time.Microsecond), b.stored(t, s, one), "%s: cut, never rounded up", name)
			require.Zero(t, b.stored(t, s, two), name)
			b.save(t, s, two, noon.Add(time.Hour))
			require.Equal(t, noon.Add(123456*time.Microsecond), b.stored(t, s, one), name)
			require.Equal(t, noon.Add(time.Hour), b.stored(t, s, two), name)

			require.ErrorIs(t, b.in(t.Context(), func(tx backend.Tx) error {
				if err := save(t.Context(), tx, s, two, noon.Add(2*time.Hour), "remote"); err != nil {
					return err
				}
				return os.ErrInvalid
			}), os.ErrInvalid)
			require.Equal(t, noon.Add(time.Hour), b.stored(t, s, two), "%s: saved by a transaction that was undone", name)

			b.reset(t, s, one)
			require.Zero(t, b.stored(t, s, one), name)
			require.Equal(t, noon.Add(time.Hour), b.stored(t, s, two), name)
			b.save(t, s, one, noon)
			require.Equal(t, noon, b.stored(t, s, one), "%s: after a reset an earlier time counts", name)
			b.reset(t, s, b.subject(nil))
			require.Zero(t, b.stored(t, s, one), name)
			require.Zero(t, b.stored(t, s, two), name)
		}
	})
}

func TestConcurrentSaves(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		for name, s := range map[string]timestamp.Strategy{"PerScope": timestamp.PerScope{}, "PerRecord": timestamp.PerRecord{}} {
			b.m.Write(t, int64(1), b.m.Record(1, rental{SyncedID: 1}), b.m.Record(1, rental{SyncedID: 2}))
			var wg sync.WaitGroup
			errs := make([]error, 20)
			for i := range errs {
				wg.Go(func() {
					errs[i] = b.in(t.Context(), func(tx backend.Tx) error {
						at := noon.Add(time.Duration(i/2) * time.Minute) // each twice
						return save(t.Context(), tx, s, b.subject(int64(1)), at, "remote")
					})
				})
			}
			wg.Wait()
			for _, err := range errs {
				require.NoError(t, err, name)
			}
			require.Equal(t, noon.Add(9*time.Minute), b.stored(t, s, b.subject(int64(1))), name)
		}
	})
}

func save(ctx context.Context, tx backend.Tx, s timestamp.Strategy, of subject, at time.Time, source string) error {
	return stamp.Save(ctx, tx, of.model(s), of.scope, ledger.Time{At: at}, source)
}
