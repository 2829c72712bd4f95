package peer

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
)

// sortable is how many changes of a transaction are put into another order at most, since
// they are in memory then.
const sortable = 5000

// applyAll applies what waits in the inbox of a peer: each transaction in one of this database,
// once, whoever else tries. One that can't be applied stops its models, and no others.
func (p *applier) applyAll(ctx context.Context, from Remote) error {
	if err := p.applySnapshot(ctx, from); err != nil {
		return err
	}
	stopped, err := p.stoppedBySnapshot(ctx, from.GUID)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		s, found, err := nextSpan(ctx, p.db, from.GUID, after)
		if err != nil {
			return err
		}
		if !found {
			if err := p.applyDisputed(ctx, from); err != nil {
				return err
			}
			return p.forgetSnapshot(ctx, from)
		}
		after = s.upto
		models, err := s.models(ctx, p.db, from.GUID)
		if err != nil {
			return err
		}
		var failed *changeError
		if !slices.ContainsFunc(models, func(name string) bool { return stopped[name] }) {
			err := p.applySpan(ctx, from, s)
			if err == nil {
				continue
			}
			if ctx.Err() != nil || !errors.As(err, &failed) {
				return err
			}
		}
		// Its rows may be in the other changes of its models, and of those with which it is
		// in one transaction.
		for _, name := range models {
			stopped[name] = true
		}
		if failed != nil {
			err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return fail(ctx, tx, from.GUID, failed) })
			if err != nil {
				return errors.Join(err, failed)
			}
		}
	}
}

// applySpan applies one transaction: as it was made, and where the database refuses that,
// parents first. A change that needs what another row has is in conflict with it.
func (p *applier) applySpan(ctx context.Context, from Remote, s span) error {
	err := p.trySpan(ctx, from, s, nil)
	if err == nil || ctx.Err() != nil {
		return err
	}
	for taken := map[int64]string{}; ; {
		careful := p.trySpan(ctx, from, s, taken)
		var failed *changeError
		if careful != nil && !errors.As(careful, &failed) {
			return err
		}
		if careful == nil || !noteTaken(taken, failed.seq, careful) {
			return careful
		}
	}
}

// trySpan applies a transaction in the order in which it was made, or carefully, if it is known
// which of its changes need what other rows have.
func (p *applier) trySpan(ctx context.Context, from Remote, s span, taken map[int64]string) error {
	return p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		a, err := p.applying(ctx, tx, from, taken != nil)
		if err != nil {
			return err
		}
		a.taken = taken
		if err := a.all(ctx, s); err != nil {
			return err
		}
		return s.done(ctx, tx, from.GUID, p.now())
	})
}

// applySnapshot applies a snapshot of the peer that is here.
func (p *applier) applySnapshot(ctx context.Context, from Remote) error {
	s, _, err := standingOf(ctx, p.db, from.GUID)
	if err != nil || !s.staged() {
		return err
	}
	return p.reconcile(ctx, from)
}

// forgetSnapshot forgets a snapshot of the peer when all of it is applied, and all changes are here
// that may be in it.
func (p *applier) forgetSnapshot(ctx context.Context, from Remote) error {
	s, _, err := standingOf(ctx, p.db, from.GUID)
	if err != nil || s.snapshot != overlapping {
		return err
	}
	r, err := p.receipt(ctx, from.GUID)
	if err != nil || r.Processed < s.upto {
		return err
	}
	return p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return giveUp(ctx, tx, from.GUID) })
}

// sort puts creations first, parents before children, then updates, then deletions, children
// before parents. The changes of one row stay in their order: where a row is deleted and
// created again, all stay as they are.
func (p *applier) sort(list []*Change) {
	gone := map[string]bool{}
	for _, c := range list {
		row := c.Model + " " + c.Row.String()
		if c.Op == create && gone[row] {
			return
		}
		gone[row] = c.Op == remove || c.Op == forget
	}
	rank := func(c *Change) (phase, depth int) {
		if m := p.byName[c.Model]; m != nil {
			depth = m.depth
		}
		switch c.Op {
		case create:
			return 0, depth
		case update:
			return 1, 0
		}
		return 2, -depth
	}
	slices.SortStableFunc(list, func(a, b *Change) int {
		phaseA, depthA := rank(a)
		phaseB, depthB := rank(b)
		return cmp.Or(cmp.Compare(phaseA, phaseB), cmp.Compare(depthA, depthB))
	})
}

// applyDisputed tries again what other rows were in the way of.
func (p *applier) applyDisputed(ctx context.Context, from Remote) error {
	list, err := texts(ctx, p.db, squirrel.Select("id").From(conflicts).Where(squirrel.Expr("peer = ? AND kind <> ? AND resolved_at IS NULL", from.GUID, ofRow)).OrderBy("found_at", "id"))
	for _, id := range list {
		// What can't be done stays listed.
		if err := p.onDispute(ctx, id, func(ctx context.Context, a *applying, d *dispute) error { return a.again(ctx, d) }); ctx.Err() != nil {
			return err
		}
	}
	return err
}
