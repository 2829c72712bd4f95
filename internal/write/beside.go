package write

import (
	"context"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/page"
)

// Beside notes records for a pass that is under way beside a run, or that was
// interrupted and will be resumed: it may no longer list them, and they must not
// count as absent at its end.
type Beside struct {
	// Covered reports whether the run is the pass itself, which lists what it writes.
	Covered bool
	// Locked reports whether the run has the lock of its scope: no pass can begin
	// before it ends.
	Locked bool

	alone bool // no pass was interrupted
}

// note notes the records that the API just gave, or only the rows that appeared.
func (b *Beside) note(ctx context.Context, tx *commit.Tx, scope ledger.Scope, p *page.Page, onlyAppeared bool) error {
	if b.Covered || b.alone {
		return nil
	}
	var keys []uint64
	for _, r := range p.Records {
		if !onlyAppeared || r.Appeared() {
			keys = append(keys, idset.Key(r.ID))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	under := ledger.HasPassOrRun
	if b.Locked {
		under = ledger.HasPass
	}
	way, err := under(ctx, tx, scope)
	if err != nil {
		return err
	}
	if !way {
		b.alone = b.Locked
		return nil
	}
	return ledger.AddSeen(ctx, tx, scope, keys)
}
