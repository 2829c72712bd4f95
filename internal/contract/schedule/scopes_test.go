package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
)

func TestContract_C230_ScopesComeAndGo(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2, 3))
		accounts := &changing{}
		accounts.set(nil, 1, 2)
		s := plan(t, b, options(t), schedule.Every(m, never, accounts.all))
		run(t, s)
		await(t, func() bool {
			now := states(t, s, "rentals")
			return !now[int64(1)].Succeeded.IsZero() && !now[int64(2)].Succeeded.IsZero()
		})
		require.Equal(t, []string{"of 1"}, harness.Names(t, m, synced.In(1)))

		// One comes, and one goes. Its rows stay.
		accounts.set(nil, 2, 3)
		await(t, func() bool {
			now := states(t, s, "rentals")
			return len(now) == 2 && !now[int64(3)].Succeeded.IsZero()
		})
		require.Equal(t, []string{"of 1"}, harness.Names(t, m, synced.In(1)))

		// An iterator that fails forgets nothing, though it had yielded nothing.
		before := b.Column(t, "SELECT scope_id FROM synced_schedules ORDER BY scope_id")
		accounts.set(errOurs)
		asked := len(b.Server.Log())
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, before, b.Column(t, "SELECT scope_id FROM synced_schedules ORDER BY scope_id"))

		// Nothing was due meanwhile, and each has run once.
		require.Len(t, b.Server.Log(), asked)
		for _, scope := range []int{1, 2, 3} {
			require.Equal(t, 1, requests(b, scope))
		}
	})
}

func TestContract_C230_Again(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		run(t, plan(t, b, options(t), schedule.Every(m, 50*time.Millisecond, in(1, 2))))
		await(t, func() bool { return requests(b, 1) > 5 && requests(b, 2) > 5 })
	})
}
