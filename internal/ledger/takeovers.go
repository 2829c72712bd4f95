package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const takeovers = "{synced_takeovers}"

// TakenOver reports whether the times of a model were taken over from another table.
func TakenOver(ctx context.Context, q store.Querier, model string) (bool, error) {
	return store.One(ctx, q, squirrel.Select("1").From(takeovers).Where(squirrel.Expr("model = ?", model)), nil)
}

// TakeOver notes that they are taken over in this transaction. It reports false where
// another has done it, and waits for one that is about to.
func TakeOver(ctx context.Context, tx store.Tx, model string) (bool, error) {
	n, err := tx.Exec(ctx, squirrel.Insert(takeovers).Columns("model", "taken_at").Values(model, backend.Moment(time.Now())).Suffix("ON CONFLICT DO NOTHING"))
	return n == 1, err
}
