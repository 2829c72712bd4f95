package peer

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
)

// clash keeps a change that does not follow what is here. The side that decides asks the
// model's policy; the other leaves its row as it is, since the decision comes to it.
func (a *applying) clash(ctx context.Context, in *incoming, kind, reason string) error {
	defer a.names.forget() // a decision may give the row a key
	d, err := a.peer.openDispute(ctx, a.tx, a.from.GUID, in.m, in.Row.String())
	if err != nil {
		return err
	}
	if d == nil {
		d, in.follows = &dispute{peer: a.from.GUID, m: in.m, name: in.Row.String(), at: a.peer.now()}, false
	}
	d.kind, d.reason, d.change, d.undecided = kind, reason, in.Change, !a.decides
	a.disputed = true
	state, err := a.peer.stateOf(ctx, a.tx, in.m, in.key)
	if err != nil {
		return err
	}
	d.key = state.journal
	idle := false
	if !in.follows {
		if d.base, idle, err = a.peer.before(ctx, a.tx, in, state); err != nil {
			return err
		}
		d.theirs = d.base
	}
	switch {
	case in.gone():
		d.theirs = nil
	case in.whole():
		d.theirs = in.new
	case d.theirs == nil:
		d.theirs = over(state.row, in.new)
	default:
		d.theirs = over(d.theirs, in.new)
	}
	if d.undecided {
		return d.keep(ctx, a.tx)
	}
	return a.decide(ctx, d, in, state, idle)
}

// decide asks the policy of a model, and does what it says. Nobody is asked where one side changed
// nothing that the other gets. Idle reports whether that is this one.
func (a *applying) decide(ctx context.Context, d *dispute, in *incoming, s state, idle bool) error {
	if d.kind == ofRow && s.exists() && d.theirs != nil && sameRow(exchanged(d.m, s.row), exchanged(d.m, d.theirs)) {
		return a.peer.carryOut(ctx, a.tx, d, in.version, s, Ours, "both sides are equal")
	}
	if d.kind == ofRow && !s.exists() && d.theirs == nil && s.known {
		return a.peer.carryOut(ctx, a.tx, d, in.version, s, Ours, "both sides deleted it")
	}
	decision, why := Wait, "by the policy of the model"
	switch policy := d.m.Conflicts; {
	case d.kind == ofRow && in.Op == update && !in.whole() && !in.follows && len(in.new) == 0:
		decision, why = Ours, "the peer changed nothing"
	case d.kind == ofRow && s.exists() && idle:
		decision, why = Theirs, "nothing was changed here"
	case policy != nil:
		var err error
		if decision, err = policy(ctx, d.conflict(s, in.version)); err != nil {
			return fmt.Errorf("decide the conflict: %w", err)
		}
	}
	if decision.take == takeNone || d.kind == ofParent || d.kind == ofChildren && decision.take != takeOurs {
		return d.keep(ctx, a.tx)
	}
	if d.kind == ofValue && (decision.take != takeOurs || !s.exists()) {
		return d.keep(ctx, a.tx) // it is about two rows, and a policy knows one of them
	}
	kind, reason, err := hindrance(ctx, a.tx, d, s, decision)
	if err != nil {
		return err
	}
	if kind != "" {
		d.kind, d.reason = kind, reason
		return d.keep(ctx, a.tx)
	}
	return a.peer.carryOut(ctx, a.tx, d, in.version, s, decision, why)
}

// carryOut makes the row what was decided, and notes that in the journal, so that all peers
// get it.
func (p *settler) carryOut(ctx context.Context, tx backend.Tx, d *dispute, theirs journal.Version, s state, decision Decision, why string) error {
	final := d.final(s, decision)
	bases := []journal.Version{theirs}
	if s.known {
		bases = []journal.Version{s.version, theirs}
	}
	if len(bases) < 2 {
		bases = append(bases, theirs) // so that the change has the whole row
	}
	at := p.now()
	key, err := p.bring(ctx, tx, d.m, s.key, s.exists(), final, journal.Replayed{
		Via: p.GUID(), Origin: p.GUID(), Version: journal.Next(p.GUID(), at, bases...), Bases: bases, At: at,
	})
	if err == nil && s.key == nil && d.m.translated {
		err = newNames(tx, p.GUID()).keep(ctx, tx, d.m, d.change.Row, key[0], d.peer, d.change.Seq)
	}
	if err != nil || d.id == "" { // nobody was asked
		return err
	}
	return settle(ctx, tx, d.peer, d.m, d.name, why, at)
}

// final is the row that was decided, nil where it goes.
func (d *dispute) final(s state, decision Decision) journal.Row {
	switch {
	case decision.take == takeTheirs && d.theirs != nil && s.exists():
		return over(s.row, exchanged(d.m, d.theirs))
	case decision.take == takeTheirs:
		return d.theirs
	case decision.take == takeRow && s.exists():
		return over(s.row, decision.row)
	case decision.take == takeRow:
		return over(d.theirs, decision.row)
	}
	return s.row
}

// part reports whether only some columns are known of the peer's row.
func (d *dispute) part() bool {
	return d.change.Op == update && len(d.change.Bases) < 2 && d.base == nil
}

// conflict is the dispute as a policy and a person see it.
func (d *dispute) conflict(s state, theirs journal.Version) Conflict {
	return Conflict{
		ID: d.id, Model: d.m.Table, Key: d.key, Peer: d.peer, Reason: d.reason, Undecided: d.undecided, At: d.at,
		Base: exchanged(d.m, d.base), Ours: exchanged(d.m, s.row), Theirs: exchanged(d.m, d.theirs),
		OursVersion: s.version, TheirsVersion: theirs,
	}
}

// exchanged are the columns of a row that go to peers.
func exchanged(m *model, row journal.Row) journal.Row {
	if row == nil {
		return nil
	}
	some := journal.Row{}
	for column, v := range row {
		if m.exchanges(column) {
			some[column] = v
		}
	}
	return some
}

// deny refuses a change that the peer may not make. The side that decides tells it how the row
// is here, which undoes the change over there.
func (a *applying) deny(ctx context.Context, in *incoming, reason string) error {
	err := a.refuse(ctx, in.Change, reason)
	if err != nil || !a.decides || in.key == nil && in.gone() {
		return err
	}
	d := &dispute{peer: a.from.GUID, m: in.m, name: in.Row.String(), change: in.Change}
	key := in.key
	if key == nil {
		if key, err = a.placeholder(ctx, d); err != nil {
			return err
		}
	}
	s, err := a.peer.stateOf(ctx, a.tx, in.m, key)
	if err != nil || s.known && s.version == in.version {
		return err
	}
	a.withheld = true
	if err := a.release(ctx, in.Change); err != nil { // it goes on the peer
		return err
	}
	return a.peer.carryOut(ctx, a.tx, d, in.version, s, Ours, "")
}
