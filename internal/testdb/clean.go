package testdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// errSettings means that a test changed settings of its database.
var errSettings = errors.New("the database has settings of its own")

// others ends the sessions of a database that are not listed.
const others = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> ALL ($1)`

// empty drops all that a test made.
const empty = `SET lock_timeout = '10s';
DO $$ DECLARE made text; BEGIN
	FOR made IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' LOOP
		EXECUTE format('DROP SCHEMA %I CASCADE', made);
	END LOOP;
END $$;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC`

const settings = "SELECT EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))"

// clean makes the database as if it were new, or as it was when it had been migrated, and keeps the connections of its
// pool. After an error it is as it may be.
func (d *database) clean(ctx context.Context) error {
	conns, err := d.connections(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, c := range conns {
			c.Release()
		}
	}()
	var ours []int32
	for _, c := range conns {
		ours = append(ours, int32(c.Conn().PgConn().PID()))
	}
	for {
		var ended int
		if err := conns[0].QueryRow(ctx, others, ours).Scan(&ended); err != nil {
			return err
		}
		if ended == 0 {
			break
		}
		time.Sleep(time.Millisecond) // they need a moment
	}
	if d.kept == nil || d.kept.restore(ctx, conns[0]) != nil {
		d.kept = nil
		if _, err := conns[0].Conn().PgConn().Exec(ctx, empty).ReadAll(); err != nil {
			return err
		}
	}
	var set bool
	if err := conns[0].QueryRow(ctx, settings).Scan(&set); err != nil {
		return err
	}
	if set {
		return errSettings
	}
	for _, c := range conns {
		if err := c.Conn().DeallocateAll(ctx); err != nil { // what the client knows of them, too
			return err
		}
		if _, err := c.Conn().PgConn().Exec(ctx, "DISCARD ALL").ReadAll(); err != nil {
			return err
		}
	}
	return nil
}

// connections takes those of the pool that work, at least one.
func (d *database) connections(ctx context.Context) ([]*pgxpool.Conn, error) {
	var conns []*pgxpool.Conn
	if d.pool != nil {
		for _, c := range d.pool.AcquireAllIdle(ctx) {
			if c.Ping(ctx) == nil {
				conns = append(conns, c)
				continue
			}
			_ = c.Conn().Close(ctx)
			c.Release()
		}
	}
	if len(conns) > 0 {
		return conns, nil
	}
	d.disconnect() // a test may have closed it
	pool, err := pgxpool.New(ctx, d.url)
	if err != nil {
		return nil, err
	}
	d.pool = pool
	c, err := pool.Acquire(ctx)
	return append(conns, c), err
}

func (d *database) disconnect() {
	if d.pool != nil {
		d.pool.Close()
		d.pool = nil
	}
}
