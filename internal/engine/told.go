package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/report"
)

// errPanicked is the error that observers are told of a run that ends with a panic of a
// function of the service's. The call has none.
var errPanicked = errors.New("a function of the service's panicked")

// told is a run that observers are told of: that it begins, and how it ends.
type told struct {
	*run
	// call is what runs, by the name of its method.
	call string
	// ofParent reports whether it is part of the run of all parents.
	ofParent bool
	// sum, where set, adds to the result what came of the runs of single parents.
	sum func(*report.Result)
}

// of does the work of the run.
func (t told) of(ctx context.Context, work func(ctx context.Context) error) (report.Result, error) {
	ctx = secret.Watch(ctx)
	begun := begin(ctx, t.m, observe.Run{Model: t.m.Table.Name, Scope: t.run.call.Scope, Call: t.call, Strategy: t.run.call.Strategy.String(), OfParent: t.ofParent})
	err := errPanicked
	defer func() {
		if !observe.Watched(begun) {
			return
		}
		if refused := t.result.Refused; refused != nil && t.sum == nil { // parents tell theirs
			observe.Tell(begun, observe.RemovalRefused{Refusal: *refused})
		}
		run, _ := observe.RunOf(begun)
		observe.Tell(begun, observe.RunEnded{Run: run, Result: t.result, Err: err})
	}()
	if c := &t.run.call; c.Stop != nil && (t.call != "Synchronize" || c.Given || !c.From.IsZero()) {
		work = func(context.Context) error { return errNoStop }
	}
	err = t.closed(ctx, t.advised(t.fail(0, work(begun))))
	return t.result, err
}

// begin tells observers that a run begins.
func begin(ctx context.Context, m *model.Model, run observe.Run) context.Context {
	return observe.Tell(observe.With(ctx, m.Observer), observe.RunStarted{Run: run})
}

// Unbegun tells observers of a run that could not begin, and returns its error.
func Unbegun(ctx context.Context, m *model.Model, call string, scope any, err error) error {
	run := observe.Run{Model: m.Table.Name, Scope: scope, Call: call, Strategy: m.Strategy.String()}
	if ctx = begin(ctx, m, run); observe.Watched(ctx) {
		observe.Tell(ctx, observe.RunEnded{Run: run, Err: err})
	}
	return err
}

// closed completes the result and the error.
func (t told) closed(ctx context.Context, err error) error {
	if where, ok := err.(*report.Error); ok && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		// The error of some drivers is only "interrupted".
		where.Err = fmt.Errorf("%w: %w", ctx.Err(), where.Err)
	}
	r := t.run
	r.result.Duration = time.Since(r.since)
	r.result.Counts, r.result.Changes = r.writer.Counts, r.work.List.Rows
	r.pay(r.parents.cost)
	r.pay(r.feed.Unread)
	r.result.NotModified = r.listing.NotModified()
	r.result.Tombstones += r.listing.Tombstones // beside those of earlier windows
	if err == nil {
		r.result.Unknown = r.listing.Unknown()
	} else {
		err = model.Hide(ctx, err)
	}
	hide(ctx, &r.result)
	r.result.NotDeleted = write.NotDeleted(r.writer)
	below := map[string]report.Counts{}
	if r.writer.Below(below); len(below) > 0 {
		r.result.Children = below
	}
	if t.sum != nil {
		t.sum(&r.result)
	}
	return err
}

// hide takes credentials out of the reasons that a result tells.
func hide(ctx context.Context, result *report.Result) {
	texts := secret.Of(ctx)
	result.NotStored = texts.Within(result.NotStored)
	if result.Refused != nil {
		result.Refused.Reason = texts.Within(result.Refused.Reason)
	}
	if result.Diff != nil {
		result.Diff.Doubt = texts.Within(result.Diff.Doubt)
	}
}

// less returns what came to some counts after others.
func less(after, before report.Counts) report.Counts {
	return report.Counts{
		Created: after.Created - before.Created, Updated: after.Updated - before.Updated, Unchanged: after.Unchanged - before.Unchanged,
		Removed: after.Removed - before.Removed, Restored: after.Restored - before.Restored,
		Quarantined: after.Quarantined - before.Quarantined, Older: after.Older - before.Older,
	}
}
