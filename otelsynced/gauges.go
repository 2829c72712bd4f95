package otelsynced

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/syncedgo/synced"
)

// gauges are what is read from the store when metrics are collected.
type gauges struct {
	options              Options
	staleness            metric.Float64ObservableGauge
	unsynced, quarantine metric.Int64ObservableGauge
	registration         metric.Registration
}

func newGauges(meter metric.Meter, o Options) (*gauges, error) {
	g := &gauges{options: o}
	var errs [3]error
	g.staleness, errs[0] = meter.Float64ObservableGauge("synced.staleness", metric.WithUnit("s"), metric.WithDescription("How long ago the last success of a model's oldest scope began."))
	g.unsynced, errs[1] = meter.Int64ObservableGauge("synced.scopes.unsynced", metric.WithUnit("{scope}"), metric.WithDescription("Scopes that have never had a run that ended well."))
	g.quarantine, errs[2] = meter.Int64ObservableGauge("synced.quarantine.size", metric.WithUnit("{record}"), metric.WithDescription("Records that can't be mapped, and wait in quarantine."))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	g.registration, err = meter.RegisterCallback(g.observe, g.staleness, g.unsynced, g.quarantine)
	return g, err
}

// observe reads the gauges. What was read before an error is told all the same: the oldest
// scopes come first.
func (g *gauges) observe(ctx context.Context, o metric.Observer) error {
	ctx, cancel := context.WithTimeout(ctx, g.options.Timeout)
	defer cancel()
	sizes, err := synced.QuarantineSizes(ctx, g.options.DB)
	if err != nil {
		return fmt.Errorf("otelsynced: %w", err)
	}
	models, err := g.models(ctx)
	now := time.Now()
	for name, m := range models {
		model := metric.WithAttributes(modelKey.String(name))
		o.ObserveInt64(g.unsynced, m.unsynced, model)
		if !m.oldest.IsZero() {
			o.ObserveFloat64(g.staleness, max(0, now.Sub(m.oldest).Seconds()), model)
		}
		if _, some := sizes[name]; !some {
			o.ObserveInt64(g.quarantine, 0, model)
		}
	}
	for name, n := range sizes {
		o.ObserveInt64(g.quarantine, int64(n), metric.WithAttributes(modelKey.String(name)))
	}
	if err != nil {
		return fmt.Errorf("otelsynced: %w", err)
	}
	return nil
}

// standing is how the scopes of a model are.
type standing struct {
	oldest   time.Time // success
	unsynced int64
}

// models reads how the scopes of all models are.
func (g *gauges) models(ctx context.Context) (map[string]*standing, error) {
	models := map[string]*standing{}
	for scope, err := range synced.Stale(ctx, g.options.DB, 0) {
		if err != nil {
			return models, err
		}
		if g.options.Skip != nil && g.options.Skip(scope) {
			continue
		}
		m := models[scope.Model]
		if m == nil {
			m = &standing{}
			models[scope.Model] = m
		}
		switch {
		case scope.LastSuccess.IsZero():
			m.unsynced++
		case m.oldest.IsZero(): // the oldest come first
			m.oldest = scope.LastSuccess
		}
	}
	return models, nil
}
