package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/internal/testdb"
)

// Memory that runs out is an error, wherever the driver panics: no lock and no
// transaction stays.
func TestGuard(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 120*time.Second)
	defer cancel()
	db, err := Open(ctx, testdb.SQLite(t), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	large := squirrel.Expr("SELECT hex(zeroblob(8000000))")
	for name, run := range map[string]func(tx backend.Tx) error{
		"exec": func(tx backend.Tx) error {
			_, err := tx.Exec(ctx, squirrel.Expr("CREATE TABLE large AS SELECT hex(zeroblob(8000000)) AS text"))
			return err
		},
		"exec with values": func(tx backend.Tx) error {
			_, err := tx.Exec(ctx, squirrel.Expr("CREATE TABLE large AS SELECT hex(zeroblob(?)) AS text", 8_000_000))
			return err
		},
		"bind": func(tx backend.Tx) error {
			_, err := tx.Exec(ctx, squirrel.Expr("SELECT ?", make([]byte, 8_000_000)))
			return err
		},
		"rows": func(tx backend.Tx) error {
			rows, err := tx.Query(ctx, large)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var text string
				if err := rows.Scan(&text); err != nil {
					return err
				}
			}
			return rows.Err()
		},
		"raw": func(tx backend.Tx) error {
			return rawIn(tx.(*transaction).own).prepared(ctx, "SELECT hex(zeroblob(8000000))", func(_ *sqlite3.Conn, s *sqlite3.Stmt) error { return s.Exec() })
		},
	} {
		tx, err := db.db.Begin(ctx)
		require.NoError(t, err, name)
		require.NoError(t, rawIn(tx.(*transaction).own)(ctx, func(c *sqlitedriver.Conn) error {
			c.Raw().HardHeapLimit(4 << 20)
			return nil
		}))
		_, err = tx.Exec(ctx, squirrel.Expr("CREATE TABLE gone (id bigint)"))
		require.NoError(t, err)
		require.ErrorIs(t, run(tx), sqlitedriver.ErrPanicked, name)
		require.NoError(t, tx.Rollback(ctx), name)

		tx, err = db.db.Begin(ctx) // on a new connection
		require.NoError(t, err, name)
		_, err = tx.Exec(ctx, squirrel.Expr("CREATE TABLE gone (id bigint)"))
		require.NoError(t, err)
		require.NoError(t, run(tx), name)
		require.NoError(t, tx.Rollback(ctx), name)
		require.Zero(t, db.db.write.Stats().InUse, name)
	}
}
