package stamp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/timestamp"
)

// stamp sets the time of one row.
func (b *bundle) stamp(t *testing.T, id int64, at any) {
	t.Helper()
	storetest.Exec(t, b.db, "UPDATE rentals SET synced_all_at = ? WHERE synced_id = ?", at, id)
}

func TestContract_C41_OldestCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerRecord{}
		one := b.subject(int64(1))
		b.m.Write(t, int64(1), b.m.Record(1, rental{SyncedID: 1}), b.m.Record(1, rental{SyncedID: 2}), b.m.Record(1, rental{SyncedID: 3}))
		b.stamp(t, 1, noon.Add(time.Hour))
		b.stamp(t, 2, noon)
		require.Zero(t, b.stored(t, s, one), "a row without a time makes the run complete")

		b.stamp(t, 3, noon.Add(time.Millisecond))
		require.Equal(t, noon, b.stored(t, s, one))
		require.Equal(t, noon, b.stored(t, s, b.subject(nil)))
		require.Zero(t, b.stored(t, s, b.subject(int64(2))), "a scope without rows")

		b.save(t, s, one, noon.Add(time.Minute))
		require.Equal(t, noon.Add(time.Minute), b.stored(t, s, one))
		require.Equal(t, int64(1), storetest.Value[int64](t, b.db, "SELECT count(*) FROM rentals WHERE synced_all_at = ?", noon.Add(time.Hour)), "a later time was moved back")
	})
}

func TestContract_C41_OtherRowsDoNotCount(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerRecord{}
		b.m.Write(t, int64(1), b.m.Record(1, rental{SyncedID: 1}))
		storetest.Exec(t, b.db, "INSERT INTO rentals (account_id) VALUES (1)")
		storetest.Exec(t, b.db, "INSERT INTO rentals (account_id, synced_id, canceled_at) VALUES (1, 2, ?)", noon)
		b.stamp(t, 1, noon)
		require.Equal(t, noon, b.stored(t, s, b.subject(int64(1))), "a row without a remote id, or a canceled one, counted")

		b.save(t, s, b.subject(int64(1)), noon.Add(time.Hour))
		require.Zero(t, storetest.Value[int64](t, b.db, "SELECT count(*) FROM rentals WHERE synced_id IS NULL AND synced_all_at IS NOT NULL"))
	})
}

func TestContract_C41_AnotherColumn(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerRecord{Column: "Seen At"}
		found := func() backend.Description {
			d, err := b.db.Describe(t.Context(), "rentals")
			require.NoError(t, err)
			return d
		}
		require.NoError(t, stamp.Check(timestamp.PerRecord{}, found()))
		require.EqualError(t, stamp.Check(s, found()), `timestamps are kept per record, but the table has no column "Seen At": add it, or use timestamp.PerScope`)
		require.NoError(t, stamp.Check(timestamp.PerScope{}, backend.Description{}))

		storetest.Exec(t, b.db, `ALTER TABLE rentals ADD COLUMN "Seen At" timestamp`)
		require.NoError(t, stamp.Check(s, found()))
		b.m.Write(t, int64(1), b.m.Record(1, rental{SyncedID: 1}))
		b.save(t, s, b.subject(int64(1)), noon.Add(time.Millisecond))
		require.Equal(t, noon.Add(time.Millisecond), b.stored(t, s, b.subject(int64(1))))
		b.reset(t, s, b.subject(int64(1)))
		require.Zero(t, b.stored(t, s, b.subject(int64(1))))
	})
}

// Stamping is no edit: the fingerprints stay.
func TestStampingKeepsFingerprints(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		b.m.Write(t, int64(1), b.m.Record(1, rental{SyncedID: 1}))
		b.save(t, timestamp.PerRecord{}, b.subject(int64(1)), noon)
		require.Equal(t, int64(1), storetest.Value[int64](t, b.db, "SELECT count(*) FROM rentals WHERE synced_hash = 1"))
	})
}
