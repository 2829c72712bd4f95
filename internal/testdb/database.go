package testdb

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// database is one that tests of this process use one after the other. To make one and to connect to it takes longer than
// most tests.
type database struct {
	number int
	url    string
	pool   *pgxpool.Pool // nil, or one whose connections are idle
	kept   *kept         // nil if it is empty
	served int
}

// lot is the key of the advisory locks, on the server's first database, by which processes share databases: who has the
// lock of a number has that database. The system frees the locks of a process that ends, and the next one uses
// its databases.
const lot = 7_239_041

// worn is after how many tests a database is made again. Nothing vacuums its system tables, which grow with each.
const worn = 50

// databases are those of this process.
type databases struct {
	sync.Mutex
	admin *pgx.Conn // has the locks
	mine  map[int]bool
	free  []*database
}

// lend takes a free database, best one that is as asked for: connected, migrated. Or else it takes the first that no process
// has. One that is not to be migrated is empty.
func (all *databases) lend(ctx context.Context, base string, connected, migrated bool) (*database, error) {
	d, err := all.take(ctx, base, connected, migrated)
	if err != nil || migrated || d.kept == nil {
		return d, err
	}
	d.kept = nil
	return d, d.clean(ctx)
}

func (all *databases) take(ctx context.Context, base string, connected, migrated bool) (*database, error) {
	all.Lock()
	defer all.Unlock()
	if len(all.free) > 0 {
		at, best := 0, -1
		for i, d := range all.free {
			fits := 0
			if (d.pool != nil) == connected {
				fits++
			}
			if (d.kept != nil) == migrated {
				fits += 2
			}
			if fits >= best {
				at, best = i, fits
			}
		}
		d := all.free[at]
		all.free = append(all.free[:at], all.free[at+1:]...)
		return d, nil
	}
	if all.admin == nil {
		conn, err := pgx.Connect(ctx, base)
		if err != nil {
			return nil, err
		}
		all.admin, all.mine = conn, map[int]bool{}
	}
	for n := 1; ; n++ {
		if all.mine[n] {
			continue
		}
		var locked bool
		if err := all.admin.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", lot, n).Scan(&locked); err != nil {
			return nil, err
		}
		if locked {
			all.mine[n] = true
			return all.find(ctx, base, n)
		}
	}
}

// find cleans the database that another process left, or makes one.
func (all *databases) find(ctx context.Context, base string, n int) (*database, error) {
	url, err := withDatabase(base, nameOf(n))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	d := &database{number: n, url: url}
	var exists bool
	if err := all.admin.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", nameOf(n)).Scan(&exists); err != nil {
		return nil, err
	}
	if exists && d.clean(ctx) == nil {
		return d, nil
	}
	if err := all.drop(ctx, d); err != nil {
		return nil, err
	}
	_, err = all.admin.Exec(ctx, "CREATE DATABASE "+nameOf(n)+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
	return d, err
}

// giveBack empties a database for the next test. One that can't be emptied is dropped.
func (all *databases) giveBack(ctx context.Context, d *database) error {
	d.served++
	clean := d.served < worn && d.clean(ctx) == nil
	all.Lock()
	defer all.Unlock()
	if clean {
		all.free = append(all.free, d)
		return nil
	}
	if err := all.drop(ctx, d); err != nil {
		return err
	}
	delete(all.mine, d.number)
	_, err := all.admin.Exec(ctx, "SELECT pg_advisory_unlock($1, $2)", lot, d.number)
	return err
}

func (all *databases) drop(ctx context.Context, d *database) error {
	d.disconnect()
	_, err := all.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+nameOf(d.number)+" WITH (FORCE)")
	return err
}

// close ends all connections. It drops the databases too where the server stays.
func (all *databases) close(ctx context.Context, drop bool) error {
	all.Lock()
	defer all.Unlock()
	if all.admin == nil {
		return nil
	}
	var errs []error
	for _, d := range all.free {
		d.disconnect()
		if drop {
			errs = append(errs, all.drop(ctx, d))
		}
	}
	errs = append(errs, all.admin.Close(ctx))
	all.admin, all.mine, all.free = nil, nil, nil
	return errors.Join(errs...)
}

func nameOf(n int) string { return fmt.Sprint("synced_test_", n) }
