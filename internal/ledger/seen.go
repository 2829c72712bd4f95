package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/store"
)

const seen = "{synced_seen}"

// AddSeen adds ids, by [idset.Key], that the unfinished pass of a scope has listed.
// Dropping the pass drops them.
func AddSeen(ctx context.Context, tx store.Tx, s Scope, keys []uint64) error {
	if len(keys) == 0 {
		return nil
	}
	return add(ctx, tx, s, nil, keys)
}

// AddBeside notes that others wrote or removed rows beside the run with a number, or
// after it while its pass is unfinished. The ids are of records that exist, and must
// not count as absent when the run or the pass ends. Many may add at once.
func AddBeside(ctx context.Context, tx backend.Tx, s Scope, number int64, keys []uint64) error {
	if err := add(ctx, tx, s, number, keys); err != nil {
		return err
	}
	return gather(ctx, tx, s)
}

// mostMarks is how many marks of a scope stand one by one. A run that was killed, or a
// pass that nobody resumes, would else collect them for ever.
const mostMarks = 100

// gather makes one mark of many, which counts beside the last of their runs.
func gather(ctx context.Context, tx backend.Tx, s Scope) error {
	lock := tx.Dialect().Lock()
	if lock != "" {
		lock += " SKIP LOCKED" // another gathers those
	}
	n := 0
	marks := squirrel.Select("part").From(seen).Where(s.where()).Where("beside IS NOT NULL")
	err := store.Each(ctx, tx, marks.Limit(mostMarks+1), func(store.Rows) error {
		n++
		return nil
	})
	if err != nil || n <= mostMarks {
		return err
	}
	var number int64
	var keys []uint64
	all := squirrel.Delete(seen).Where(s.where()).Where(squirrel.Expr("part IN (?)", marks.Suffix(lock))).Suffix("RETURNING beside, ids")
	err = store.Each(ctx, tx, all, func(rows store.Rows) error {
		var beside int64
		var packed []byte
		if err := rows.Scan(&beside, &packed); err != nil {
			return err
		}
		number = max(number, beside)
		return unpack(packed, func(key uint64) { keys = append(keys, key) })
	})
	if err != nil {
		return err
	}
	slices.Sort(keys)
	return add(ctx, tx, s, number, slices.Compact(keys))
}

func add(ctx context.Context, tx store.Tx, s Scope, beside any, keys []uint64) error {
	return exec(ctx, tx, squirrel.Insert(seen).Columns(append(scopeColumns(), "part", "beside", "ids")...).Values(s.values(uuid.NewString(), beside, idset.Pack(keys))...))
}

// EachSeen calls found with each of the ids that must not count as absent when the
// unfinished pass of a scope ends. Some may come more than once.
func EachSeen(ctx context.Context, q store.Querier, s Scope, found func(key uint64)) error {
	return each(ctx, q, squirrel.Select("ids").From(seen).Where(s.where()), found)
}

// EachBeside calls found with each of the ids that were noted beside a run, or a later
// one.
func EachBeside(ctx context.Context, q store.Querier, s Scope, number int64, found func(key uint64)) error {
	return each(ctx, q, squirrel.Select("ids").From(seen).Where(s.where()).Where("beside >= ?", number), found)
}

// WroteBeside reports whether others wrote or removed rows beside a run, or a later
// one.
func WroteBeside(ctx context.Context, q store.Querier, s Scope, number int64) (bool, error) {
	return store.One(ctx, q, squirrel.Select("1").From(seen).Where(s.where()).Where("beside >= ?", number).Limit(1), nil)
}

func each(ctx context.Context, q store.Querier, query store.SQL, found func(key uint64)) error {
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		var packed []byte
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		return unpack(packed, found)
	})
}

func unpack(packed []byte, found func(key uint64)) error {
	if err := idset.Unpack(packed, found); err != nil {
		return fmt.Errorf("read synced_seen: %w: delete the rows of this scope, and the pass begins again", err)
	}
	return nil
}
