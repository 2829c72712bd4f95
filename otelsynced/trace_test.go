package otelsynced_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/otelsynced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/strategy"
)

// rentals declares rentals that are observed.
func rentals(k *telemetry) synced.Synced[harness.Rental] {
	d := harness.Rentals()
	d.Observer, d.Remove, d.Invalid = k, synced.Destroy{}, synced.Quarantine{Limit: 1}
	return d
}

func TestContract_C251_Spans(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx, k := context.Background(), newTelemetry(t, otelsynced.Options{})
		var within []trace.SpanContext
		b.Put("1", "2", "3", "4")
		d := rentals(k)
		d.OnChange = func(ctx context.Context, _ store.Tx, _ []synced.Change[harness.Rental]) error {
			within = append(within, trace.SpanContextFromContext(ctx))
			return nil
		}
		m := harness.Model(t, b, d)
		outer, request := k.traces.Tracer("the service's").Start(ctx, "webhook")
		_, err := m.Synchronize(outer, synced.In(1))
		require.NoError(t, err)
		request.End()
		spans := k.take(t)
		require.ElementsMatch(t, []string{"webhook", "webhook/synced.run", "webhook/synced.run/synced.page", "webhook/synced.run/synced.page",
			"webhook/synced.run/synced.write", "webhook/synced.run/synced.write"}, paths(spans))
		run := named(spans, "synced.run")[0]
		require.Regexp(t, `^synced\.call=Synchronize,synced\.model=rentals,synced\.result\.bytes=\d+,synced\.result\.created=4,synced\.result\.duration=[\d.e-]+,`+
			`synced\.result\.pages=2,synced\.result\.records=4,synced\.result\.requests=2,.*synced\.scope=1,synced\.strategy=full$`, written(run.Attributes()))
		require.Equal(t, codes.Unset, run.Status().Code)
		pages, writes := named(spans, "synced.page"), named(spans, "synced.write")
		require.Regexp(t, `^synced\.bytes=\d+,synced\.deleted=0,synced\.model=rentals,synced\.page=1,synced\.records=3,synced\.requests=1$`, written(pages[0].Attributes()))
		require.Equal(t, "synced.model=rentals,synced.page=2,synced.result.created=1", written(writes[1].Attributes()))
		for i := range pages {
			require.False(t, pages[i].StartTime().Before(run.StartTime()))
			require.True(t, pages[i].EndTime().After(pages[i].StartTime()))
			require.False(t, pages[i].EndTime().After(writes[i].StartTime()), "a page came before it was written")
			require.Equal(t, writes[i].SpanContext().SpanID(), within[i].SpanID(), "a handler works in the transaction's span")
		}

		// What needs a person is told by the span of the run.
		for id := range 4 {
			b.Server.Collection("rentals").Delete(id + 1)
		}
		b.Server.Collection("rentals").PutRaw(`{"id":5,"name":5}`)
		result := harness.Sync(t, m, synced.In(1), synced.Call{Remove: synced.Destroy{Limit: 0.1}})
		require.Zero(t, result.Refused)
		run = named(k.take(t), "synced.run")[0]
		require.Equal(t, "synced.quarantined", run.Events()[0].Name)
		require.Contains(t, written(run.Events()[0].Attributes), "does not fit field Name")
		b.Server.Collection("rentals").Delete(5)
		b.Put("1")
		harness.Sync(t, m, synced.In(1))
		b.Server.Collection("rentals").Delete(1)
		k.take(t)
		harness.Sync(t, m, synced.In(1))
		require.Contains(t, written(named(k.take(t), "synced.run")[0].Attributes()), "synced.result.refused.reason=")
	})
}

// A run that fails, cannot begin, or panics ends its spans with an error.
func TestContract_C251_SpansOfErrors(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx, k := context.Background(), newTelemetry(t, otelsynced.Options{})
		b.Put("1")
		failing := errors.New("the queue is full")
		d := rentals(k)
		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { return failing }
		m := harness.Model(t, b, d)
		_, err := m.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, failing)
		spans := k.take(t)
		for _, name := range []string{"synced.run", "synced.write"} {
			s := named(spans, name)[0]
			require.Equal(t, codes.Error, s.Status().Code)
			require.Contains(t, s.Status().Description, "the queue is full")
			require.Contains(t, written(s.Attributes()), "error.type=_OTHER,")
		}
		_, err = m.Synchronize(ctx, synced.NoScope)
		require.Error(t, err)
		spans = k.take(t)
		require.Equal(t, []string{"synced.run"}, paths(spans))
		require.Equal(t, err.Error(), spans[0].Status().Description)

		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { panic("of the service") }
		m = harness.Bind(t, b, d)
		require.Panics(t, func() { _, _ = m.Synchronize(ctx, synced.In(1)) })
		spans = k.take(t)
		require.Equal(t, codes.Error, named(spans, "synced.write")[0].Status().Code)
		require.Equal(t, codes.Error, named(spans, "synced.run")[0].Status().Code)
	})
}

// Requests have otelhttp's spans and statements otelpgx's, once, within those of the run.
func TestContract_C251_RequestsAndStatementsNest(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{})
		b.Put("1", "2", "3", "4")
		if b.Pool != nil {
			config := b.Pool.Config()
			config.ConnConfig.Tracer = otelpgx.NewTracer(otelpgx.WithTracerProvider(k.traces))
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			require.NoError(t, err)
			t.Cleanup(pool.Close)
			b.Pool, b.DB = pool, postgres.New(pool, postgres.Options{}).Backend()
		}
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token),
			HTTP: &http.Client{Transport: otelhttp.NewTransport(b.Server.Client().Transport, otelhttp.WithTracerProvider(k.traces))}})
		require.NoError(t, err)
		d := rentals(k)
		d.API = api
		m := harness.Model(t, b, d)
		k.take(t)
		harness.Sync(t, m, synced.In(1))
		got := paths(k.take(t))
		require.Len(t, slices.DeleteFunc(slices.Clone(got), func(p string) bool { return p != "synced.run/HTTP GET" }), 2, "%q", got)
		roots := slices.DeleteFunc(slices.Clone(got), func(p string) bool { return p != "synced.run" })
		require.Len(t, roots, 1)
		for _, p := range got {
			require.Regexp(t, `^synced\.run($|/)`, p, "all of it lies within the run")
		}
		if b.Pool != nil {
			require.True(t, slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(p, "synced.run/synced.write/") }), "%q", got)
		}
	})
}

// The run of each parent lies within that of all of them.
func TestContract_C251_SpansOfParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		k := newTelemetry(t, otelsynced.Options{})
		repos, issues := perParent(t, b, k)
		harness.Sync(t, repos, synced.NoScope)
		k.take(t)
		harness.Sync(t, issues, synced.NoScope)
		spans := k.take(t)
		require.ElementsMatch(t, []string{"synced.run", "synced.run/synced.run", "synced.run/synced.run", "synced.run/synced.run/synced.page", "synced.run/synced.run/synced.page",
			"synced.run/synced.run/synced.write", "synced.run/synced.run/synced.write"}, paths(spans))
		lines := k.read(t)
		require.Equal(t, []string{"synced.records{synced.model=issues,synced.outcome=created} 3"}, of(lines, "synced.records"), "each record once, though two runs tell it")
		require.Equal(t, []string{
			"synced.runs{synced.call=Parent,synced.model=issues} 2", "synced.runs{synced.call=Synchronize,synced.model=issues} 1",
		}, of(lines, "synced.runs"))
	})
}

type repo struct {
	ID       int64 `db:"id"`
	SyncedID int64 `json:"id" db:"synced_id"`
}

type issue struct {
	SyncedID int64 `json:"number" db:"synced_id"`
	RepoID   int64 `db:"repo_id"`
}

// perParent makes two repositories with three issues.
func perParent(t *testing.T, b *harness.Bundle, k *telemetry) (*synced.Model[repo], *synced.Model[issue]) {
	t.Helper()
	b.Server.Collection("repos").Put(remotetest.Record{"id": 1}, remotetest.Record{"id": 2})
	b.Server.Collection("repos/1/issues").PutRaw(`{"id":1,"number":7}`)
	b.Server.Collection("repos/1/issues").PutRaw(`{"id":2,"number":8}`)
	b.Server.Collection("repos/2/issues").PutRaw(`{"id":1,"number":7}`)
	repos := harness.Model(t, b, synced.Synced[repo]{Table: "repos", Strategy: strategy.Full{}})
	return repos, harness.Model(t, b, synced.Synced[issue]{Table: "issues", Scope: "repo_id", Observer: k, PerParent: synced.Each(repos, "repos/{synced_id}/issues")})
}
