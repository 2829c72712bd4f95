package engine

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
)

// scope is how a scope is found in synced's own tables.
func (m *Model) scope(scope any) ledger.Scope { return ledger.ScopeOf(m.Table, scope) }

// ofScopes is scope, or every scope of the model where it is nil.
func (m *Model) ofScopes(scope any) ledger.Scope {
	if scope == nil {
		return ledger.EveryScope(m.Table.Name)
	}
	return m.scope(scope)
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
	under := ledger.HasPassOrRun
	if r.lock != nil {
		under = ledger.HasPass
	}
	some, err := under(ctx, tx, r.m.scope(r.call.Scope))
	if err != nil {
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
	return ledger.AddSeen(ctx, tx, r.m.scope(r.call.Scope), keys)
}
