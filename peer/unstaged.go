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

// removeUnstaged removes the rows of a model that the peer had and no longer has. Of a model that
// the peer did not send it says nothing.
func (p *applier) removeUnstaged(ctx context.Context, s standing, m *model) error {
	ended, err := store.One(ctx, p.db, squirrel.Expr("SELECT 1 FROM "+staged+" WHERE peer = ? AND model = ? AND row_name = '' AND state = 'ended'", s.GUID, m.Name), nil)
	if err != nil || !ended {
		return err
	}
	for after := journal.Key(""); ; {
		rows, err := p.rows.After(ctx, m.Table, after, read)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			after = row.Key
			if row.Version.IsZero() {
				continue // it was never exchanged
			}
			err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return p.removeGone(ctx, tx, s, m, row) })
			if err != nil {
				return fmt.Errorf("row %s of %s: %w", row.Key, m.Name, err)
			}
		}
	}
}

func (p *applier) removeGone(ctx context.Context, tx backend.Tx, s standing, m *model, row journal.Kept) error {
	a, err := p.applying(ctx, tx, s.Remote, true)
	if err != nil || a.snapshot != reconciling || a.snapshotFrom != s.from {
		return err // another exchange has done it meanwhile
	}
	key, err := p.keyTexts(m, row.Key)
	if err != nil {
		return err
	}
	name, err := a.names.name(ctx, m, key)
	if err != nil {
		return err
	}
	there, err := store.One(ctx, tx, squirrel.Expr("SELECT 1 FROM "+staged+" WHERE peer = ? AND model = ? AND row_name = ?", s.GUID, m.Name, name.String()), nil)
	if err != nil || there {
		return err
	}
	at := p.now()
	version := journal.Next(s.GUID, at, row.Version)
	in := &incoming{
		Change: &Change{Seq: s.from, Origin: s.GUID, Model: m.Name, Row: name, Op: remove, Version: version.String(), Bases: []string{row.Version.String()}, At: at},
		m:      m, key: key, version: version,
	}
	if _, err := m.lock(ctx, tx, key, tx.Dialect().Lock()); err != nil {
		return err
	}
	now, err := p.stateOf(ctx, tx, m, key)
	if err != nil || !now.exists() || now.version != row.Version {
		return err
	}
	if own, _, err := a.unsent(ctx, in, now); err != nil || own {
		return err // it goes to the peer, or the peer's deletion is a conflict there
	}
	in.bases = []journal.Version{row.Version}
	if kind, reason, err := a.obstacle(ctx, in); err != nil || kind != "" {
		return errors.Join(err, a.clash(ctx, in, kind, reason))
	}
	return a.write(ctx, in, true)
}
