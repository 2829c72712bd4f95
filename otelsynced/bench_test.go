package otelsynced_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/otelsynced"
	"github.com/syncedgo/synced/strategy"
)

// BenchmarkIdle measures a run that finds nothing new: unobserved, with spans and metrics
// that a real SDK makes and throws away, and with spans that are not sampled.
func BenchmarkIdle(b *testing.B) {
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	export := trace.WithBatcher(tracetest.NewNoopExporter())
	for _, c := range []struct {
		name   string
		traces *trace.TracerProvider
	}{
		{"unobserved", nil},
		{"observed", trace.NewTracerProvider(export)},
		{"unsampled", trace.NewTracerProvider(export, trace.WithSampler(trace.NeverSample()))},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := harness.Incremental(strategy.UpdatedSince{})
			if c.traces != nil {
				o, err := otelsynced.New(otelsynced.Options{TracerProvider: c.traces, MeterProvider: meters})
				require.NoError(b, err)
				d.Observer = o
			}
			bundle := harness.Setup(b, "sqlite")
			bundle.Put("1", "2", "3")
			m := harness.Model(b, bundle, d)
			harness.Sync(b, m, synced.In(1))
			b.ReportAllocs()
			for b.Loop() {
				_, err := m.Synchronize(context.Background(), synced.In(1))
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkObserver measures what the observer itself takes of such a run: its events, one
// after the other.
func BenchmarkObserver(b *testing.B) {
	traces := trace.NewTracerProvider(trace.WithBatcher(tracetest.NewNoopExporter()))
	o, err := otelsynced.New(otelsynced.Options{TracerProvider: traces, MeterProvider: metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))})
	require.NoError(b, err)
	outer := observe.With(context.Background(), o)
	run := observe.Run{Model: "rentals", Scope: int64(1), Call: "Synchronize", Strategy: "updated_since"}
	b.ReportAllocs()
	for b.Loop() {
		ctx := observe.Tell(outer, observe.RunStarted{Run: run})
		observe.Tell(ctx, observe.RequestMade{Method: "GET", Attempt: 1, Status: 200})
		observe.Tell(ctx, observe.PageReceived{Number: 1})
		written := observe.Tell(ctx, observe.WriteStarted{Page: 1})
		observe.Tell(written, observe.WriteEnded{Page: 1})
		observe.Tell(ctx, observe.RunEnded{Run: run})
	}
}
