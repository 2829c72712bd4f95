package synced

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/report"
)

// Invalid is what becomes of records that can't be mapped.
type Invalid int

const (
	// Fail fails the run with the record's error. Nothing stays of its
	// transaction.
	Fail Invalid = iota + 1
	// Quarantine keeps the record, as received, in the table synced_quarantine,
	// and counts it in Result.Quarantined. A row that the record has already stays
	// as it is, and no removal takes it. The next run of the scope maps the record
	// again, also when the remote does not list it: then from what was kept. What
	// can be mapped leaves the quarantine, and so does what the remote deleted, or
	// does not list any more in a complete run. Nested records of an association
	// are tried again as long as their parent has a row.
	Quarantine
)

// QuarantinedRecord is a record in quarantine.
type QuarantinedRecord = report.Quarantined

// Quarantined lists the records of a scope that are in quarantine, those that
// came first in front; with [NoScope], those of every scope. A connection is held
// until the sequence ends or is left.
func (h *Handle) Quarantined(ctx context.Context, scope Scope) iter.Seq2[QuarantinedRecord, error] {
	return func(yield func(QuarantinedRecord, error) bool) {
		scope, err := h.checkReading(scope)
		if err != nil {
			yield(QuarantinedRecord{}, h.engine.Fail(scope.value, err))
			return
		}
		engine.Quarantined(ctx, h.engine, scope.value)(yield)
	}
}

// leftover says that records were set aside by a declaration that is no more:
// they must not come back one day over what was written since. It also finds a
// database that was not migrated.
func (s *declared) leftover(ctx context.Context, m *model.Model) (bool, error) {
	own, err := m.DB.Describe(ctx, "synced_quarantine")
	switch {
	case err != nil:
		return false, fmt.Errorf("read the columns of synced_quarantine: %w", err)
	case len(own.Columns) == 0 && m.Quarantine:
		return false, errors.New("the database has no table synced_quarantine: call Migrate on the store first")
	case len(own.Columns) == 0, m.Quarantine:
		return false, nil
	}
	return ledger.HasQuarantined(ctx, m.DB, ledger.EveryScope(m.Table.Name))
}
