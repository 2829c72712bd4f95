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

const (
	deliveries = "{synced_peer_sent}"
	peerKeys   = "{synced_peer_keys}"
)

// mostKeys is how many keys a receipt has.
const mostKeys = 500

// receipt reads what became of the changes of a peer.
func (p *core) receipt(ctx context.Context, guid string) (*Receipt, error) {
	s, known, err := standingOf(ctx, p.db, guid)
	if err == nil && !known {
		err = fmt.Errorf("peer %s is not known here", guid)
	}
	if err != nil {
		return nil, err
	}
	r := &Receipt{Received: s.received, KeysUpto: s.told, KeysKnown: s.keys}
	_, err = store.One(ctx, p.db, squirrel.Expr("SELECT coalesce(min(seq) - 1, CAST(? AS bigint)), count(CASE WHEN state = 'failed' THEN 1 END) FROM "+inbox+
		" WHERE peer = ? AND processed_at IS NULL", s.received, guid), &r.Processed, &r.Failed)
	if err != nil {
		return nil, err
	}
	r.Processed = min(r.Processed, r.Received) // more may have come in between
	failed, waits, err := s.waiting(ctx, p.db)
	if err != nil {
		return nil, err
	}
	if r.Failed += failed; waits > 0 {
		r.Processed = min(r.Processed, s.from-1)
	}
	if r.Refused, err = refusals(ctx, p.db, guid); err != nil {
		return nil, err
	}
	_, err = store.One(ctx, p.db, squirrel.Expr("SELECT count(*) FROM "+conflicts+" WHERE peer = ? AND resolved_at IS NULL AND NOT undecided", guid), &r.Conflicts)
	if err != nil {
		return nil, err
	}
	query := squirrel.Select("model", "origin", "original_key", "local_key", "seq").From(identities).
		Where(squirrel.Expr("peer = ? AND seq > ? AND seq <= ?", guid, s.told, r.Processed)).OrderBy("seq").Limit(mostKeys)
	err = store.Each(ctx, p.db, query, func(rows store.Rows) error {
		k := Key{Row: Name{Key: []Part{{}}}}
		err := rows.Scan(&k.Model, &k.Row.Origin, &k.Row.Key[0].Text, &k.Key, &r.KeysUpto)
		r.Keys = append(r.Keys, k)
		return err
	})
	return r, err
}

// Acknowledge keeps what a peer says of the changes that it was sent.
func (p *Peer) Acknowledge(ctx context.Context, from Remote, r *Receipt) error {
	err := r.check()
	if err == nil {
		err = p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return p.acknowledge(ctx, tx, from.GUID, r) })
	}
	if err != nil {
		return fmt.Errorf("receipt of %s: %w", from.Name, err)
	}
	return nil
}

func (p *core) acknowledge(ctx context.Context, tx backend.Tx, guid string, r *Receipt) error {
	s, err := standingTurn(ctx, tx, guid)
	if err != nil {
		return err
	}
	// A receipt may be late. Of a peer that was restored, reaches tells.
	columns := map[string]any{"sent": max(s.sent, r.Received), "processed": max(s.processed, r.Processed), "told": max(s.told, min(r.KeysKnown, s.received)), "keys": max(s.keys, r.KeysUpto)}
	if err := set(ctx, tx, guid, columns); err != nil {
		return err
	}
	if err := p.keepKeys(ctx, tx, guid, r.Keys); err != nil {
		return err
	}
	at := backend.Moment(p.now())
	if r.Received > s.sent {
		_, err := tx.Exec(ctx, squirrel.Insert(deliveries).Columns("peer", "upto", "delivered_at").Values(guid, r.Received, at).Suffix("ON CONFLICT DO NOTHING"))
		if err != nil {
			return err
		}
	}
	if r.Processed > s.processed || r.Received > s.sent {
		_, err = tx.Exec(ctx, squirrel.Update(deliveries).Set("processed_at", at).
			Where(squirrel.Expr("peer = ? AND upto <= ? AND processed_at IS NULL", guid, r.Processed)))
	}
	return err
}

// keepKeys stores the keys that rows have on a peer. Those of rows that are not here are of no use.
func (p *core) keepKeys(ctx context.Context, tx backend.Tx, guid string, keys []Key) error {
	n := newNames(tx, p.GUID())
	for _, k := range keys {
		m := p.byName[k.Model]
		if m == nil || !m.translated {
			continue
		}
		local, err := n.key(ctx, m, k.Row)
		if errors.Is(err, errUnknownRow) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, squirrel.Insert(peerKeys).Columns("peer", "model", "local_key", "their_key").Values(guid, m.Name, local[0], k.Key).
			Suffix("ON CONFLICT (peer, model, local_key) DO UPDATE SET their_key = excluded.their_key"))
		if err != nil {
			return err
		}
	}
	return nil
}

// KeyOn returns the key that a row has on a peer, as text, and reports whether that is known:
// after the exchange in which the peer got the row, or this installation did.
func (p *Peer) KeyOn(ctx context.Context, guid, table string, key journal.Key) (text string, known bool, err error) {
	m := p.byTable[table]
	if m == nil {
		return "", false, fmt.Errorf("synced: peer: there is no model %q", table)
	}
	local, err := p.keyTexts(m, key)
	if err == nil && !m.translated {
		return local[0], len(local) == 1, nil
	}
	if err == nil {
		known, err = store.One(ctx, p.db, squirrel.Expr("SELECT original_key FROM "+identities+" WHERE model = ? AND local_key = ? AND origin = ?"+
			" UNION ALL SELECT their_key FROM "+peerKeys+" WHERE model = ? AND local_key = ? AND peer = ? LIMIT 1", m.Name, local[0], guid, m.Name, local[0], guid), &text)
	}
	if err != nil {
		return "", false, fmt.Errorf("synced: peer: key of %s %s on %s: %w", table, key, guid, err)
	}
	return text, known, nil
}
