package stamp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/timestamp"
)

func TestContract_C40_NewestCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerScope{}
		for _, hours := range []int{1, 3, 2} {
			b.save(t, s, b.subject(int64(1)), noon.Add(time.Duration(hours)*time.Hour))
		}
		require.Equal(t, noon.Add(3*time.Hour), b.stored(t, s, b.subject(int64(1))))
		require.Equal(t, int64(3), storetest.Value[int64](t, b.db, "SELECT count(*) FROM synced_times WHERE model = 'rentals' AND scope_type = 'account_id' AND scope_id = '1' AND source = 'remote'"))
	})
}

func TestContract_C40_ScopeIsOptional(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerScope{}
		b.save(t, s, b.subject(nil), noon)
		require.Equal(t, noon, b.stored(t, s, b.subject(nil)))
		for _, scope := range []any{int64(1), int64(0), ""} {
			require.Zero(t, b.stored(t, s, b.subject(scope)), "%v", scope)
		}
		b.save(t, s, b.subject(int64(1)), noon.Add(time.Hour))
		require.Equal(t, noon, b.stored(t, s, b.subject(nil)))
	})
}

func TestContract_C40_FractionsCount(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerScope{}
		for _, d := range []time.Duration{0, time.Millisecond, 999 * time.Microsecond} {
			b.save(t, s, b.subject("it's one"), noon.Add(d))
		}
		require.Equal(t, noon.Add(time.Millisecond), b.stored(t, s, b.subject("it's one")))
	})
}

func TestContract_C25_ResetOfOneModel(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerScope{}
		other := b.of("photos", int64(1))
		b.save(t, s, b.subject(int64(1)), noon)
		b.save(t, s, b.subject(nil), noon)
		b.save(t, s, other, noon)

		b.reset(t, s, b.subject(nil))
		require.Zero(t, b.stored(t, s, b.subject(int64(1))))
		require.Zero(t, b.stored(t, s, b.subject(nil)))
		require.Equal(t, noon, b.stored(t, s, other))
	})
}

// recorded makes every row of a scope as old as that.
func (b *bundle) recorded(t *testing.T, scope string, ago time.Duration) {
	t.Helper()
	storetest.Exec(t, b.db, "UPDATE synced_times SET recorded_at = ? WHERE scope_id = ?", time.Now().Add(-ago), scope)
}

func TestContract_C42_Cleanup(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerScope{}
		for _, scope := range []any{int64(1), int64(2), nil} {
			for _, hours := range []int{1, 3, 2} {
				b.save(t, s, b.subject(scope), noon.Add(time.Duration(hours)*time.Hour))
			}
		}
		b.save(t, s, b.of("photos", int64(1)), noon.Add(9*time.Hour))
		rows := func() int64 { return storetest.Value[int64](t, b.db, "SELECT count(*) FROM synced_times") }
		clean := func(age time.Duration, want int64) {
			t.Helper()
			n, err := timestamp.Cleanup(t.Context(), b.db, age)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		clean(0, 0)
		b.recorded(t, "1", 7*24*time.Hour+time.Minute)
		b.recorded(t, "2", 7*24*time.Hour-time.Minute)
		clean(0, 2)
		clean(0, 0)
		require.Equal(t, int64(8), rows())
		clean(48*time.Hour, 2)
		b.recorded(t, "", 48*time.Hour)
		clean(24*time.Hour, 2)
		require.Equal(t, int64(4), rows())
		for _, scope := range []any{int64(1), int64(2), nil} {
			require.Equal(t, noon.Add(3*time.Hour), b.stored(t, s, b.subject(scope)), "the newest was dropped")
		}
	})
}

// Of two rows with the newest time one stays, also where they were recorded at
// once.
func TestContract_C42_CleanupOfEqualTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := timestamp.PerScope{}
		for range 3 {
			b.save(t, s, b.subject(int64(1)), noon)
		}
		long := time.Now().Add(-30 * 24 * time.Hour)
		require.NoError(t, b.in(t.Context(), func(tx backend.Tx) error {
			return save(t.Context(), tx, s, b.subject(int64(2)), noon, "date")
		}))
		storetest.Exec(t, b.db, "UPDATE synced_times SET recorded_at = ? WHERE scope_id = '2'", long)
		_, err := timestamp.Cleanup(t.Context(), b.db, time.Microsecond)
		require.NoError(t, err)
		require.Equal(t, noon, b.stored(t, s, b.subject(int64(1))))
		require.Equal(t, noon, b.stored(t, s, b.subject(int64(2))))
		require.Equal(t, int64(2), storetest.Value[int64](t, b.db, "SELECT count(*) FROM synced_times"))
	})
}
