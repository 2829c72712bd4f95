package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

const now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

// lockSQL are the statements of locks. A lock has two keys: the one that its holder
// has, and the one that transactions which rely on it share, so that a new holder
// waits for them. Each table of locks has its own keys, by its oid.
type lockSQL struct {
	// try and unlock are of a session, alone of a transaction that takes both keys, and
	// tryTx of one that takes the holder's.
	try, unlock, tryTx, alone string
	// take notes a new holder, who has the lock, once no transaction relies on an old
	// one that lost it; no row is returned before, or while there is a lease.
	take string
	// share takes the second key, and last reads the token of the last holder.
	share, last string
}

func lockSQLOf(own sqlstore.Own) lockSQL {
	table := own.Table("synced_locks")
	oid := "'" + strings.ReplaceAll(table, "'", "''") + "'::regclass::oid::bigint"
	key, fence := "hashtextextended($1::text, "+oid+")", "hashtextextended($1::text, -"+oid+")"
	return lockSQL{
		try:    "SELECT pg_try_advisory_lock(" + key + ")",
		unlock: "SELECT pg_advisory_unlock(" + key + ")",
		tryTx:  "SELECT pg_try_advisory_xact_lock(" + key + ")",
		alone:  "SELECT pg_try_advisory_xact_lock(" + key + ") AND pg_try_advisory_xact_lock(" + fence + ")",
		take: "INSERT INTO " + table + ` AS l (name, token, holder)
SELECT $1::text, 1, 'session ' || pg_backend_pid() WHERE pg_try_advisory_xact_lock(` + fence + `)
ON CONFLICT (name) DO UPDATE SET token = l.token + 1, holder = excluded.holder, expires = NULL, ttl = NULL
	WHERE l.expires IS NULL OR l.expires <= ` + now + ` OR l.expires > ` + now + ` + 2 * l.ttl
RETURNING token`,
		share: "SELECT pg_advisory_xact_lock_shared(" + fence + ")",
		last:  "SELECT token FROM " + table + " WHERE name = $1",
	}
}

// token notes a new holder and returns its token, or ErrLocked.
func (s *lockSQL) token(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, name string) (token int64, err error) {
	err = q.QueryRow(ctx, s.take, name).Scan(&token)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, store.ErrLocked
	}
	return token, err
}

// held returns ErrLockLost if a lock has a new holder, and keeps others from taking
// it until the transaction ends. It is two statements in one exchange: the second
// sees what was committed while the first one waited.
func (s *lockSQL) held(ctx context.Context, tx backend.Tx, name string, token int64) error {
	var b pgx.Batch
	b.Queue(s.share, name)
	b.Queue(s.last, name)
	answers := driverTx(tx).SendBatch(ctx, &b)
	_, err := answers.Exec()
	last := int64(-1)
	if err == nil {
		err = answers.QueryRow().Scan(&last)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if err = cmp.Or(err, answers.Close()); err != nil { // which says the same once more
		return fmt.Errorf("check lock %s: %w", name, err)
	}
	if last != token {
		return fmt.Errorf("lock %s: %w", name, store.ErrLockLost)
	}
	return nil
}
