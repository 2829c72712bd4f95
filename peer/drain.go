package peer

import (
	"context"
	"fmt"
)

// mostRounds is how often Drain exchanges before it gives up: where both sides go on being
// written, it would never end.
const mostRounds = 1000

// Drain exchanges until nothing is in flight: each side has all changes of the other, and has
// applied them. Stop what writes before, such as for an upgrade of both sides. It is an error
// where changes wait that can't be applied, see [Peer.Failures] of the side that it names.
func (c *Client) Drain(ctx context.Context) error {
	for range mostRounds {
		r, err := c.Exchange(ctx)
		switch {
		case err != nil:
			return err
		case r.Quiet():
			return nil
		case r.Pushed+r.Pulled > 0:
		case r.Ours.Failed > 0:
			return fmt.Errorf("synced: drain: %d changes can't be applied on the side of %s: see its Failures", r.Ours.Failed, c.wire.URL())
		case r.Theirs.Failed > 0:
			return fmt.Errorf("synced: drain: %d changes can't be applied on this side: see Failures", r.Theirs.Failed)
		}
	}
	return fmt.Errorf("synced: drain: changes are still made after %d exchanges: stop what writes first", mostRounds)
}
