package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// applying applies one transaction of a peer.
type applying struct {
	peer    *applier
	from    Remote
	decides bool
	tx      backend.Tx
	names   *names
	// careful looks at parents and children before the database does, and brought are the
	// rows that the transaction makes.
	careful bool
	brought map[string]bool
	// taken tells why changes can't be made, by their positions: another row has their values.
	taken map[int64]string
	// disputed reports whether there are conflicts with the peer that are open.
	disputed bool
	// withheld reports whether there are rows of the peer's that never were here.
	withheld bool
	// snapshot and snapshotFrom are of a snapshot of the peer's, theyHad the last of our changes
	// that it had done before, and overlapUpto the last of theirs that may be in it.
	snapshot                           string
	snapshotFrom, theyHad, overlapUpto int64
}

// applying begins to apply changes of a peer, which nobody else does until the transaction ends.
func (p *applier) applying(ctx context.Context, tx backend.Tx, from Remote, careful bool) (*applying, error) {
	s, err := standingTurn(ctx, tx, from.GUID)
	if err != nil {
		return nil, err
	}
	var open, held bool
	_, err = store.One(ctx, tx, squirrel.Expr("SELECT EXISTS (SELECT 1 FROM "+conflicts+" WHERE peer = ? AND resolved_at IS NULL), EXISTS (SELECT 1 FROM "+withheld+" WHERE peer = ?)", from.GUID, from.GUID), &open, &held)
	a := &applying{
		peer: p, from: from, decides: s.decides, tx: tx, names: newNames(tx, p.GUID()),
		careful: careful, brought: map[string]bool{}, disputed: open, withheld: held,
		snapshot: s.snapshot, snapshotFrom: s.from, theyHad: s.done,
	}
	if s.snapshot == overlapping {
		a.overlapUpto = s.upto
	}
	return a, err
}

// all applies the changes of a transaction that still waits.
func (a *applying) all(ctx context.Context, s span) error {
	if !a.careful {
		return s.each(ctx, a.tx, a.from.GUID, func(some []*Change) error { return a.some(ctx, some) })
	}
	var list []*Change
	err := s.each(ctx, a.tx, a.from.GUID, func(some []*Change) error {
		for _, c := range some {
			if len(list) == sortable {
				return &changeError{c.Seq, fmt.Errorf("the transaction has more than %d changes, and can't be made in another order", sortable)}
			}
			if c.Op == create {
				a.brought[c.Model+" "+c.Row.String()] = true
			}
			list = append(list, c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.peer.sort(list)
	return a.some(ctx, list)
}

// some applies changes in their order.
func (a *applying) some(ctx context.Context, list []*Change) error {
	if err := a.names.lookAhead(ctx, a.tx.Dialect(), a.peer.byName, list); err != nil {
		return err
	}
	for _, c := range list {
		if err := a.change(ctx, c); err != nil {
			return &changeError{c.Seq, err}
		}
	}
	return nil
}

// refuse notes that a change is not made.
func (a *applying) refuse(ctx context.Context, c *Change, reason string) error {
	_, err := a.tx.Exec(ctx, squirrel.Update(inbox).Set("state", "refused").Set("error", reason).Where(squirrel.Expr("peer = ? AND seq = ?", a.from.GUID, c.Seq)))
	if err != nil {
		return err
	}
	return a.withhold(ctx, c)
}

// change applies one change.
func (a *applying) change(ctx context.Context, c *Change) error {
	m := a.peer.byName[c.Model]
	if m == nil {
		return a.refuse(ctx, c, fmt.Sprintf("there is no model %q here", c.Model))
	}
	return tell(a.tx, m, a.changeOf(ctx, m, c))
}

func (a *applying) changeOf(ctx context.Context, m *model, c *Change) error {
	c, follows, err := a.following(ctx, m, c)
	if err != nil {
		return err
	}
	in, err := a.names.translate(ctx, m, c)
	if errors.Is(err, errUnknownRow) {
		return a.orphan(ctx, m, c, err)
	}
	if err != nil {
		return err
	}
	in.follows = follows
	if may := a.authorize(ctx, in); may != nil {
		return a.deny(ctx, in, may.Error())
	}
	if over, err := a.overlap(ctx, in); err != nil || over {
		return err
	}
	exists, current, known := false, journal.Version{}, false
	if in.key != nil {
		if exists, err = m.lock(ctx, a.tx, in.key, a.tx.Dialect().Lock()); err != nil {
			return err
		}
		key, err := a.peer.journalKey(m, in.key)
		if err != nil {
			return err
		}
		now, seen, err := a.peer.journal.Version(ctx, a.tx, m.Table, key)
		if err != nil {
			return err
		}
		current, known = now.Version, seen && !now.Version.IsZero()
	}
	switch verdict := judge(c.Op, in.version, in.bases, current, known, exists); {
	case verdict == already:
		if in.gone() {
			if err := a.release(ctx, c); err != nil {
				return err
			}
		}
		return a.settle(ctx, in)
	case a.taken[c.Seq] != "":
		return a.clash(ctx, in, ofValue, a.taken[c.Seq])
	case verdict == clash:
		return a.clash(ctx, in, ofRow, "both sides changed the row")
	case !exists && !in.whole():
		return a.refuse(ctx, c, "the row is not here: its creation was skipped or refused")
	}
	kind, reason, err := a.obstacle(ctx, in)
	if err != nil {
		return err
	}
	if kind != "" {
		return a.clash(ctx, in, kind, reason)
	}
	if err := a.write(ctx, in, exists); err != nil {
		return err
	}
	return a.settle(ctx, in)
}

// settle closes the conflict about a row that is as the peer has it.
func (a *applying) settle(ctx context.Context, in *incoming) error {
	if !a.disputed {
		return nil
	}
	return settle(ctx, a.tx, a.from.GUID, in.m, in.Row.String(), "both sides are equal", a.peer.now())
}
