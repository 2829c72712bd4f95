package upkeep_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/remote/budget"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/strategy"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// declared are rentals with all that they may leave in synced's own tables.
func declared() synced.Synced[harness.Rental] {
	d := harness.Incremental(strategy.UpdatedSince{})
	d.Outbox, d.Invalid = true, synced.Quarantine{}
	d.Log = slog.New(slog.DiscardHandler)
	return d
}

// counts are the rows of synced's own tables, those with any, by name.
func counts(t *testing.T, b *harness.Bundle) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range []string{"times", "runs", "changes", "quarantine", "passes", "seen", "refusals", "refused", "validators", "positions", "waiting", "parents", "budgets"} {
		if n := b.Column(t, "SELECT CAST(count(*) AS text) FROM synced_"+name)[0]; n != "0" {
			found[name] = n
		}
	}
	return found
}

// old makes everything older than a week.
func old(t *testing.T, b *harness.Bundle) {
	t.Helper()
	at := time.Now().Add(-8 * 24 * time.Hour)
	b.Execute(t, "UPDATE synced_changes SET at = ?", at)
	b.Execute(t, "UPDATE synced_times SET recorded_at = ?", at)
	b.Execute(t, "UPDATE synced_budgets SET next_at = ?", at.UnixMicro())
}

func TestContract_C267_WhatIsOfNoUse(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := t.Context()
		b.Put("one", "two", "three")
		rentals := harness.Model(t, b, declared())
		limit, err := budget.New(b.DB, budget.Config{Credential: "a token of yesterday", PerSecond: 1})
		require.NoError(t, err)
		_, err = limit.Lease(ctx, 1, time.Hour)
		require.NoError(t, err)
		for _, scope := range []int{1, 1, 1, 2} {
			harness.Sync(t, rentals, synced.In(scope))
		}
		harness.Deliver(t, b, "search", 3)
		clean := func() string {
			t.Helper()
			done, err := synced.CleanUp(ctx, b.DB, 0)
			require.NoError(t, err)
			return done.String()
		}
		before := counts(t, b)
		require.Equal(t, "nothing", clean())
		require.Equal(t, before, counts(t, b))

		old(t, b)
		require.Equal(t, "2 changes, 2 times, 1 budgets", clean(), "search has not had the third")
		require.NoError(t, outbox.Drop(ctx, b.DB, "search"))
		require.Equal(t, "nothing", clean(), "a consumer to come has had none")
		dropped, err := outbox.Prune(ctx, b.DB, 0)
		require.NoError(t, err)
		require.EqualValues(t, 4, dropped)
		require.Equal(t, map[string]string{"times": "2", "runs": "2"}, counts(t, b))

		// The next run asks for what changed since, as before.
		result := harness.Sync(t, rentals, synced.In(1))
		require.NotZero(t, result.Since)
	})
}

func TestContract_C267_ManyChanges(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		numbers := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25001) "
		b.Execute(t, numbers+"INSERT INTO synced_changes (id, model, scope_type, scope_id, kind, remote_id, at) SELECT i, 'rentals', '', '', 'created', '1', ? FROM n", time.Now())
		b.Execute(t, "UPDATE synced_outbox SET last_id = 25001")
		old(t, b)
		b.Execute(t, "UPDATE synced_changes SET at = ? WHERE id > 25000", time.Now())
		dropped, err := outbox.Prune(t.Context(), b.DB, 0)
		require.NoError(t, err)
		require.EqualValues(t, 25000, dropped)
		require.Equal(t, []string{"25001"}, b.Column(t, "SELECT CAST(id AS text) FROM synced_changes"))
	})
}

func TestContract_C268_AScopeThatIsGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := t.Context()
		b.Put("one", "two", "three")
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 9, "name": harness.Nested{"no": "text"}})
		rentals := harness.Model(t, b, declared())
		harness.Sync(t, rentals, synced.In(1))
		b.Execute(t, "DELETE FROM rentals")
		b.Execute(t, "DELETE FROM synced_changes")
		harness.Sync(t, rentals, synced.In(2))
		require.Equal(t, map[string]string{"times": "2", "runs": "2", "quarantine": "2", "changes": "3"}, counts(t, b))

		require.NoError(t, synced.Forget(ctx, rentals, synced.In(1)))
		require.Equal(t, map[string]string{"times": "1", "runs": "1", "quarantine": "1", "changes": "3"}, counts(t, b))
		require.NoError(t, synced.Forget(ctx, rentals, synced.In(1)), "there is nothing left")
		require.Equal(t, []string{"2", "2", "2"}, b.Column(t, "SELECT CAST(account_id AS text) FROM rentals"), "rows are the service's")
		require.ErrorContains(t, synced.Forget(ctx, rentals, synced.NoScope), "scope")

		// A run that comes nonetheless is like the first.
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
	})
}

func TestContract_C268_ARunIsUnderWay(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, declared())
		harness.Sync(t, rentals, synced.In(1))
		begun, end := make(chan struct{}), make(chan struct{})
		b.Server.OnRequest(func(remotetest.Request) {
			close(begun)
			<-end
		})
		done := make(chan error, 1)
		go func() {
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			done <- err
		}()
		<-begun
		err := synced.Forget(t.Context(), rentals, synced.In(1))
		close(end)
		require.NoError(t, <-done)
		require.ErrorIs(t, err, synced.ErrRunning)
		require.EqualError(t, err, "synced: rentals (account_id 1): another run of this model and scope is under way: forget the scope when that has ended, and none begins again")
		require.Equal(t, "2", counts(t, b)["times"])
	})
}

func TestContract_C269_AScheduleCleansUp(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		rentals := harness.Model(t, b, declared())
		for range 3 {
			harness.Sync(t, rentals, synced.In(1))
		}
		harness.Deliver(t, b, "search", 9)
		old(t, b)
		run := func(keep time.Duration) (stop func()) {
			t.Helper()
			s, err := schedule.New(t.Context(), b.DB, schedule.Options{Keep: keep, Log: slog.New(slog.DiscardHandler)}, schedule.Every(rentals, time.Hour, schedule.Fixed()))
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			return func() {
				cancel()
				require.NoError(t, <-done)
			}
		}
		run(-1)()
		require.Equal(t, map[string]string{"times": "3", "runs": "1", "changes": "2"}, counts(t, b))
		stop := run(0)
		defer stop()
		require.Eventually(t, func() bool {
			return fmt.Sprint(counts(t, b)) == fmt.Sprint(map[string]string{"times": "1", "runs": "1"})
		}, harness.WaitLong, harness.WaitTick)
	})
}
