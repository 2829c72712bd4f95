package declare

import (
	"context"
	"fmt"
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
func (d *Declaration) note(ctx context.Context, level slog.Level, text string) {
	if !d.Log.Enabled(ctx, level) {
		return
	}
	n := note{d.Table, text, weak.Make(d.Log)}
	if _, told := noted.LoadOrStore(n, true); told {
		return
	}
	runtime.AddCleanup(d.Log, func(n note) { noted.Delete(n) }, n)
	d.Log.Log(ctx, level, text, "model", d.Table)
}

// noteShared tells the log that another model keeps the same table in step with another
// list. Models that ask for none, since they are nested, share tables well.
func (b *Bound) noteShared(ctx context.Context) {
	d := &b.declared
	if d.API == nil && d.APIFor == nil {
		return
	}
	endpoint := d.Endpoint
	if d.Each != nil {
		endpoint = d.Each.Endpoint
	}
	if before := b.Model.Lists(endpoint); before != "" && before != endpoint {
		d.note(ctx, slog.LevelWarn, fmt.Sprintf("synced: another model keeps this table in step with the list at %q, and this one with that at %q: "+
			"each removes the rows of the other, and moves its stored time: give each its own table", before, endpoint))
	}
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
