package otelsynced

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// metrics are what is counted and measured of runs.
type metrics struct {
	records, runs, requests, refusals metric.Int64Counter
	duration, throttled               metric.Float64Histogram
}

// seconds are the bounds of durations: an idle run takes milliseconds, and a first one hours.
var seconds = metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400)

func newMetrics(meter metric.Meter) (*metrics, error) {
	m := &metrics{}
	var errs [6]error
	m.records, errs[0] = meter.Int64Counter("synced.records", metric.WithUnit("{record}"), metric.WithDescription("Records by what became of their rows."))
	m.runs, errs[1] = meter.Int64Counter("synced.runs", metric.WithUnit("{run}"), metric.WithDescription("Runs that ended."))
	m.duration, errs[2] = meter.Float64Histogram("synced.run.duration", metric.WithUnit("s"), metric.WithDescription("How long runs took."), seconds)
	m.requests, errs[3] = meter.Int64Counter("synced.requests", metric.WithUnit("{request}"), metric.WithDescription("Requests to remotes, each attempt."))
	m.throttled, errs[4] = meter.Float64Histogram("synced.throttled.duration", metric.WithUnit("s"), metric.WithDescription("How long requests waited before they were made, or made again."), seconds)
	m.refusals, errs[5] = meter.Int64Counter("synced.removals.refused", metric.WithUnit("{removal}"), metric.WithDescription("Removals that were not done, since it was not proven that the records are gone."))
	return m, errors.Join(errs[:]...)
}

// count counts records.
func (m *metrics) count(ctx context.Context, model string, c report.Counts) {
	for _, outcome := range [...]struct {
		name string
		n    int
	}{
		{"created", c.Created}, {"updated", c.Updated}, {"unchanged", c.Unchanged}, {"removed", c.Removed}, {"restored", c.Restored},
		{"quarantined", c.Quarantined}, {"older", c.Older},
	} {
		if outcome.n > 0 {
			m.records.Add(ctx, int64(outcome.n), metric.WithAttributes(modelKey.String(model), attribute.String("synced.outcome", outcome.name)))
		}
	}
}

// ran counts a run that ended.
func (m *metrics) ran(ctx context.Context, r *run, e *observe.RunEnded) {
	attrs := []attribute.KeyValue{modelKey.String(r.Model), callKey.String(callOf(&r.Run))}
	if e.Err != nil {
		attrs = append(attrs, errorKey.String(errorType(e.Err)))
	}
	set := metric.WithAttributeSet(attribute.NewSet(attrs...))
	m.runs.Add(ctx, 1, set)
	m.duration.Record(ctx, e.Result.Duration.Seconds(), set)
}

// shortest is how long the limiter must hold a request back to be told: it takes some time
// by itself.
const shortest = time.Millisecond

// request counts an attempt of a request, and how long it waits.
func (m *metrics) request(ctx context.Context, model string, e *observe.RequestMade) {
	class := classOf(e)
	m.requests.Add(ctx, 1, metric.WithAttributes(modelKey.String(model), attribute.String("synced.response.class", class), attribute.Bool("synced.retry", e.Attempt > 1)))
	if e.Held >= shortest {
		m.throttle(ctx, model, "limiter", e.Held)
	}
	if class == limited {
		m.throttle(ctx, model, "remote", e.Wait)
	} else {
		m.throttle(ctx, model, "backoff", e.Wait)
	}
}

func (m *metrics) throttle(ctx context.Context, model, by string, d time.Duration) {
	if d > 0 {
		m.throttled.Record(ctx, d.Seconds(), metric.WithAttributes(modelKey.String(model), attribute.String("synced.throttled.by", by)))
	}
}

func (m *metrics) refused(ctx context.Context, model string) {
	m.refusals.Add(ctx, 1, metric.WithAttributes(modelKey.String(model)))
}

// limited is the class of answers that blame too many requests.
const limited = "limited"

// classOf returns the class of an answer: one of seven.
func classOf(e *observe.RequestMade) string {
	answer, _ := errors.AsType[*remote.Error](e.Err)
	switch {
	case e.Status == 0:
		return "none"
	case e.Status == http.StatusTooManyRequests, answer != nil && answer.Limited:
		return limited
	case e.Status >= 200 && e.Status < 600:
		return fmt.Sprintf("%dxx", e.Status/100)
	default:
		return "other"
	}
}
