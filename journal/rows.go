package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// State is what the journal knows of a row.
type State struct {
	// Version is that of the row, or of its deletion. It is zero of a row that was there
	// before its journal, and was not changed since.
	Version Version
	// Deleted reports whether the journal saw the row deleted.
	Deleted bool
}

// Version returns the state of a row as a reader or transaction sees it: with what others
// have committed, and what the transaction itself has written. Found is false of a row that
// the journal has not seen.
//
// Lock the row before, where it must stay so.
func (j *Journal) Version(ctx context.Context, q store.Querier, model string, key Key) (s State, found bool, err error) {
	states, err := j.Versions(ctx, q, model, []Key{key})
	s, found = states[key]
	return s, found, err
}

// Versions is [Journal.Version] of many rows. It leaves out those that the journal has not
// seen.
func (j *Journal) Versions(ctx context.Context, q store.Querier, model string, keys []Key) (map[Key]State, error) {
	states := map[Key]State{}
	ids := make([]backend.ID, len(keys))
	for i, k := range keys {
		ids[i] = backend.TextID(string(k))
	}
	where := squirrel.And{squirrel.Eq{"model": model}, j.db.Dialect().AnyID("key", backend.Text, ids)}
	// One statement, so that a change that gets its place meanwhile is seen once.
	query := squirrel.Expr("SELECT 0 AS id, key, deleted, version_time, version_origin FROM "+kept+" WHERE ?"+
		" UNION ALL SELECT "+j.sql.id()+", key, op = 'delete', at_ms, mark FROM "+noted+" WHERE ? ORDER BY 1", where, where)
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var id, at int64
		var k Key
		var s State
		var of string
		if err := rows.Scan(&id, &k, &s.Deleted, &at, &of); err != nil {
			return err
		}
		var err error
		if id == 0 {
			s.Version = Version{Time: at, Origin: of}
		} else {
			s.Version, err = placed(j.guid, states[k].Version, model, k, at, of)
		}
		states[k] = s
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("synced: journal: versions of %q: %w", model, err)
	}
	return states, nil
}

// placed returns the version that a change which has no place yet will have.
func placed(guid string, before Version, model string, k Key, at int64, mark string) (Version, error) {
	given, ok, err := replayedVersion(mark, model, k)
	if err != nil || ok {
		return given, err
	}
	return Version{Time: max(at<<clockBits, before.Time+1), Origin: guid}, nil
}
