package engine

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/store"
)

const (
	runsTable   = "synced_runs"
	passesTable = "synced_passes"
	seenTable   = "synced_seen"
)

// ofScope is the condition for the rows of a scope in the tables of our own.
func (m *Model) ofScope(scope any) squirrel.And {
	scopeType, scopeID := m.scopeKeys(scope)
	return squirrel.And{squirrel.Expr("model = ?", m.Table.Name), squirrel.Expr("scope_type = ?", scopeType), squirrel.Expr("scope_id = ?", scopeID)}
}

// ofScopes is ofScope, or the condition for every scope of a model with scopes.
func (m *Model) ofScopes(scope any) squirrel.And {
	if scope == nil && m.Table.Scope != "" {
		return squirrel.And{squirrel.Expr("model = ?", m.Table.Name)}
	}
	return m.ofScope(scope)
}

// eachSeen reads the ids of a scope that a pass has listed so far, and those that
// others wrote meanwhile.
func (m *Model) eachSeen(ctx context.Context, q backend.Querier, scope any, found func(uint64)) error {
	return store.Each(ctx, q, squirrel.Select("ids").From(seenTable).Where(m.ofScope(scope)), func(rows store.Rows) error {
		var packed []byte
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		if err := idset.Unpack(packed, found); err != nil {
			return fmt.Errorf("read %s: %w: delete the rows of this scope, and the pass begins again", seenTable, err)
		}
		return nil
	})
}

// keepSeen adds a part.
func (m *Model) keepSeen(ctx context.Context, tx backend.Tx, scope any, keys []uint64) error {
	scopeType, scopeID := m.scopeKeys(scope)
	_, err := tx.Exec(ctx, squirrel.Insert(seenTable).Columns("model", "scope_type", "scope_id", "part", "ids").
		Values(m.Table.Name, scopeType, scopeID, uuid.NewString(), idset.Pack(keys)))
	return err
}

// touched notes records for a pass that is under way, or that was interrupted and
// will go on: it may not list them any more, and they must not count as absent at
// its end. Those are the records that the API just gave, and rows that appeared.
func (r *run) touched(ctx context.Context, tx backend.Tx, rows []backend.Record, outcomes []backend.Outcome) error {
	var ids []backend.ID
	if r.parent != "" || r.retrying {
		ids = appeared(rows, outcomes)
	} else {
		for _, row := range rows {
			ids = append(ids, row.ID)
		}
	}
	if len(ids) == 0 || r.undisturbing {
		return nil
	}
	passes := squirrel.Select("1").From(passesTable).Where(r.m.ofScope(r.call.Scope))
	if r.lock == nil {
		passes = passes.Suffix("UNION ALL ?", squirrel.Select("1").From(runsTable).Where(r.m.ofScope(r.call.Scope)).Where("ended_at IS NULL"))
	}
	some := false
	if err := store.Each(ctx, tx, passes, func(store.Rows) error { some = true; return nil }); err != nil {
		return err
	}
	if !some {
		r.undisturbing = r.lock != nil // no pass can begin before this run ends
		return nil
	}
	keys := make([]uint64, len(ids))
	for i, id := range ids {
		keys[i] = idset.Key(id)
	}
	return r.m.keepSeen(ctx, tx, r.call.Scope, keys)
}
