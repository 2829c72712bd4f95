package peer

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// Reconsider notes in the caller's transaction that other peers may see some rows of a table from
// now on, though the rows did not change: Recipients is asked again for each peer, when it gets
// changes next. Call it where the answer hangs on something else, such as who belongs to the group
// of a row. Rows that are gone are passed over.
//
// Tx is one of the store's, see [journal.Journal.Transaction], or the service's own by In of the
// store. A peer that sees a row before and after gets an empty change, which is in conflict with
// nothing.
func (p *Peer) Reconsider(ctx context.Context, tx store.Tx, table string, keys ...journal.Key) error {
	if p.byTable[table] == nil {
		return fmt.Errorf("synced: peer: reconsider rows: there is no model %q: name its table as in Config.Models", table)
	}
	for _, key := range keys {
		if err := p.rows.Touch(ctx, tx, table, key); err != nil {
			return fmt.Errorf("synced: peer: reconsider row %s of %s: %w", key, table, err)
		}
	}
	return nil
}
