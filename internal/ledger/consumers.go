package ledger

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

const consumers = "{synced_consumers}"

// PositionOf reads the id of the last change that a consumer of the outbox has
// passed, and reports whether the consumer is known.
func PositionOf(ctx context.Context, q store.Querier, consumer string) (position int64, known bool, err error) {
	known, err = store.One(ctx, q, squirrel.Select("position").From(consumers).Where(squirrel.Expr("name = ?", consumer)), &position)
	return position, known, err
}

// AddConsumer makes a consumer known that has passed no change, unless it is
// known.
func AddConsumer(ctx context.Context, tx store.Tx, consumer string) error {
	return exec(ctx, tx, squirrel.Insert(consumers).Columns("name", "position").Values(consumer, 0).Suffix("ON CONFLICT DO NOTHING"))
}

// SavePosition keeps a consumer's position, which never goes back. It does nothing
// for a consumer that is not known.
func SavePosition(ctx context.Context, tx store.Tx, consumer string, position int64) error {
	return exec(ctx, tx, squirrel.Update(consumers).Set("position", position).Where(squirrel.Expr("name = ? AND position < ?", consumer, position)))
}

// DropConsumer forgets a consumer, so that no change is kept for it.
func DropConsumer(ctx context.Context, tx store.Tx, consumer string) error {
	return exec(ctx, tx, squirrel.Delete(consumers).Where(squirrel.Expr("name = ?", consumer)))
}
