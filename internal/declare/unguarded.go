package declare

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"weak"

	"github.com/syncedgo/synced/internal/backend"
)

// warned has the models whose logs were told that their table has no guard trigger.
var warned sync.Map // of warning

// warning is a model and its log, which it does not keep alive.
type warning struct {
	table string
	log   weak.Pointer[slog.Logger]
}

// warnUnguarded tells the log that the table has no guard trigger, once for each
// model in a process.
func (b *binding) warnUnguarded(ctx context.Context) {
	if !b.Log.Enabled(ctx, slog.LevelWarn) {
		return
	}
	w := warning{b.Table, weak.Make(b.Log)}
	if _, told := warned.LoadOrStore(w, true); told {
		return
	}
	runtime.AddCleanup(b.Log, func(w warning) { warned.Delete(w) }, w)
	b.Log.WarnContext(ctx, "synced: the table has no "+hashColumn+" that the trigger "+backend.GuardName+" guards, or one that an older declaration made: rows are compared by their columns, which is slower; Schema has the DDL", "model", b.Table)
}
