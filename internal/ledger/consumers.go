package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const consumers = "{synced_consumers}"

// Position is where a consumer of the outbox is.
type Position struct {
	// Passed is the id of the last change that it has passed.
	Passed int64
	// Rewinds is how often it was rewound.
	Rewinds int64
}

// PositionOf reads where a consumer of the outbox is, and reports whether the consumer
// is known.
func PositionOf(ctx context.Context, q store.Querier, consumer string) (p Position, known bool, err error) {
	known, err = store.One(ctx, q, squirrel.Select("position", "rewinds").From(consumers).Where(squirrel.Expr("name = ?", consumer)), &p.Passed, &p.Rewinds)
	return p, known, err
}

// Consumer is a consumer of the outbox, and how many changes it has not passed.
type Consumer struct {
	Name           string
	Passed, Behind int64
	// Oldest is when the first of those was made; zero where there is none.
	Oldest time.Time
}

// Consumers reads all that are known, by name.
func Consumers(ctx context.Context, q store.Querier) (list []Consumer, err error) {
	query := squirrel.Select("c.name", "c.position", "count(h.id)", "min(h.at)").From(consumers+" c").
		LeftJoin(changes+" h ON h.id > c.position").GroupBy("c.name", "c.position").OrderBy("c.name")
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var c Consumer
		var oldest backend.Time
		err := rows.Scan(&c.Name, &c.Passed, &c.Behind, &oldest)
		c.Oldest = oldest.Time
		list = append(list, c)
		return err
	})
	return list, err
}

// AddConsumer makes a consumer known that has passed no change, unless it is
// known.
func AddConsumer(ctx context.Context, tx store.Tx, consumer string) error {
	return exec(ctx, tx, squirrel.Insert(consumers).Columns("name", "position").Values(consumer, 0).Suffix("ON CONFLICT DO NOTHING"))
}

// SavePosition keeps a consumer's position, which goes back by a [Rewind] alone. It
// does nothing for a consumer that is not known, or was rewound since.
func SavePosition(ctx context.Context, tx store.Tx, consumer string, p Position) error {
	return exec(ctx, tx, squirrel.Update(consumers).Set("position", p.Passed).
		Where(squirrel.Expr("name = ? AND position < ? AND rewinds = ?", consumer, p.Passed, p.Rewinds)))
}

// Rewind sets a consumer's position back, as far as it is later, and reports whether
// the consumer is known.
func Rewind(ctx context.Context, tx store.Tx, consumer string, position int64) (known bool, err error) {
	n, err := tx.Exec(ctx, squirrel.Update(consumers).Set("rewinds", squirrel.Expr("rewinds + 1")).
		Set("position", squirrel.Expr("CASE WHEN position < ? THEN position ELSE ? END", position, position)).
		Where(squirrel.Expr("name = ?", consumer)))
	return n > 0, err
}

// DropConsumer forgets a consumer, so that no change is kept for it.
func DropConsumer(ctx context.Context, tx store.Tx, consumer string) error {
	return exec(ctx, tx, squirrel.Delete(consumers).Where(squirrel.Expr("name = ?", consumer)))
}
