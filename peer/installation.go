package peer

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// self is the key of the row of identities that has the GUID of this installation.
const self = "self"

// settleIn notes which installation this is. Where the database is a copy that got a GUID of its
// own, the rows without a name were made by the original.
func (p *core) settleIn(ctx context.Context) error {
	var was string
	read := squirrel.Expr("SELECT origin FROM "+identities+" WHERE model = '' AND local_key = ?", self)
	found, err := store.One(ctx, p.db, read, &was)
	if err != nil || found && was == p.GUID() {
		return err
	}
	return p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		if found, err := store.One(ctx, tx, read, &was); err != nil || found && was == p.GUID() {
			return err
		} else if !found {
			_, err := tx.Exec(ctx, squirrel.Insert(identities).Columns("model", "origin", "original_key", "local_key", "peer", "seq").
				Values("", p.GUID(), self, self, "", 0).Suffix("ON CONFLICT DO NOTHING"))
			return err
		}
		for _, m := range p.models {
			if !m.translated {
				continue
			}
			key := "CAST(t." + store.Quote(m.key[0]) + " AS text)"
			_, err := tx.Exec(ctx, squirrel.Expr("INSERT INTO "+identities+" (model, origin, original_key, local_key, peer, seq)"+
				" SELECT CAST(? AS text), CAST(? AS text), "+key+", "+key+", '', 0 FROM "+store.Quote(m.Table)+" AS t"+
				" WHERE NOT EXISTS (SELECT 1 FROM "+identities+" i WHERE i.model = ? AND i.local_key = "+key+")", m.Name, was, m.Name))
			if err != nil {
				return fmt.Errorf("name the rows of %s that the original made: %w", m.Name, err)
			}
		}
		// What the original sent is nothing that peers have of this one.
		if _, err := tx.Exec(ctx, squirrel.Update(peers).Set("sent", 0).Set("processed", 0)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, squirrel.Update(identities).Set("origin", p.GUID()).Where(squirrel.Expr("model = '' AND local_key = ?", self)))
		return err
	})
}
