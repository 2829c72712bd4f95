package peer

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Status is how far the exchange with a peer is.
type Status struct {
	Remote
	// Protocol is that of the peer, and Decides reports whether conflicts are decided here.
	Protocol string
	Decides  bool
	// Seen is when the peer was last heard of.
	Seen time.Time
	// Last is the last position of our journal, Delivered the last that the peer has, and
	// Done the last that it has applied.
	Last, Delivered, Done int64
	// Received is the last position of the peer's journal that is here, and Waiting how many
	// of its changes are not applied yet, of which Failed can't be. Refused are those that are
	// not made for good, as far as Failures lists them. Rows of a snapshot count as well.
	Received, Waiting, Failed, Refused int64
	// Conflicts are those with the peer that are not resolved.
	Conflicts int64
	// Complete is false while a snapshot of the peer is being received or applied: rows may be
	// missing, and may be of different times.
	Complete bool
}

// Status tells how far the exchange is with each peer.
func (p *Peer) Status(ctx context.Context) (list []Status, err error) {
	var standings []standing
	last, err := p.journal.Last(ctx)
	if err == nil {
		err = store.Each(ctx, p.db, selectStandings().OrderBy("name", "guid"), func(rows store.Rows) error {
			var s standing
			err := s.scan(rows)
			list = append(list, Status{Remote: s.Remote, Protocol: s.protocol, Decides: s.decides, Seen: s.seen, Last: last, Delivered: s.sent, Done: s.processed, Received: s.received, Complete: s.snapshot == ""})
			standings = append(standings, s)
			return err
		})
	}
	for i := range list {
		if err == nil {
			err = list[i].count(ctx, p.db, standings[i])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("synced: peer: status: %w", err)
	}
	return list, nil
}

// count counts what waits.
func (s *Status) count(ctx context.Context, q store.Querier, at standing) error {
	_, err := store.One(ctx, q, squirrel.Expr("SELECT count(*), count(CASE WHEN state = 'failed' THEN 1 END) FROM "+inbox+" WHERE peer = ? AND processed_at IS NULL", s.GUID), &s.Waiting, &s.Failed)
	if err == nil {
		var failed, waits int64
		failed, waits, err = at.waiting(ctx, q)
		s.Waiting, s.Failed = s.Waiting+waits, s.Failed+failed
	}
	if err == nil {
		s.Refused, err = refusals(ctx, q, s.GUID)
	}
	if err == nil {
		_, err = store.One(ctx, q, squirrel.Expr("SELECT count(*) FROM "+conflicts+" WHERE peer = ? AND resolved_at IS NULL", s.GUID), &s.Conflicts)
	}
	return err
}

// Delivery is when a peer got a change.
type Delivery struct {
	// Delivered is when the peer had stored the change, and Processed when it had applied it,
	// by the clock of this installation. They are zero where that has not happened yet, or is
	// so long ago that it was cleaned up.
	Delivered, Processed time.Time
}

// Delivery tells when a peer got a change of our journal, by its position.
func (p *Peer) Delivery(ctx context.Context, guid string, seq int64) (d Delivery, err error) {
	var delivered, processed backend.Time
	_, err = store.One(ctx, p.db, squirrel.Expr("SELECT delivered_at, processed_at FROM "+deliveries+" WHERE peer = ? AND upto >= ? ORDER BY upto LIMIT 1", guid, seq), &delivered, &processed)
	if err != nil {
		return d, fmt.Errorf("synced: peer: delivery of %d to %s: %w", seq, guid, err)
	}
	return Delivery{delivered.Time, processed.Time}, nil
}
