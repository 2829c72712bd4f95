package declare

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"weak"

	"github.com/syncedgo/synced/internal/backend"
)

// noted has what the logs were told of the models' tables.
var noted sync.Map // of note

// note is what is told of a model's table, and the log, which it does not keep alive.
type note struct {
	table, text string
	log         weak.Pointer[slog.Logger]
}

// note tells the log something about the table, once for each model in a process.
func (b *binding) note(ctx context.Context, level slog.Level, text string) {
	if !b.Log.Enabled(ctx, level) {
		return
	}
	n := note{b.Table, text, weak.Make(b.Log)}
	if _, told := noted.LoadOrStore(n, true); told {
		return
	}
	runtime.AddCleanup(b.Log, func(n note) { noted.Delete(n) }, n)
	b.Log.Log(ctx, level, text, "model", b.Table)
}

// noteUnguarded tells the log that the table has no guard trigger.
func (b *binding) noteUnguarded(ctx context.Context) {
	b.note(ctx, slog.LevelWarn, "synced: the table has no "+hashColumn+" that the trigger "+backend.GuardName+" guards, or one that an older declaration made: rows are compared by their columns, which is slower; Schema has the DDL")
}

// noteHidden tells the log that row level security may hide rows from runs.
func (b *binding) noteHidden(ctx context.Context) {
	if b.found.Hides {
		b.note(ctx, slog.LevelInfo, "synced: row level security holds for the role on this table: runs neither change nor remove a row that a policy hides; let the policies show it every row of its scopes, or give the role BYPASSRLS")
	}
}
