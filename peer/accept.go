package peer

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/syncedgo/synced/internal/backend"
)

// Meet begins an exchange with a peer that says hello, and returns ours. It applies what waits
// of the peer, which may have nothing new to send.
func (p *Peer) Meet(ctx context.Context, from Remote, theirs Hello, decides bool) (*Hello, error) {
	if err := p.acquaint(ctx, from, theirs, decides); err != nil {
		return nil, fmt.Errorf("meet %s: %w", from.Name, err)
	}
	if err := p.applyAll(ctx, from); err != nil {
		return nil, fmt.Errorf("apply changes of %s: %w", from.Name, err)
	}
	return p.hello(ctx, from.GUID, decides)
}

// acquaint checks a peer's hello, and notes it.
func (p *core) acquaint(ctx context.Context, r Remote, theirs Hello, decides bool) error {
	switch err := compatible(theirs.Protocol); {
	case err != nil:
		return err
	case theirs.GUID == "" || len(theirs.GUID) > longestName || theirs.GUID != r.GUID || strings.ContainsFunc(theirs.GUID, unicode.IsSpace):
		return fmt.Errorf("%w: its GUID is %.60q", ErrDenied, theirs.GUID)
	case r.GUID == p.GUID():
		return &mismatchError{"both installations have the GUID " + r.GUID + ": one is a copy of the other; call NewInstallation on the journal of the copy"}
	case theirs.Decides == decides:
		who := "none of the two"
		if decides {
			who = "each of the two"
		}
		return &mismatchError{who + " would decide conflicts: set Decides on the client and LetDecide on the handler, or neither"}
	}
	return p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		if err := meet(ctx, tx, r, theirs.Protocol, decides, p.now()); err != nil {
			return err
		}
		return p.takes(ctx, tx, r.GUID, theirs.Models)
	})
}

// mostNamed is how long the names of models are in a hello, in bytes: one is read of who is not known
// yet. Where they are longer, none are named.
const mostNamed = 8 << 10

// Hello is what this installation says to a peer that it does not know yet. Decides reports whether
// it decides conflicts with that.
func (p *Peer) Hello(decides bool) Hello { return p.greeting(decides) }

func (p *core) greeting(decides bool) Hello {
	h := Hello{Protocol: Protocol, GUID: p.GUID(), Decides: decides}
	n := 0
	for _, m := range p.models {
		n += len(m.Name)
		h.Models = append(h.Models, m.Name)
	}
	if n > mostNamed {
		h.Models = nil
	}
	return h
}

// hello is what this installation says of itself to a peer.
func (p *core) hello(ctx context.Context, to string, decides bool) (*Hello, error) {
	s, _, err := standingOf(ctx, p.db, to)
	h := p.greeting(decides)
	h.Received, h.Version = s.received, s.version
	return &h, err
}

// Accept stores the changes that a peer sends, which have to follow the last ones that it
// sent, or the error is a [*PositionError]. They are refused where the last one is another here:
// they are of a copy of the peer's database. They are durable when Accept returns. Then it
// applies what it can. What it can't does not make it fail, but is told in the receipt.
func (p *Peer) Accept(ctx context.Context, from Remote, b *Batch) (*Receipt, error) {
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("changes of %s: %w", from.Name, err)
	}
	err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		s, err := standingTurn(ctx, tx, from.GUID)
		if err != nil {
			return err
		}
		if b.After != s.received {
			return &PositionError{After: b.After, Expected: s.received}
		}
		if err := follows(from.GUID, b.After, s.version, b.Since); err != nil {
			return err
		}
		if s.snapshot == receiving { // the journal goes on from here: another exchange needed none
			if err := giveUp(ctx, tx, from.GUID); err != nil {
				return err
			}
		}
		if b.Upto == b.After {
			return nil
		}
		if err := storeChanges(ctx, tx, from.GUID, b.Changes, p.now()); err != nil {
			return err
		}
		return set(ctx, tx, from.GUID, map[string]any{"received": b.Upto, "received_version": b.Version})
	})
	if err != nil {
		return nil, fmt.Errorf("changes of %s: %w", from.Name, err)
	}
	return p.Settle(ctx, from)
}

// Settle applies what waits of a peer, and tells what became of it.
func (p *Peer) Settle(ctx context.Context, from Remote) (*Receipt, error) {
	if err := p.applyAll(ctx, from); err != nil {
		return nil, fmt.Errorf("apply changes of %s: %w", from.Name, err)
	}
	return p.receipt(ctx, from.GUID)
}

// mismatchError is two peers that can't work together.
type mismatchError struct{ text string }

func (e *mismatchError) Error() string { return e.text }
