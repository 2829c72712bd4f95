package write

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/page"
)

// Beside leaves marks for the run of a scope that is under way beside this one, and for
// a pass that was interrupted: it may not list the records that are written here, and
// they must not count as absent at its end, nor may what it saw stand for the rows.
type Beside struct {
	// Covered reports whether the run is the pass itself, which lists what it writes, or
	// has the lock and there is no pass.
	Covered bool
	// Locked reports whether the run has the lock of its scope: no other can begin
	// before it ends.
	Locked bool

	alone bool // nothing is under way as long as this run is
	in    *commit.Tx
	of    int64 // the number of the run that marks are left for
	marks bool
}

// enter finds out in a transaction, before it locks any row, whether there is somebody
// to leave marks for. Until the transaction ends, nobody else begins or ends.
func (b *Beside) enter(ctx context.Context, tx *commit.Tx, scope ledger.Scope) error {
	if b.Covered || b.alone || b.in == tx {
		return nil
	}
	company, err := ledger.CompanyOf(ctx, tx, scope)
	if err != nil {
		return fmt.Errorf("find out what is under way: %w", err)
	}
	b.in, b.of, b.marks = tx, company.Number, company.Pass || company.Run && !b.Locked
	b.alone = b.Locked && !b.marks
	return nil
}

// wrote marks a page that was written. Its records exist; of nested ones, which a pass
// of their own model may know better, only those whose rows appeared are sure to.
func (b *Beside) wrote(ctx context.Context, tx *commit.Tx, scope ledger.Scope, p *page.Page, nested bool) error {
	if b.Covered || b.alone || !b.marks {
		return nil
	}
	var keys []uint64
	changed := false
	if !nested {
		keys = append(keys, p.Same...)
	}
	for _, r := range p.Records {
		if !nested || r.Appeared() {
			keys = append(keys, idset.Key(r.ID))
		}
		changed = changed || r.Outcome.Change != backend.Unchanged
	}
	if len(keys) == 0 && !changed {
		return nil
	}
	return b.mark(ctx, tx, scope, keys)
}

// Alone reports whether nobody is to know what the run lists.
func (b *Beside) Alone() bool { return b.Covered || b.alone }

// removed marks that rows were removed.
func (b *Beside) removed(ctx context.Context, tx *commit.Tx, scope ledger.Scope) error {
	if b.Covered || b.alone || !b.marks {
		return nil
	}
	return b.mark(ctx, tx, scope, nil)
}

func (b *Beside) mark(ctx context.Context, tx *commit.Tx, scope ledger.Scope, keys []uint64) error {
	if err := ledger.AddBeside(ctx, tx, scope, b.of, keys); err != nil {
		return fmt.Errorf("note what was written beside a run: %w", err)
	}
	return nil
}
