package ledger

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// scoped are the tables with rows of a scope, but for changes and locks.
var scoped = []string{times, validators, positions, passes, seen, refusals, refused, quarantine, waiting, runs, parents}

// Forget forgets all of a scope that is gone: its times, what waits, and how its runs went.
// A run that is under way learns of it as of a reset.
func Forget(ctx context.Context, tx store.Tx, s Scope) error {
	for _, table := range scoped {
		if _, err := drop(ctx, tx, table, s); err != nil {
			return err
		}
	}
	return nil
}

// ForgetParents forgets all of the parents that a model is listed for within a root. The
// scope has the model and the type of theirs. Their marks, which tell which those are, go
// last.
func ForgetParents(ctx context.Context, tx store.Tx, s Scope, root string) error {
	for _, table := range scoped {
		these := squirrel.Expr("scope_id IN (SELECT scope_id FROM "+parents+" WHERE model = ? AND scope_type = ? AND root = ?)", s.Model, s.Type, root)
		if err := exec(ctx, tx, squirrel.Delete(table).Where(squirrel.Expr("model = ? AND scope_type = ?", s.Model, s.Type)).Where(these)); err != nil {
			return err
		}
	}
	return nil
}
