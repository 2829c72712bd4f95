package peer

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
)

// write makes a change of the peer, which follows what is here.
func (a *applying) write(ctx context.Context, in *incoming, exists bool) error {
	row := in.new
	if in.gone() {
		row = nil
	} else if row == nil {
		row = journal.Row{}
	}
	key, err := a.peer.bring(ctx, a.tx, in.m, in.key, exists, row, journal.Replayed{
		Via: a.from.GUID, Origin: in.Origin, OriginSeq: in.OriginSeq, Version: in.version, Bases: in.bases, At: in.At,
	})
	if err == nil && row != nil && !exists {
		err = a.release(ctx, in.Change)
	}
	if err != nil || in.key != nil || !in.m.translated || row == nil {
		return err
	}
	return a.names.keep(ctx, a.tx, in.m, in.Row, key[0], a.from.GUID, in.Seq)
}

// bring writes a row, or deletes it where row is nil, and notes where that came from. Key is
// nil of a row that the database gives a key.
func (p *core) bring(ctx context.Context, tx backend.Tx, m *model, key []string, exists bool, row journal.Row, r journal.Replayed) (_ []string, err error) {
	r.Model = m.Table
	if key != nil {
		if r.Key, err = p.journalKey(m, key); err != nil {
			return nil, err
		}
	}
	err = p.rows.Adopt(ctx, tx, r, func(ctx context.Context) (journal.Key, error) {
		switch {
		case row == nil && exists:
			return r.Key, m.remove(ctx, tx, key)
		case row == nil:
			return r.Key, nil
		case exists:
			_, err := m.update(ctx, tx, key, row)
			return r.Key, err
		}
		made, err := m.insert(ctx, tx, row)
		if err != nil {
			return "", err
		}
		if key == nil {
			key = made
		}
		return p.journalKey(m, key)
	})
	return key, err
}

// authorize returns why the peer may not make a change.
func (a *applying) authorize(ctx context.Context, in *incoming) error {
	if a.peer.config.Authorize == nil {
		return nil
	}
	c := journal.Change{
		Seq: in.Seq, Last: in.Last, Origin: in.Origin, OriginSeq: in.OriginSeq, Via: a.from.GUID, Model: in.m.Table,
		Old: in.old, New: in.new, Version: in.version, Bases: in.bases, At: in.At, Op: journal.Op(in.Op),
	}
	if in.Op == forget {
		c.Op = journal.Delete
	}
	if in.key != nil {
		var err error
		if c.Key, err = a.peer.journalKey(in.m, in.key); err != nil {
			return err
		}
	}
	return a.peer.config.Authorize(ctx, c, a.from)
}
