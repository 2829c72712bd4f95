package testdb

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// patience limits each step that talks to the server, so that a stuck one is an error with a name.
const patience = 60 * time.Second

// Postgres returns a pool on an empty database. When the test ends, the next one may get both: what the test left is
// dropped, and whoever else is connected is disconnected.
func Postgres(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return lend(t, true, false).connect(t)
}

// Migrated returns a pool on a database that migrate was called on. When the test ends, what migrate made stays for the next
// test, with the rows that it had then, and all else is dropped, as by Postgres. A database in which the test
// changed that is emptied instead, and migrated again. All calls of a process give the same migrate.
func Migrated(t testing.TB, migrate func(ctx context.Context, pool *pgxpool.Pool) error) *pgxpool.Pool {
	t.Helper()
	d := lend(t, true, true)
	pool := d.connect(t)
	if d.kept != nil {
		return pool
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := migrate(ctx, pool); err != nil {
		t.Fatal("testdb: migrate:", err)
	}
	var err error
	if d.kept, err = keep(ctx, pool); err != nil {
		t.Fatal("testdb: look at what was migrated:", err)
	}
	return pool
}

func (d *database) connect(t testing.TB) *pgxpool.Pool {
	t.Helper()
	if d.pool == nil {
		pool, err := pgxpool.New(context.Background(), d.url)
		if err != nil {
			t.Fatal("testdb: pool:", err)
		}
		d.pool = pool
	}
	return d.pool
}

// PostgresURL returns the URL of an empty database without connections. When the test ends, what it left is
// dropped, and whoever is still connected is disconnected.
func PostgresURL(t testing.TB) string {
	t.Helper()
	d := lend(t, false, false)
	d.disconnect()
	return d.url
}

// lend gives the test a database until it ends.
func lend(t testing.TB, connected, migrated bool) *database {
	t.Helper()
	base := serverURL(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d, err := server.databases.lend(ctx, base, connected, migrated)
	if err != nil {
		t.Fatal("testdb: create database:", err)
	}
	t.Cleanup(func() { giveBack(t, d) })
	return d
}

func giveBack(t testing.TB, d *database) {
	t.Helper()
	// A pool waits for ever for each connection to be released when it is closed, so a test that forgot one would hang.
	for until := time.Now().Add(patience / 3); d.pool != nil && d.pool.Stat().AcquiredConns() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Errorf("testdb: close pool: %d connections were not released", d.pool.Stat().AcquiredConns())
			d.pool = nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.databases.giveBack(ctx, d); err != nil {
		t.Error("testdb: drop database:", err)
	}
}

func withDatabase(base, name string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", fmt.Errorf("%q is not a postgres:// URL", base)
	}
	u.Path = "/" + name
	return u.String(), nil
}
