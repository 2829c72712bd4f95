package ledger

import (
	"context"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/store"
)

// refused has a row for each record of a refused removal, so that who lists a few
// records reads no others.
const refused = "{synced_refused}"

// EachRefused calls found with the id of each record of a scope's refused removal.
func EachRefused(ctx context.Context, q store.Querier, s Scope, found func(id string) error) error {
	return store.Each(ctx, q, squirrel.Select("remote_id").From(refused).Where(s.where()).OrderBy("key"), func(rows store.Rows) error {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		return found(id)
	})
}

// Refused returns which of some records, by [idset.Key], are in the refused removal of
// a scope.
func Refused(ctx context.Context, q backend.Querier, s Scope, keys []uint64) (map[uint64]bool, error) {
	in := map[uint64]bool{}
	for some := range slices.Chunk(keys, batch) {
		err := store.Each(ctx, q, squirrel.Select("key").From(refused).Where(s.where()).Where(anyKey(q, some)), func(rows store.Rows) error {
			var key int64
			err := rows.Scan(&key)
			in[uint64(key)] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return in, nil
}

// The kinds of keys in [PutRefused]'s set.
const (
	toKeep int8 = iota
	kept
)

// PutRefused makes records the ones of a scope's refused removal, and reports whether
// others were. It writes how the two differ.
func PutRefused(ctx context.Context, tx backend.Tx, s Scope, ids []backend.ID) (changed bool, err error) {
	var set idset.Set
	for _, id := range ids {
		set.Add(idset.Key(id), toKeep)
	}
	var over []uint64
	err = store.Each(ctx, tx, squirrel.Select("key").From(refused).Where(s.where()), func(rows store.Rows) error {
		var key int64
		err := rows.Scan(&key)
		if e := set.Find(uint64(key)); e != nil {
			e.Set(kept)
		} else {
			over = append(over, uint64(key))
		}
		return err
	})
	if err != nil {
		return false, err
	}
	if _, err := dropRefused(ctx, tx, s, over); err != nil {
		return false, err
	}
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id backend.ID) bool { return set.Find(idset.Key(id)).Kind() == kept })
	for some := range slices.Chunk(fresh, batch) {
		if err := addRefused(ctx, tx, s, some); err != nil {
			return false, err
		}
	}
	return len(over)+len(fresh) > 0, nil
}

// addRefused adds records, of which two may have one key.
func addRefused(ctx context.Context, tx store.Tx, s Scope, ids []backend.ID) error {
	values := make([]any, 0, 2*len(ids))
	for _, id := range ids {
		values = append(values, int64(idset.Key(id)), id.String())
	}
	return exec(ctx, tx, squirrel.Expr("INSERT INTO "+refused+" (model, scope_type, scope_id, key, remote_id) SELECT ?, ?, ?, column1, column2"+
		" FROM (VALUES (CAST(? AS bigint), ?)"+strings.Repeat(", (?, ?)", len(ids)-1)+") AS added WHERE true ON CONFLICT DO NOTHING", s.values(values...)...))
}

// dropRefused deletes records, and returns how many there were.
func dropRefused(ctx context.Context, tx backend.Tx, s Scope, keys []uint64) (n int64, err error) {
	for some := range slices.Chunk(keys, batch) {
		deleted, err := tx.Exec(ctx, squirrel.Delete(refused).Where(s.where()).Where(anyKey(tx, some)))
		if n += deleted; err != nil {
			return n, err
		}
	}
	return n, nil
}

// anyKey is the condition that a row has one of the keys.
func anyKey(q backend.Querier, keys []uint64) squirrel.Sqlizer {
	ids := make([]backend.ID, len(keys))
	for i, key := range keys {
		ids[i] = backend.IntID(int64(key))
	}
	return q.Dialect().AnyID("key", backend.Int, ids)
}
