// Package logged writes what runs do to a log: a line for each, and what should be looked
// into.
package logged

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/syncedgo/synced/internal/shown"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// To returns an observer that logs; nil where there is no log.
func To(log *slog.Logger) observe.Observer {
	if log == nil {
		return nil
	}
	return &observer{log}
}

type observer struct{ log *slog.Logger }

// Observe logs the end of a run, and trouble. Of a run of all parents, single ones have a
// line of their own where they failed, or refused a removal.
func (o *observer) Observe(ctx context.Context, e observe.Event) context.Context {
	switch e := e.(type) {
	case observe.RunEnded:
		if !e.Run.OfParent {
			o.advise(ctx, &e)
		}
		if !e.Run.OfParent || e.Err != nil || e.Result.Refused != nil {
			o.ended(ctx, &e)
		}
	case observe.Trouble:
		level := slog.LevelWarn
		if errors.Is(e.Err, observe.ErrPanicked) {
			level = slog.LevelError
		}
		run, _ := observe.RunOf(ctx)
		o.log.LogAttrs(ctx, level, "synced: "+e.Err.Error(), where(run)...)
	}
	return ctx
}

// ended logs how a run ended.
func (o *observer) ended(ctx context.Context, e *observe.RunEnded) {
	level, message := slog.LevelDebug, "synced: run ended"
	switch {
	case e.Err != nil:
		level, message = levelOf(ctx, e.Err), "synced: run failed"
	case e.Result.Refused != nil:
		level = slog.LevelWarn
	case changed(&e.Result):
		level = slog.LevelInfo
	}
	if !o.log.Enabled(ctx, level) {
		return
	}
	attrs := append(where(e.Run), slog.String("strategy", e.Run.Strategy), slog.Any("result", e.Result))
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	o.log.LogAttrs(ctx, level, message, attrs...)
}

// advise logs what the service should mend: rows that can't go, and attributes that no
// record has, misspelled or no longer sent.
func (o *observer) advise(ctx context.Context, e *observe.RunEnded) {
	if len(e.Result.NotDeleted) > 0 {
		o.log.LogAttrs(ctx, slog.LevelWarn, "synced: rows stay although their records are gone: change what keeps them, or declare a Remove that fits",
			append(where(e.Run), slog.String("rows", shown.Text(fmt.Sprint(e.Result.NotDeleted))))...)
	}
	if e.Err == nil && len(e.Result.Unknown) > 0 {
		o.log.LogAttrs(ctx, slog.LevelWarn, "synced: no record has these attributes, which the model reads: correct their names, or remove their fields",
			append(where(e.Run), slog.Any("attributes", e.Result.Unknown))...)
	}
}

// changed reports whether a run wrote or removed a row, also one of an associated
// model, or has a record in quarantine.
func changed(result *report.Result) bool {
	total := result.Counts
	for _, below := range result.Children {
		total.Add(below)
	}
	return total != report.Counts{Unchanged: total.Unchanged, Older: total.Older}
}

// levelOf returns the level of a run's error: Warn where another run, later, is all
// that is needed.
func levelOf(ctx context.Context, err error) slog.Level {
	_, waits := errors.AsType[*remote.WaitError](err)
	if waits || ctx.Err() != nil || errors.Is(err, context.Canceled) || errors.Is(err, report.ErrRunning) || errors.Is(err, store.ErrLockLost) {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// where says of which rows a line of the log is.
func where(run observe.Run) []slog.Attr {
	attrs := []slog.Attr{slog.String("model", run.Model)}
	if run.Scope != nil {
		attrs = append(attrs, slog.Any("scope", run.Scope))
	}
	return attrs
}
