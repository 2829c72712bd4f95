package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

const peerRows = "{synced_peer_rows}"

// sight is what a peer has of a row, since a position.
type sight struct {
	seq int64
	has bool
	// version is that of the removal, of a row that the peer may no longer see.
	version string
}

// shown returns the change as the peer may see it, nil where it gets none: a row that it may
// no longer see goes, and one that it may see from now on comes.
func (s *sending) shown(ctx context.Context, m *model, c journal.Change) (*journal.Change, error) {
	back := c.Via == s.to.GUID
	if s.peer.config.Recipients == nil {
		if back {
			return nil, nil
		}
		return &c, nil
	}
	had, err := s.sight(ctx, m, c.Key)
	if err != nil {
		return nil, err
	}
	had.has = had.has || back && c.Op != journal.Delete
	// A decision goes to who has not the row as well: it may have changed the row before it heard.
	decided := len(c.Bases) > 1 && !back
	if c.Op == journal.Delete {
		if !had.has {
			c.Old = nil
		}
		if had.seq == 0 && decided {
			return &c, nil // it may be of a row that only the peer has: its creation was refused
		}
		s.see(m, c.Key, sight{seq: c.Seq, version: c.Version.String()})
		if back || !had.has && !decided {
			return nil, nil
		}
		return &c, nil
	}
	whole := c
	if whole.New, err = s.peer.rowAt(ctx, m, c); err != nil {
		return nil, err
	}
	may, err := s.peer.config.Recipients(ctx, whole, s.to)
	switch {
	case err != nil:
		return nil, fmt.Errorf("recipients: %w", err)
	case may && back:
		s.see(m, c.Key, sight{seq: c.Seq, has: true})
		return nil, nil
	case may && had.has:
		return &c, nil
	case may:
		s.see(m, c.Key, sight{seq: c.Seq, has: true})
		whole.Op, whole.Old = journal.Create, nil
		if !decided {
			whole.Bases = nil
		}
		if had.version != "" {
			gone, err := journal.ParseVersion(had.version)
			if err != nil {
				return nil, err
			}
			whole.Bases = append(slices.Clip(whole.Bases), gone)
		}
		return &whole, nil
	case !had.has:
		return nil, nil
	}
	gone := c
	gone.Op, gone.Old, gone.New, gone.Bases = forget, nil, nil, []journal.Version{c.Version}
	gone.Version = journal.Next(s.peer.GUID(), c.At, c.Version)
	s.see(m, c.Key, sight{seq: c.Seq, version: gone.Version.String()})
	return &gone, nil
}

// rowOfKey is a row by its key in the journal.
type rowOfKey struct {
	m   *model
	key journal.Key
}

// see notes what the peer has of a row once it has the change.
func (s *sending) see(m *model, key journal.Key, now sight) { s.seen[rowOfKey{m, key}] = now }

// sight reads what the peer has of a row.
func (s *sending) sight(ctx context.Context, m *model, key journal.Key) (had sight, err error) {
	if now, ok := s.seen[rowOfKey{m, key}]; ok {
		return now, nil
	}
	_, err = store.One(ctx, s.peer.db, squirrel.Expr("SELECT seq, has, version FROM "+peerRows+" WHERE peer = ? AND model = ? AND local_key = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
		s.to.GUID, m.Name, string(key), max(s.batch.After, 0)), &had.seq, &had.has, &had.version)
	return had, err
}

// keepSeen stores what the peer has once it has the batch. What was noted of an earlier
// answer, which it did not store, no longer counts.
func (s *sending) keepSeen(ctx context.Context) error {
	if s.peer.config.Recipients == nil {
		return nil
	}
	return s.peer.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.Exec(ctx, squirrel.Delete(peerRows).Where(squirrel.Expr("peer = ? AND seq > ?", s.to.GUID, s.batch.After)))
		for row, now := range s.seen {
			if err == nil && now.seq <= s.batch.Upto {
				err = s.keep(ctx, tx, row, now)
			}
		}
		return err
	})
}

func (s *sending) keep(ctx context.Context, tx store.Tx, row rowOfKey, now sight) error {
	_, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM "+peerRows+" WHERE peer = ? AND model = ? AND local_key = ? AND seq < (SELECT max(seq) FROM "+peerRows+" WHERE peer = ? AND model = ? AND local_key = ? AND seq <= ?)",
		s.to.GUID, row.m.Name, string(row.key), s.to.GUID, row.m.Name, string(row.key), s.batch.After))
	if err == nil {
		_, err = tx.Exec(ctx, squirrel.Insert(peerRows).Columns("peer", "model", "local_key", "seq", "has", "version").
			Values(s.to.GUID, row.m.Name, string(row.key), now.seq, now.has, now.version).
			Suffix("ON CONFLICT (peer, model, local_key, seq) DO UPDATE SET has = excluded.has, version = excluded.version"))
	}
	return err
}

// looks is how often a row is read that is written meanwhile.
const looks = 20

// errBusy is a row that is written all the time.
var errBusy = errors.New("the row is written all the time: try again later")

// rowAt returns the row as a change left it.
func (p *core) rowAt(ctx context.Context, m *model, c journal.Change) (journal.Row, error) {
	if c.Op == journal.Create || len(c.Bases) > 1 {
		return c.New, nil
	}
	for range looks {
		before, _, err := p.journal.Version(ctx, p.db, m.Table, c.Key)
		if err != nil {
			return nil, err
		}
		row, err := p.rows.Row(ctx, p.db, m.Table, c.Key)
		if err != nil {
			return nil, err
		}
		history, err := p.rows.History(ctx, p.db, m.Table, c.Key)
		if err != nil {
			return nil, err
		}
		after, _, err := p.journal.Version(ctx, p.db, m.Table, c.Key)
		if err != nil {
			return nil, err
		}
		if before == after {
			return undo(row, history, c)
		}
	}
	return nil, errBusy
}

// undo takes a row back to what it was after a change.
func undo(row journal.Row, history []journal.Change, c journal.Change) (journal.Row, error) {
	for _, later := range history {
		switch {
		case later.Seq == c.Seq:
			return over(row, c.New), nil
		case later.Op == journal.Create:
			row = nil
		case later.Old == nil:
			// A decision, or a table that is compared: what it changed is not known.
			at := slices.IndexFunc(history, func(h journal.Change) bool { return h.Seq == c.Seq })
			if left := leftBy(history[max(at, 0):]); at >= 0 && left != nil {
				return left, nil
			}
			return over(row, c.New), nil
		default:
			row = over(row, later.Old)
		}
	}
	return over(row, c.New), nil
}
