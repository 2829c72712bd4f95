package testdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// patience limits each step that talks to the server, so that a stuck one is an error with a name.
const patience = 60 * time.Second

// Postgres returns a pool on an empty database, which is dropped, and the pool closed, when the test ends.
func Postgres(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), PostgresURL(t))
	if err != nil {
		t.Fatal("testdb: pool:", err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// PostgresURL returns the URL of an empty database, which is dropped when the test ends, whoever is still connected.
func PostgresURL(t testing.TB) string {
	t.Helper()
	base := serverURL(t)
	name := "synced_test_" + strings.ToLower(rand.Text()[:12])
	address, err := withDatabase(base, name)
	if err != nil {
		t.Fatalf("testdb: %s: %v", Variable, err)
	}
	if err := administer(base, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		t.Fatal("testdb: create database:", err)
	}
	t.Cleanup(func() {
		if err := administer(base, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error("testdb: drop database:", err)
		}
	})
	return address
}

// closePool does not wait for ever: Close waits for each connection to be released, so a test that forgot one would hang.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	select {
	case <-closed:
	case <-time.After(patience / 3):
		t.Errorf("testdb: close pool: %d connections were not released", pool.Stat().AcquiredConns())
	}
}

// administer uses a connection of its own: parallel tests do not wait for each other and nothing stays open.
func administer(base, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
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
