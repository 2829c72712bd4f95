package postgres

import (
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
	// tryTx of one that takes the holder's. Try is take as well, where it has the key.
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
	take := func(from string) string {
		return "INSERT INTO " + table + ` AS l (name, token, holder)
SELECT $1::text, 1, 'session ' || pg_backend_pid() ` + from + `
ON CONFLICT (name) DO UPDATE SET token = l.token + 1, holder = excluded.holder, expires = NULL, ttl = NULL
	WHERE l.expires IS NULL OR l.expires <= ` + now + ` OR l.expires > ` + now + ` + 2 * l.ttl
RETURNING token`
	}
	return lockSQL{
		try: "WITH got AS MATERIALIZED (SELECT pg_try_advisory_lock(" + key + ") AS it), taken AS (" +
			take("FROM got WHERE CASE WHEN it THEN pg_try_advisory_xact_lock("+fence+") END") +
			") SELECT it, (SELECT token FROM taken) FROM got",
		unlock: "SELECT pg_advisory_unlock(" + key + ")",
		tryTx:  "SELECT pg_try_advisory_xact_lock(" + key + ")",
		alone:  "SELECT pg_try_advisory_xact_lock(" + key + ") AND pg_try_advisory_xact_lock(" + fence + ")",
		take:   take("WHERE pg_try_advisory_xact_lock(" + fence + ")"),
		share:  "SELECT pg_advisory_xact_lock_shared(" + fence + ")",
		last:   "SELECT token FROM " + table + " WHERE name = $1",
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

// held makes ErrLockLost the error of the transaction's next statement, or of its commit, if a
// lock has a new holder, and keeps others from taking it until the transaction ends. It is
// two statements in one exchange, that of the next statement: the second sees what was committed
// while the first one waited.
func (s *lockSQL) held(ctx context.Context, tx backend.Tx, name string, token int64) error {
	m := tx.(*transaction).marks
	share := alone(s.share, name)
	m.first = append(m.first, mark{sql: share.sql, args: share.args, heeded: true, read: func(answers pgx.BatchResults) error {
		if err := share.read(answers); err != nil {
			return fmt.Errorf("check lock %s: %w", name, err)
		}
		return nil
	}}, mark{sql: s.last, args: []any{name}, heeded: true, read: func(answers pgx.BatchResults) error {
		last := int64(-1)
		if err := answers.QueryRow().Scan(&last); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("check lock %s: %w", name, err)
		}
		if last != token {
			return fmt.Errorf("the lock of the run: lock %s: %w", name, store.ErrLockLost)
		}
		return nil
	}})
	return nil
}
