package otelsynced_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/syncedgo/synced/otelsynced"
)

// telemetry is an observer whose spans and metrics stay in memory.
type telemetry struct {
	*otelsynced.Observer
	traces *trace.TracerProvider
	spans  *tracetest.SpanRecorder
	reader *metric.ManualReader
}

func newTelemetry(t testing.TB, o otelsynced.Options) *telemetry {
	t.Helper()
	k := &telemetry{spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader()}
	k.traces = trace.NewTracerProvider(trace.WithSpanProcessor(k.spans))
	o.TracerProvider, o.MeterProvider = k.traces, metric.NewMeterProvider(metric.WithReader(k.reader))
	var err error
	k.Observer, err = otelsynced.New(o)
	require.NoError(t, err)
	return k
}

// take returns the spans that ended since it was last called, and that none is open.
func (k *telemetry) take(t testing.TB) []trace.ReadOnlySpan {
	t.Helper()
	ended := k.spans.Ended()
	require.Len(t, k.spans.Started(), len(ended), "each span ends")
	k.spans.Reset()
	return ended
}

// paths returns spans as the names from the root to each, in the order of their beginning.
func paths(spans []trace.ReadOnlySpan) []string {
	by := map[string]trace.ReadOnlySpan{}
	for _, s := range spans {
		by[s.SpanContext().SpanID().String()] = s
	}
	slices.SortStableFunc(spans, func(a, b trace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	list := make([]string, len(spans))
	for i, s := range spans {
		for at := s; at != nil; at = by[at.Parent().SpanID().String()] {
			list[i] = strings.TrimSuffix(at.Name()+"/"+list[i], "/")
		}
	}
	return list
}

// named returns the spans of a name.
func named(spans []trace.ReadOnlySpan, name string) []trace.ReadOnlySpan {
	return slices.DeleteFunc(slices.Clone(spans), func(s trace.ReadOnlySpan) bool { return s.Name() != name })
}

// written are attributes as text, in the order of their names.
func written(list []attribute.KeyValue) string {
	set := attribute.NewSet(list...)
	return set.Encoded(attribute.DefaultEncoder())
}

// read collects the metrics as lines: name, attributes and value, of a histogram how many
// values it has.
func (k *telemetry) read(t testing.TB) []string {
	t.Helper()
	list, err := k.collect()
	require.NoError(t, err)
	return list
}

func (k *telemetry) collect() (list []string, err error) {
	var all metricdata.ResourceMetrics
	err = k.reader.Collect(context.Background(), &all)
	add := func(name string, set attribute.Set, value any) {
		list = append(list, fmt.Sprintf("%s{%s} %v", name, set.Encoded(attribute.DefaultEncoder()), value))
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, p.Value)
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, p.Count)
				}
			default:
				add(m.Name, attribute.Set{}, "?")
			}
		}
	}
	slices.Sort(list)
	return list, err
}

// of returns the lines of some metrics.
func of(lines []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		name, _, _ := strings.Cut(line, "{")
		return !slices.Contains(names, name)
	})
}
