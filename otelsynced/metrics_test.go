package otelsynced_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/otelsynced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestContract_C252_Metrics(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx, k := context.Background(), newTelemetry(t, otelsynced.Options{})
		b.Put("1", "2", "3", "4")
		m := harness.Model(t, b, rentals(k))
		harness.Sync(t, m, synced.In(1))
		harness.Sync(t, m, synced.In(2))
		harness.Sync(t, m, synced.In(1))
		_, err := m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		b.Server.Fault(remotetest.Fault{Status: 400})
		_, err = m.Synchronize(ctx, synced.In(1))
		require.Error(t, err)
		require.Equal(t, []string{
			"synced.records{synced.model=rentals,synced.outcome=created} 8",
			"synced.records{synced.model=rentals,synced.outcome=unchanged} 4",
			"synced.requests{synced.model=rentals,synced.response.class=2xx,synced.retry=false} 8",
			"synced.requests{synced.model=rentals,synced.response.class=4xx,synced.retry=false} 1",
			"synced.run.duration{error.type=invalid_request,synced.call=Synchronize,synced.model=rentals} 1",
			"synced.run.duration{synced.call=Check,synced.model=rentals} 1",
			"synced.run.duration{synced.call=Synchronize,synced.model=rentals} 3",
			"synced.runs{error.type=invalid_request,synced.call=Synchronize,synced.model=rentals} 1",
			"synced.runs{synced.call=Check,synced.model=rentals} 1",
			"synced.runs{synced.call=Synchronize,synced.model=rentals} 3",
		}, of(k.read(t), "synced.records", "synced.requests", "synced.run.duration", "synced.runs"))

		// Refused removals, quarantine, and what goes.
		b.Server.Collection("rentals").Delete(4)
		b.Server.Collection("rentals").PutRaw(`{"id":5,"name":5}`)
		harness.Sync(t, m, synced.In(1))
		harness.Sync(t, m, synced.In(1))
		for _, id := range []int{1, 2, 3, 5} {
			b.Server.Collection("rentals").Delete(id)
		}
		harness.Sync(t, m, synced.In(2))
		lines := k.read(t)
		require.Equal(t, []string{
			"synced.records{synced.model=rentals,synced.outcome=created} 8",
			"synced.records{synced.model=rentals,synced.outcome=quarantined} 2",
			"synced.records{synced.model=rentals,synced.outcome=removed} 1",
			"synced.records{synced.model=rentals,synced.outcome=unchanged} 10",
		}, of(lines, "synced.records"))
		require.Equal(t, []string{"synced.removals.refused{synced.model=rentals} 1"}, of(lines, "synced.removals.refused"))
	})
}

// What a failed run committed is counted, and nothing that was rolled back. An atomic run,
// which counts at its end, comes to the same.
func TestContract_C252_RecordsOfFailedRuns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx, k := context.Background(), newTelemetry(t, otelsynced.Options{})
		b.Put("1", "2", "3", "4", "5", "6", "")
		d := harness.Rentals()
		d.Observer = k
		m := harness.Model(t, b, d)
		harness.Sync(t, m, synced.In(9)) // seven
		b.Server.Collection("rentals").PutRaw(`{"id":7,"name":7}`)
		_, err := m.Synchronize(ctx, synced.In(1))
		require.Error(t, err)
		_, err = m.Synchronize(ctx, synced.In(2), synced.Call{Commit: synced.Atomic{}})
		require.Error(t, err)
		b.Put("1", "2", "3", "4", "5", "6", "7")
		harness.Sync(t, m, synced.In(2), synced.Call{Commit: synced.Atomic{}})
		harness.Sync(t, m, synced.In(1), synced.Call{Commit: synced.Atomic{}})
		require.Equal(t, []string{
			"synced.records{synced.model=rentals,synced.outcome=created} 21",
			"synced.records{synced.model=rentals,synced.outcome=updated} 6",
		}, of(k.read(t), "synced.records"))
	})
}

// Rows of associated models are counted by their own tables.
func TestContract_C252_RecordsOfAssociations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{})
		b.Server.Collection("villas").Put(harness.CabinOf(1, 1, "one", harness.PoolOf(1, 1, "a"), harness.PoolOf(2, 1, "b")), harness.CabinOf(2, 1, "two", harness.PoolOf(3, 1, "c")))
		m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Observer = k })
		harness.Sync(t, m, synced.In(1))
		b.Server.Collection("villas").Put(harness.CabinOf(1, 2, "one", harness.PoolOf(1, 1, "a")))
		harness.Sync(t, m, synced.In(1))
		require.Equal(t, []string{
			"synced.records{synced.model=pools,synced.outcome=created} 3",
			"synced.records{synced.model=pools,synced.outcome=removed} 1",
			"synced.records{synced.model=pools,synced.outcome=unchanged} 2",
			"synced.records{synced.model=villas,synced.outcome=created} 2",
			"synced.records{synced.model=villas,synced.outcome=unchanged} 1",
			"synced.records{synced.model=villas,synced.outcome=updated} 1",
			"synced.records{synced.model=villas_translations,synced.outcome=created} 2",
		}, of(k.read(t), "synced.records"))
	})
}

// Requests are counted by their answer, each attempt, and what they wait for is measured.
func TestContract_C252_RequestsThatWait(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{})
		b.Put("1")
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), Clock: &quickClock{}, HTTP: b.Server.Client()})
		require.NoError(t, err)
		d := rentals(k)
		d.API = api
		held := observe.RequestMade{Attempt: 1, Status: 200, Held: time.Second}
		observe.Tell(observe.With(t.Context(), k), held)
		b.Server.Fault(remotetest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}})
		b.Server.Fault(remotetest.Fault{Status: 503, Header: http.Header{"Retry-After": {"2"}}})
		harness.Sync(t, harness.Model(t, b, d), synced.In(1))
		lines := k.read(t)
		require.Equal(t, []string{
			"synced.requests{synced.model=,synced.response.class=2xx,synced.retry=false} 1",
			"synced.requests{synced.model=rentals,synced.response.class=2xx,synced.retry=true} 1",
			"synced.requests{synced.model=rentals,synced.response.class=5xx,synced.retry=true} 1",
			"synced.requests{synced.model=rentals,synced.response.class=limited,synced.retry=false} 1",
		}, of(lines, "synced.requests"))
		require.Subset(t, lines, []string{
			"synced.throttled.duration{synced.model=,synced.throttled.by=limiter} 1",
			"synced.throttled.duration{synced.model=rentals,synced.throttled.by=backoff} 1",
			"synced.throttled.duration{synced.model=rentals,synced.throttled.by=remote} 1",
		})
		require.InDelta(t, 7, sum(t, k, "remote"), 0.001)
		require.InDelta(t, 2, sum(t, k, "backoff"), 0.001)
	})
}

// sum returns the seconds of synced.throttled.duration of a cause.
func sum(t *testing.T, k *telemetry, by string) float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, k.reader.Collect(t.Context(), &all))
	for _, m := range all.ScopeMetrics[0].Metrics {
		if data, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == "synced.throttled.duration" {
			require.Equal(t, "s", m.Unit)
			for _, p := range data.DataPoints {
				if v, _ := p.Attributes.Value("synced.throttled.by"); v.AsString() == by {
					return p.Sum
				}
			}
		}
	}
	return 0
}

// quickClock is a clock whose waits take no time.
type quickClock struct{ slept time.Duration }

func (c *quickClock) Now() time.Time { return time.Now().Add(c.slept) }

func (c *quickClock) Sleep(_ context.Context, d time.Duration) error {
	c.slept += d
	return nil
}

// However many scopes, ids and texts there are, the series stay the same, and no secret is
// in spans or metrics.
func TestContract_C253_FewSeriesAndNoSecrets(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{DB: b.DB})
		b.Put("1", "2")
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.APIKeyQuery("access_token", harness.Token), HTTP: b.Server.Client(), Retry: wire.Retry{Max: -1}})
		require.NoError(t, err)
		refused := harness.Model(t, b, rentals(k)) // whose token is right
		d := rentals(k)
		d.API = api
		failing := harness.Bind(t, b, d)
		round := func(scope int) {
			harness.Sync(t, refused, synced.In(scope))
			_, err := failing.Synchronize(t.Context(), synced.In(scope))
			require.Error(t, err)
		}
		round(1)
		series := len(k.read(t))
		for scope := range 20 {
			round(1000 + scope)
		}
		lines := k.read(t)
		harness.Sync(t, refused, synced.In(1))
		require.LessOrEqual(t, len(lines), series+2, "unchanged records, what waited on a slow machine, and no more: %q", lines)
		told := fmt.Sprint(lines)
		require.NotContains(t, told, "=10", "no scope")
		for _, s := range k.take(t) {
			told += written(s.Attributes()) + s.Status().Description
			for _, e := range s.Events() {
				told += written(e.Attributes)
			}
		}
		require.Contains(t, told, "401 Unauthorized")
		require.NotContains(t, told, harness.Token)
	})
}

// What is not text by itself is told as text: spans that are not would be lost.
func TestContract_C253_OddTexts(t *testing.T) {
	t.Parallel()
	k := newTelemetry(t, otelsynced.Options{})
	ctx := observe.Tell(observe.With(context.Background(), k), observe.RunStarted{Run: observe.Run{Model: "rentals", Scope: "a\xffb"}})
	observe.Tell(ctx, observe.Quarantined{Model: "rentals", Reason: "\xff"})
	observe.Tell(ctx, observe.Trouble{Err: fmt.Errorf("one\xff\nand the stack")})
	observe.Tell(ctx, observe.RunEnded{Err: fmt.Errorf("\xff")})
	s := k.take(t)[0]
	require.Equal(t, "\uFFFD", s.Status().Description)
	require.Contains(t, written(s.Attributes()), "synced.scope=a\uFFFDb")
	require.Equal(t, "synced.reason=one\uFFFD", written(s.Events()[1].Attributes))
	require.True(t, strings.Contains(written(s.Events()[0].Attributes), "synced.reason=\uFFFD"))
}
