package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Quarantined lists the records in quarantine of a scope, or of every scope,
// those that came first in front.
func (m *Model) Quarantined(ctx context.Context, scope any) iter.Seq2[report.Quarantined, error] {
	return func(yield func(report.Quarantined, error) bool) {
		for record, err := range ledger.EachQuarantined(ctx, m.DB, m.ofScopes(scope)) {
			found := report.Quarantined{Scope: record.ScopeID, ID: record.ID, Error: record.Error, Attempts: record.Attempts, First: record.First, Last: record.Last}
			if err == nil {
				found.Object, err = remote.ParseObject([]byte(record.Object))
			}
			if err != nil {
				yield(report.Quarantined{}, m.Fail(scope, fmt.Errorf("quarantine: %w", err)))
				return
			}
			if !yield(found, nil) {
				return
			}
		}
	}
}

// HasLeftover reports whether records of the model are in quarantine.
func (m *Model) HasLeftover(ctx context.Context) (bool, error) {
	return ledger.HasQuarantined(ctx, m.DB, m.ofScopes(nil))
}
