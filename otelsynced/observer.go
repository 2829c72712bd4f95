package otelsynced

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/syncedgo/synced/observe"
)

// scopeName is who makes the spans and metrics, as OpenTelemetry has it.
const scopeName = "github.com/syncedgo/synced/otelsynced"

// Observer is an observe.Observer that makes spans and metrics. Declare it with models
// (synced.Synced.Observer), or give it to the contexts of calls (observe.With). It is safe
// for concurrent use.
type Observer struct {
	tracer  trace.Tracer
	metrics *metrics
	gauges  *gauges
}

var _ observe.Observer = (*Observer)(nil)

// New returns an observer. One serves all models of a service. The error names the option
// or the metric that is at fault.
func New(options Options) (*Observer, error) {
	o, err := options.filled()
	if err != nil {
		return nil, fmt.Errorf("otelsynced: %w", err)
	}
	meter := o.MeterProvider.Meter(scopeName)
	observer := &Observer{tracer: o.TracerProvider.Tracer(scopeName)}
	if observer.metrics, err = newMetrics(meter); err != nil {
		return nil, fmt.Errorf("otelsynced: %w", err)
	}
	if o.DB != nil {
		if observer.gauges, err = newGauges(meter, o); err != nil {
			return nil, fmt.Errorf("otelsynced: %w", err)
		}
	}
	return observer, nil
}

// Close ends the gauges, so that the store is no longer asked when metrics are collected:
// call it before the store is closed. What runs do is told on.
func (o *Observer) Close() error {
	if o.gauges == nil {
		return nil
	}
	if err := o.gauges.registration.Unregister(); err != nil {
		return fmt.Errorf("otelsynced: end the gauges: %w", err)
	}
	return nil
}

// Observe turns an event into spans and metrics.
func (o *Observer) Observe(ctx context.Context, e observe.Event) context.Context {
	switch e := e.(type) {
	case observe.RunStarted:
		return o.start(ctx, &e.Run)
	case observe.RequestMade:
		run, _ := observe.RunOf(ctx)
		o.metrics.request(ctx, run.Model, &e)
		return ctx
	}
	r, _ := ctx.Value(runKey{o}).(*run)
	if r == nil { // of no run that was told to this observer
		return ctx
	}
	switch e := e.(type) {
	case observe.PageReceived:
		r.page(ctx, &e)
	case observe.WriteStarted:
		return r.startWrite(ctx, e.Page)
	case observe.WriteEnded:
		r.endWrite(ctx, &e)
	case observe.RemovalRefused:
		o.metrics.refused(ctx, r.Model)
	case observe.Quarantined:
		r.span.AddEvent("synced.quarantined", trace.WithAttributes(modelKey.String(e.Model), attribute.Int("synced.records", len(e.IDs)), reasonKey.String(valid(e.Reason))))
	case observe.Trouble:
		text, _, _ := strings.Cut(e.Err.Error(), "\n") // of a panic, the stack follows
		r.span.AddEvent("synced.trouble", trace.WithAttributes(reasonKey.String(valid(text))))
	case observe.RunEnded:
		r.end(ctx, &e)
	}
	return ctx
}

// fail makes an error, if there is one, the status of a span.
func fail(span trace.Span, err error) {
	if err == nil {
		return
	}
	span.SetStatus(codes.Error, valid(err.Error()))
	span.SetAttributes(errorKey.String(errorType(err)))
}
