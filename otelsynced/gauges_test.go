package otelsynced_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/otelsynced"
	"github.com/syncedgo/synced/remote/remotetest"
)

func TestContract_C254_Gauges(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		k := newTelemetry(t, otelsynced.Options{DB: b.DB, Skip: func(s synced.ScopeFreshness) bool { return s.Scope == "3" || s.Model == "old" }})
		require.Empty(t, k.read(t), "no model has run")
		b.Put("1", "2")
		b.Server.Collection("rentals").PutRaw(`{"id":5,"name":5}`)
		d := harness.Rentals()
		d.Invalid = synced.Quarantine{Limit: 1}
		m := harness.Model(t, b, d)
		for _, scope := range []int{3, 1, 2} { // the first is no longer the service's
			harness.Sync(t, m, synced.In(scope))
		}
		d.Table, d.Endpoint = "old", "rentals"
		harness.Sync(t, harness.Model(t, b, d), synced.In(4))
		b.Server.Fault(remotetest.Fault{Status: 400})
		_, err := m.Synchronize(ctx, synced.In(5))
		require.Error(t, err)
		f, err := m.Freshness(ctx, synced.In(1))
		require.NoError(t, err)
		least := time.Since(f.LastSuccess)
		lines := k.read(t)
		most := time.Since(f.LastSuccess)
		require.Len(t, lines, 4)
		require.Equal(t, []string{"synced.quarantine.size{synced.model=old} 1", "synced.quarantine.size{synced.model=rentals} 3", "synced.scopes.unsynced{synced.model=rentals} 1"}, lines[:3])
		stale, found := strings.CutPrefix(lines[3], "synced.staleness{synced.model=rentals} ")
		require.True(t, found, "one series a model: %q", lines)
		seconds, err := strconv.ParseFloat(stale, 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, seconds, least.Seconds(), "the oldest scope's that is the service's")
		require.LessOrEqual(t, seconds, most.Seconds())

		b.Server.Collection("rentals").Delete(5)
		for _, scope := range []int{3, 1, 2} {
			harness.Sync(t, m, synced.In(scope), synced.Call{Remove: synced.Destroy{}})
		}
		b.Execute(t, "DELETE FROM synced_quarantine")
		require.Contains(t, k.read(t), "synced.quarantine.size{synced.model=rentals} 0", "an empty quarantine is told as such")

		require.NoError(t, k.Close())
		require.Empty(t, k.read(t), "the store is no longer asked")
	})
}

// What can't be read is an error of the collection, and what runs tell is not lost by it.
func TestContract_C254_GaugesThatCannotBeRead(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{DB: b.DB})
		b.Put("1")
		harness.Sync(t, harness.Model(t, b, rentals(k)), synced.In(1))
		b.Execute(t, "DROP TABLE synced_runs")
		lines, err := k.collect()
		require.ErrorContains(t, err, "otelsynced: synced: read how fresh the rows are: the database has no table synced_runs: call Migrate on the store first")
		require.Contains(t, lines, "synced.records{synced.model=rentals,synced.outcome=created} 1")

		late := newTelemetry(t, otelsynced.Options{DB: b.DB, Timeout: 1})
		_, err = late.collect()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// Many scopes are read within the time that there is.
func TestContract_C254_ManyScopes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{DB: b.DB})
		b.Put("1")
		m := harness.Model(t, b, harness.Rentals())
		harness.Sync(t, m, synced.In(1))
		b.Execute(t, "INSERT INTO synced_runs (model, scope_type, scope_id, attempted_at, ended_at, succeeded_at, error) "+
			"WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < 5000) "+
			"SELECT r.model, r.scope_type, CAST(s.n AS text), r.attempted_at, r.ended_at, r.succeeded_at, '' FROM synced_runs r CROSS JOIN s")
		began := time.Now()
		lines := k.read(t)
		t.Log("5,000 scopes in", time.Since(began))
		require.Len(t, of(lines, "synced.staleness"), 1, fmt.Sprint(lines))
	})
}

func TestNew_Settings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		options otelsynced.Options
		message string
	}{
		{otelsynced.Options{Timeout: -time.Second}, "otelsynced: Options.Timeout is -1s: it can't be negative"},
		{otelsynced.Options{Timeout: time.Second}, "otelsynced: Options.Skip and Options.Timeout are for reading gauges from a store: set Options.DB, or leave them out"},
	} {
		_, err := otelsynced.New(c.options)
		require.EqualError(t, err, c.message)
	}
	o, err := otelsynced.New(otelsynced.Options{}) // the global providers
	require.NoError(t, err)
	require.NoError(t, o.Close())
}
