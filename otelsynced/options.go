package otelsynced

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/store"
)

// Options are what an [Observer] works with. The zero value has the global providers, and
// no gauges.
type Options struct {
	// TracerProvider makes spans. Defaults to OpenTelemetry's global one.
	TracerProvider trace.TracerProvider
	// MeterProvider makes metrics. Defaults to OpenTelemetry's global one.
	MeterProvider metric.MeterProvider

	// DB is the store that the gauges are read from, whenever metrics are collected: how
	// stale the models are, and what is in quarantine. All programs of one database would
	// tell the same, so give it to one of them, or take the maximum over all.
	// Defaults to none, and no gauges.
	DB store.Store
	// Skip reports whether a scope is no longer the service's, so that nobody is told how
	// stale it is: synced knows those that have ever run. It is called for each scope of
	// DB while metrics are collected. Defaults to none.
	Skip func(scope synced.ScopeFreshness) bool
	// Timeout is how long one reading of the gauges may take. What was not read by then is
	// missing in that collection, the freshest scopes first. Defaults to 5 seconds.
	Timeout time.Duration
}

// defaultTimeout is that of Options.Timeout.
const defaultTimeout = 5 * time.Second

// filled returns the options with their defaults.
func (o Options) filled() (Options, error) {
	switch {
	case o.Timeout < 0:
		return o, fmt.Errorf("Options.Timeout is %s: it can't be negative", o.Timeout)
	case o.DB == nil && (o.Skip != nil || o.Timeout > 0):
		return o, errors.New("Options.Skip and Options.Timeout are for reading gauges from a store: set Options.DB, or leave them out")
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	return o, nil
}
