package synced

import (
	"context"
	"log/slog"

	"github.com/syncedgo/synced/internal/engine"
)

// Remap maps the stored objects of a scope again, without asking the remote: after
// the declaration has gained an attribute, or MapVersion has changed. With
// [NoScope], it does so for every scope of the model.
//
// Rows that the declaration as it is has made are not looked at, nor counted.
// Each 500 rows are mapped and written in a transaction of their own, with what
// OnChange and Outbox do; what is committed stays, so that the next call goes on
// where one was ended. Cancelled rows stay cancelled, children keep their parents,
// and rows without a stored object, and the models of Associations, are left
// alone. A record that can't be mapped is an error.
func (h *Handle) Remap(ctx context.Context, scope Scope) (Result, error) {
	scope, err := h.checkReading(scope)
	if err != nil {
		return Result{}, h.engine.Fail(scope.value, err)
	}
	return engine.Remap(ctx, h.engine, scope.value)
}

// NeedsRemap says whether the table has a row with a stored object that another
// declaration has mapped. It asks the fingerprints of the whole table: seconds
// for a million rows where there is none. Cancelled rows and those that were
// edited locally have no fingerprint, and are not among them.
func (h *Handle) NeedsRemap(ctx context.Context) (bool, error) {
	needs, err := engine.NeedsRemap(ctx, h.engine, 0)
	if err != nil {
		return false, h.engine.Fail(nil, err)
	}
	return needs, nil
}

// hintRows is how many rows New looks at for its hint.
const hintRows = 1000

// hint tells the log that Remap has something to do, as far as some rows show.
func (h *Handle) hint(ctx context.Context) {
	if !h.declared.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	if needs, err := engine.NeedsRemap(ctx, h.engine, hintRows); err == nil && needs {
		h.declared.Log.DebugContext(ctx, "synced: another declaration has mapped rows of the table: Remap maps their stored objects again", "model", h.declared.Table)
	}
}
