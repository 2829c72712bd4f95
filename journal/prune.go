package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// pruned is how many changes a transaction drops.
const pruned = 10000

// Prune drops the changes up to a position that were made before a time, whole transactions
// only, and what was kept of rows that they deleted. The zero time is no limit. It drops
// 10,000 in a transaction, so that others can write in between, and returns how many it
// dropped, also where err is not nil.
//
// UpTo is the position that all readers have passed. For a reader that has not, Changes is an
// [ErrPruned]: it needs all rows once more.
func (j *Journal) Prune(ctx context.Context, upTo int64, before time.Time) (dropped int64, err error) {
	if err = prune(ctx, j.db, upTo, before, &dropped); err != nil {
		err = fmt.Errorf("synced: journal: prune: %w", err)
	}
	return dropped, err
}

func prune(ctx context.Context, db backend.Store, upTo int64, before time.Time, dropped *int64) error {
	where := squirrel.And{squirrel.Expr("last AND seq <= ?", upTo)}
	if !before.IsZero() {
		where = append(where, squirrel.Expr("seq < coalesce((SELECT seq FROM "+journal+" WHERE at_ms >= ? ORDER BY seq LIMIT 1), ?)", before.UnixMilli(), upTo+1))
	}
	var end int64
	found, err := store.One(ctx, db, squirrel.Select("seq").From(journal).Where(where).OrderBy("seq DESC").Limit(1), &end)
	if err != nil || !found {
		return err
	}
	for {
		var n int64
		err := backend.InTx(ctx, db, func(ctx context.Context, tx backend.Tx) error {
			// First, so that who reads what is left knows that something is missing.
			if _, err := tx.Exec(ctx, squirrel.Expr("UPDATE "+state+" SET pruned = ? WHERE pruned < ?", end, end)); err != nil {
				return err
			}
			if n, err = tx.Exec(ctx, squirrel.Expr("DELETE FROM "+journal+" WHERE seq IN (SELECT seq FROM "+journal+" WHERE seq <= ? ORDER BY seq LIMIT ?)", end, pruned)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM "+kept+" WHERE deleted AND seq <= ?", end))
			return err
		})
		if *dropped += n; err != nil || n < pruned {
			return err
		}
	}
}
