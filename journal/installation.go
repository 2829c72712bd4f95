package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// NewInstallation gives a database that was made as a copy of another one a GUID of its own,
// and returns it. Call it once, on the copy, before its journal is opened: two installations
// with one GUID would take each other's changes for their own.
//
// Versions and changes that the copy has stay those of the installation that made them.
// What was noted there and has no place yet counts as the new one's. It is not for a backup that takes the place
// of its original.
func NewInstallation(ctx context.Context, db store.Store) (guid string, err error) {
	b, err := backend.Of(db)
	if err == nil {
		err = b.Ready(ctx)
	}
	if err == nil {
		guid = uuid.NewString()
		err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
			_, err := tx.Exec(ctx, squirrel.Expr("INSERT INTO "+state+" (one, guid, last_seq, last_tx, pruned) VALUES (1, ?, 0, 0, 0) ON CONFLICT (one) DO UPDATE SET guid = excluded.guid", guid))
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("synced: journal: new installation: %w", err)
	}
	return guid, nil
}
