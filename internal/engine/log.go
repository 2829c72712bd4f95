package engine

import (
	"context"
	"errors"
	"log/slog"

	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// told tells the log how the run ended.
func (r *run) told(ctx context.Context, err error) {
	level, message := slog.LevelDebug, "synced: run ended"
	switch {
	case err != nil:
		level, message = levelOf(ctx, err), "synced: run failed"
	case r.result.Refused != nil:
		level = slog.LevelWarn
	case changed(r.result):
		level = slog.LevelInfo
	}
	if !r.m.Log.Enabled(ctx, level) {
		return
	}
	attrs := append(where(r.m, r.call.Scope), slog.String("strategy", r.call.Strategy.String()), slog.Any("result", r.result))
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	r.m.Log.LogAttrs(ctx, level, message, attrs...)
}

// changed reports whether a run wrote or removed a row, also one of an associated
// model, or has a record in quarantine.
func changed(result report.Result) bool {
	total := result.Counts
	for _, below := range result.Children {
		total.Add(below)
	}
	return total != report.Counts{Unchanged: total.Unchanged, Older: total.Older}
}

// Unbegun tells the log of a run that could not begin, and returns its error.
func Unbegun(ctx context.Context, m *model.Model, scope any, err error) error {
	if err != nil {
		m.Log.LogAttrs(ctx, levelOf(ctx, err), "synced: run failed", append(where(m, scope), slog.Any("error", err))...)
	}
	return err
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
func where(m *model.Model, scope any) []slog.Attr {
	attrs := []slog.Attr{slog.String("model", m.Table.Name)}
	if scope != nil {
		attrs = append(attrs, slog.Any("scope", scope))
	}
	return attrs
}
