package commit

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/model"
)

// Changed tells of changes of a model and scope, in the transaction that makes
// them: it publishes them to the outbox and calls the service's handler, where
// there are such. They are published before the handler has the rows in its hands.
func (t *Tx) Changed(ctx context.Context, m *model.Model, scope any, list []model.Change) error {
	if len(list) == 0 {
		return nil
	}
	t.note(m, list)
	if m.Outbox {
		if err := t.publish(m, scope, list); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	if m.OnChange == nil {
		return nil
	}
	if err := m.OnChange(ctx, t.Tx, list); err != nil {
		return fmt.Errorf("OnChange: %w", err)
	}
	return nil
}
