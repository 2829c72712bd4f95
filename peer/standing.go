package peer

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const peers = "{synced_peers}"

// Remote is another installation, and who it is by the service's authentication.
type Remote struct{ GUID, Name string }

// standing is how far the exchange with a peer has come.
type standing struct {
	Remote
	protocol string
	// decides reports whether conflicts are decided here.
	decides bool
	// received is the last of their changes that is here, sent the last of ours that they
	// have, and processed the last of ours that they have done.
	received, sent, processed int64
	// told is up to which of their changes they know the new keys, and keys up to which of
	// ours we know theirs.
	told, keys int64
	seen       time.Time
	// snapshot is how far one of theirs is, from and upto the positions while it was read, and
	// cursor where its next page begins.
	snapshot, cursor string
	from, upto       int64
	// done is the last of our changes that they had done before it was read, and version that of
	// their change at received.
	done    int64
	version string
}

// staged reports whether there are rows of a snapshot that are applied, or wait for that.
func (s standing) staged() bool { return s.snapshot == reconciling || s.snapshot == overlapping }

// waiting counts the rows of a snapshot that are not applied, and of those the ones that can't be.
func (s standing) waiting(ctx context.Context, q store.Querier) (failed, waits int64, err error) {
	if s.staged() {
		_, err = store.One(ctx, q, squirrel.Expr("SELECT count(CASE WHEN state = 'failed' THEN 1 END), count(*) FROM "+staged+" WHERE peer = ? AND NOT done", s.GUID), &failed, &waits)
	}
	return failed, waits, err
}

// refusals counts the changes of a peer, and the rows of its snapshots, that were refused.
func refusals(ctx context.Context, q store.Querier, guid string) (n int64, err error) {
	_, err = store.One(ctx, q, squirrel.Expr("SELECT (SELECT count(*) FROM "+inbox+" WHERE peer = ? AND state = 'refused') + (SELECT count(*) FROM "+staged+" WHERE peer = ? AND number > 0 AND state = 'refused')", guid, guid), &n)
	return n, err
}

func selectStandings() squirrel.SelectBuilder {
	return squirrel.Select("guid", "name", "protocol", "decides", "received", "sent", "processed", "told", "keys", "seen_at", "snapshot", "snapshot_cursor", "snapshot_from", "snapshot_upto", "snapshot_done", "received_version").From(peers)
}

func (s *standing) scan(rows store.Rows) error {
	var seen backend.Time
	err := rows.Scan(&s.GUID, &s.Name, &s.protocol, &s.decides, &s.received, &s.sent, &s.processed, &s.told, &s.keys, &seen, &s.snapshot, &s.cursor, &s.from, &s.upto, &s.done, &s.version)
	s.seen = seen.Time
	return err
}

// standingOf reads how far the exchange with a peer is, and reports whether there was one.
func standingOf(ctx context.Context, q store.Querier, guid string) (s standing, known bool, err error) {
	err = store.Each(ctx, q, selectStandings().Where(squirrel.Expr("guid = ?", guid)), func(rows store.Rows) error {
		known = true
		return s.scan(rows)
	})
	return s, known, err
}

// standingTurn is standingOf, and keeps others from changing it until the transaction ends.
func standingTurn(ctx context.Context, tx backend.Tx, guid string) (s standing, err error) {
	known := false
	err = store.Each(ctx, tx, selectStandings().Where(squirrel.Expr("guid = ?", guid)).Suffix(tx.Dialect().Lock()), func(rows store.Rows) error {
		known = true
		return s.scan(rows)
	})
	if err == nil && !known {
		err = fmt.Errorf("peer %s is not known here: it has to say hello first", guid)
	}
	return s, err
}

// meet notes that a peer was here. A GUID belongs to who came with it first.
func meet(ctx context.Context, tx backend.Tx, r Remote, protocol string, decides bool, at time.Time) error {
	_, err := tx.Exec(ctx, squirrel.Insert(peers).Columns("guid", "name", "protocol", "decides", "seen_at").Values(r.GUID, r.Name, protocol, decides, backend.Moment(at)).
		Suffix("ON CONFLICT (guid) DO UPDATE SET protocol = excluded.protocol, decides = excluded.decides, seen_at = excluded.seen_at"))
	if err != nil {
		return err
	}
	s, err := standingTurn(ctx, tx, r.GUID)
	if err == nil && s.Name != r.Name {
		err = fmt.Errorf("%w: installation %s belongs to another name here", ErrDenied, r.GUID)
	}
	return err
}

// set writes columns of a peer's standing.
func set(ctx context.Context, tx store.Tx, guid string, columns map[string]any) error {
	_, err := tx.Exec(ctx, squirrel.Update(peers).SetMap(columns).Where(squirrel.Expr("guid = ?", guid)))
	return err
}
