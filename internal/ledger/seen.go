package ledger

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/store"
)

const seen = "synced_seen"

// AddSeen adds ids, by [idset.Key], to those that must not count as absent when
// the unfinished pass of a scope ends: it has listed them, or others wrote them
// meanwhile. Many may add at once. Dropping the pass drops them.
func AddSeen(ctx context.Context, tx store.Tx, s Scope, keys []uint64) error {
	if len(keys) == 0 {
		return nil
	}
	return exec(ctx, tx, squirrel.Insert(seen).Columns(append(scopeColumns(), "part", "ids")...).Values(s.values(uuid.NewString(), idset.Pack(keys))...))
}

// EachSeen calls found with each of the ids that were added. Some may come more
// than once.
func EachSeen(ctx context.Context, q store.Querier, s Scope, found func(key uint64)) error {
	return store.Each(ctx, q, squirrel.Select("ids").From(seen).Where(s.where()), func(rows store.Rows) error {
		var packed []byte
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		if err := idset.Unpack(packed, found); err != nil {
			return fmt.Errorf("read %s: %w: delete the rows of this scope, and the pass begins again", seen, err)
		}
		return nil
	})
}
