package otelsynced

import (
	"context"
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/report"
)

// runKey is where a context has the run that it belongs to, as one observer sees it.
type runKey struct{ by *Observer }

// run is a run under way. Its events come one after the other, but for those of the runs
// of its parents.
type run struct {
	observe.Run
	by    *Observer
	span  trace.Span
	write trace.Span // of the transaction under way
	// counted are the records that the metrics have, and written those that the
	// transactions so far have told.
	counted, written report.Counts
	// ofParents reports whether the runs of single parents lie within, which tell what they
	// did themselves.
	ofParents atomic.Bool
}

// start begins the span of a run.
func (o *Observer) start(ctx context.Context, of *observe.Run) context.Context {
	if whole, _ := ctx.Value(runKey{o}).(*run); whole != nil && of.OfParent {
		whole.ofParents.Store(true)
	}
	r := &run{Run: *of, by: o}
	attrs := []attribute.KeyValue{modelKey.String(of.Model), callKey.String(callOf(of)), attribute.String("synced.strategy", of.Strategy)}
	if of.Scope != nil {
		attrs = append(attrs, attribute.String("synced.scope", valid(fmt.Sprint(of.Scope))))
	}
	ctx, r.span = o.tracer.Start(ctx, "synced.run", trace.WithAttributes(attrs...))
	return context.WithValue(ctx, runKey{o}, r)
}

// callOf names the call. Parents have a name of their own, so that they are not counted
// among those that a service makes.
func callOf(r *observe.Run) string {
	if r.OfParent {
		return "Parent"
	}
	return r.Call
}

// end ends the span of a run.
func (r *run) end(ctx context.Context, e *observe.RunEnded) {
	if !r.ofParents.Load() {
		r.count(ctx, e.Result.Counts)
		for table, counts := range e.Result.Children {
			r.by.metrics.count(ctx, table, counts)
		}
	}
	if r.write != nil { // a handler panicked within
		fail(r.write, e.Err)
		r.write.End()
	}
	r.by.metrics.ran(ctx, r, e)
	if r.span.IsRecording() {
		r.span.SetAttributes(attributesOf(e.Result)...)
		fail(r.span, e.Err)
	}
	r.span.End()
}

// count counts the records that a run has told of so far, those that were not counted yet.
func (r *run) count(ctx context.Context, total report.Counts) {
	more := report.Counts{
		Created: total.Created - r.counted.Created, Updated: total.Updated - r.counted.Updated, Unchanged: total.Unchanged - r.counted.Unchanged,
		Removed: total.Removed - r.counted.Removed, Restored: total.Restored - r.counted.Restored,
		Quarantined: max(0, total.Quarantined-r.counted.Quarantined), // a record may come out again
		Older:       total.Older - r.counted.Older,
	}
	r.by.metrics.count(ctx, r.Model, more)
	r.counted.Add(more)
}

// page makes the span of a page that came: from when it was asked for.
func (r *run) page(ctx context.Context, e *observe.PageReceived) {
	if !r.span.IsRecording() {
		return
	}
	_, span := r.by.tracer.Start(ctx, "synced.page", trace.WithTimestamp(e.Asked), trace.WithAttributes(
		modelKey.String(r.Model), pageKey.Int(e.Number), attribute.Int("synced.records", e.Records), attribute.Int("synced.deleted", e.Deleted),
		attribute.Int("synced.requests", e.Requests), attribute.Int64("synced.bytes", e.Bytes)))
	span.End(trace.WithTimestamp(e.Came))
}

// startWrite begins the span of a transaction. A page of 0 is no single one.
func (r *run) startWrite(ctx context.Context, page int) context.Context {
	attrs := []attribute.KeyValue{modelKey.String(r.Model)}
	if page > 0 {
		attrs = append(attrs, pageKey.Int(page))
	}
	ctx, r.write = r.by.tracer.Start(ctx, "synced.write", trace.WithAttributes(attrs...))
	return ctx
}

// endWrite ends the span of a transaction, and counts what it wrote.
func (r *run) endWrite(ctx context.Context, e *observe.WriteEnded) {
	r.written.Add(e.Counts)
	r.count(ctx, r.written)
	if r.write == nil {
		return
	}
	if r.write.IsRecording() {
		r.write.SetAttributes(attributesOf(e.Counts)...)
		fail(r.write, e.Err)
	}
	r.write.End()
	r.write = nil
}
