package peer

import (
	"context"
	"fmt"
)

// What follows is for those who carry messages in another way than [Client] and [Handler], as
// module peer/live does.

// Last returns the last position of this installation's journal.
func (p *Peer) Last(ctx context.Context) (int64, error) { return p.journal.Last(ctx) }

// Receipt tells what became of the changes that a peer sent.
func (p *Peer) Receipt(ctx context.Context, from Remote) (*Receipt, error) {
	return p.receipt(ctx, from.GUID)
}

// Cursor returns where the next page of a peer's snapshot begins, of one that was begun and is
// not here, and "" where there is none.
func (p *Peer) Cursor(ctx context.Context, from Remote) (string, error) {
	s, _, err := standingOf(ctx, p.db, from.GUID)
	if err != nil || s.snapshot != receiving {
		return "", err
	}
	return s.cursor, nil
}

// Decode reads a [Hello], [Batch], [Page], [Receipt] or [Trouble] that a peer sent, strictly, and checks it.
func Decode(body []byte, into any) error {
	err := decode(body, into)
	if m, ok := into.(interface{ check() error }); ok && err == nil {
		err = m.check()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errMessage, err)
	}
	return nil
}

// Explain returns what a peer is told of an error, and the status of HTTP that it has: 500 of
// one that is this side's own, of which nothing is told.
func Explain(err error) (status int, t *Trouble) { return trouble(err) }
