package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
)

// Conflicts lists the conflicts that are not resolved, the oldest first. Those that the other
// side decides are Undecided: they go when its decision comes.
func (p *Peer) Conflicts(ctx context.Context) (list []Conflict, err error) {
	found, err := p.disputes(ctx, p.db, squirrel.Expr("resolved_at IS NULL"), "")
	for _, d := range found {
		var c Conflict
		if c, err = p.look(ctx, d); err != nil {
			break
		}
		list = append(list, c)
	}
	if err != nil {
		return nil, fmt.Errorf("synced: peer: list conflicts: %w", err)
	}
	return list, nil
}

// look reads what a conflict is about as it is now.
func (p *settler) look(ctx context.Context, d *dispute) (Conflict, error) {
	theirs, err := journal.ParseVersion(d.change.Version)
	if err != nil {
		return Conflict{}, err
	}
	key, err := p.rowKey(d)
	if err != nil {
		return Conflict{}, err
	}
	s, err := p.stateOf(ctx, p.db, d.m, key)
	return d.conflict(s, theirs), err
}

// rowKey is the key of the row that a conflict is about, nil where it never was here.
func (p *settler) rowKey(d *dispute) ([]string, error) {
	if d.key == "" {
		return nil, nil
	}
	return p.keyTexts(d.m, d.key)
}

// errGone is a conflict that is resolved, or never was.
var errGone = errors.New("there is no such conflict, or it is resolved: see Conflicts")

// Resolve makes a row what a person decided: [Ours], [Theirs], or a [Row]. The decision goes to
// all peers as a change that follows what both sides have.
func (p *Peer) Resolve(ctx context.Context, id string, decision Decision) error {
	err := p.onDispute(ctx, id, func(ctx context.Context, a *applying, d *dispute) error {
		switch {
		case d.undecided:
			return errors.New("the other side decides: change the row on both sides, or resolve the conflict there")
		case decision.take == takeNone:
			return errors.New("the decision is to wait: give Ours, Theirs or a Row")
		case d.kind == ofParent && decision.take != takeOurs:
			return fmt.Errorf("%s: restore that row and Replay the conflict, or resolve it by Ours, which removes the peer's row", d.reason)
		}
		theirs, err := journal.ParseVersion(d.change.Version)
		if err != nil {
			return err
		}
		key, err := p.rowKey(d)
		if err != nil {
			return err
		}
		if key == nil && decision.take == takeOurs { // the row was never here: the peer should remove it as well
			if key, err = a.placeholder(ctx, d); err != nil {
				return err
			}
		}
		if key != nil {
			if _, err := d.m.lock(ctx, a.tx, key, a.tx.Dialect().Lock()); err != nil {
				return err
			}
		}
		s, err := p.stateOf(ctx, a.tx, d.m, key)
		if err != nil {
			return err
		}
		if _, reason, err := hindrance(ctx, a.tx, d, s, decision); err != nil || reason != "" {
			return cmp.Or(err, errors.New(reason))
		}
		return tell(a.tx, d.m, p.carryOut(ctx, a.tx, d, theirs, s, decision, "by a person"))
	})
	if err != nil {
		return fmt.Errorf("synced: peer: resolve conflict %s: %w", id, err)
	}
	return nil
}

// Replay applies the peer's change again, such as after the row that it refers to was restored.
// What is still in its way leaves the conflict as it is.
func (p *Peer) Replay(ctx context.Context, id string) error {
	err := p.onDispute(ctx, id, func(ctx context.Context, a *applying, d *dispute) error { return a.again(ctx, d) })
	if err != nil {
		return fmt.Errorf("synced: peer: replay conflict %s: %w", id, err)
	}
	return nil
}

// onDispute calls do with a conflict that is open, in a transaction.
func (p *applier) onDispute(ctx context.Context, id string, do func(context.Context, *applying, *dispute) error) error {
	return p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		open := squirrel.Expr("id = ? AND resolved_at IS NULL", id)
		found, err := p.disputes(ctx, tx, open, "")
		if err != nil || len(found) == 0 {
			return errors.Join(err, errGone)
		}
		a, err := p.applying(ctx, tx, Remote{GUID: found[0].peer}, true)
		if err != nil {
			return err
		}
		// Another may have resolved it before the turn.
		if found, err = p.disputes(ctx, tx, open, ""); err != nil || len(found) == 0 {
			return errors.Join(err, errGone)
		}
		return do(ctx, a, found[0])
	})
}

// again applies the change of a conflict, which ends with it.
func (a *applying) again(ctx context.Context, d *dispute) error {
	a.careful, a.disputed = true, true
	return a.change(ctx, d.change)
}
