package peer

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// defaultKeep is how long what is done is kept.
const defaultKeep = 30 * 24 * time.Hour

// dropped is how many rows a transaction drops.
const dropped = 10000

// CleanUp drops what is longer ago than keep, which defaults to 30 days: changes of peers that
// were applied, times of deliveries, conflicts that are resolved; and changes of the journal that
// each peer has that was here since. One that was not gets a snapshot when it comes back. Where
// others read the journal as well, see [journal.Journal.Prune] and prune it for all of them.
func (p *Peer) CleanUp(ctx context.Context, keep time.Duration) error {
	if keep <= 0 {
		keep = defaultKeep
	}
	if err := p.cleanUp(ctx, p.now().Add(-keep)); err != nil {
		return fmt.Errorf("synced: peer: clean up: %w", err)
	}
	return nil
}

func (p *applier) cleanUp(ctx context.Context, before time.Time) error {
	for _, old := range []struct{ table, key, at string }{
		{inbox, "peer, seq", "processed_at"}, {deliveries, "peer, upto", "processed_at"}, {conflicts, "id", "resolved_at"},
		// While a snapshot is applied, what was refused of it tells what it has.
		{staged, "peer, model, row_name", "peer IN (SELECT guid FROM " + peers + " WHERE snapshot = '') AND noted_at"},
	} {
		statement := squirrel.Expr("DELETE FROM "+old.table+" WHERE ("+old.key+") IN (SELECT "+old.key+" FROM "+old.table+" WHERE "+old.at+" < ? LIMIT ?)", backend.Moment(before), dropped)
		for n := int64(dropped); n == dropped; {
			err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) (err error) {
				n, err = tx.Exec(ctx, statement)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	var upTo *int64
	_, err := store.One(ctx, p.db, squirrel.Expr("SELECT min(sent) FROM "+peers+" WHERE seen_at >= ?", backend.Moment(before)), &upTo)
	if err == nil && upTo != nil && *upTo > 0 {
		_, err = p.journal.Prune(ctx, *upTo, before)
	}
	return err
}
