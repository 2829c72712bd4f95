package handle_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// On a handle the tables become those that they become on a pool: nested rows,
// translations, canceled rows, the outbox.
func TestContract_C124_AHandleIsAsGoodAsAPool(t *testing.T) {
	t.Parallel()
	outcome := func(kind string) (seen []string) {
		b := harness.Setup(t, kind)
		villas := b.Server.Collection("villas")
		cabins := harness.Cabins(t, b, nil)
		note := func() {
			r := harness.Sync(t, cabins, synced.In(1))
			seen = append(seen, fmt.Sprint(harness.CountsOf(r), r.Quarantined))
			seen = append(seen, harness.ReadCabins(t, b)...)
		}
		villas.Put(harness.CabinOf(1, 1, "one", harness.PoolOf(1, 1, "wet"), harness.PoolOf(2, 1, "dry")))
		villas.Put(harness.CabinOf(2, 1, "two"))
		villas.Put(harness.CabinOf(3, 1, "bad"))
		villas.Put(harness.CabinOf(4, 1, "four"))
		note()
		note()
		villas.Put(harness.CabinOf(1, 2, "ONE", harness.PoolOf(2, 2, "damp")))
		villas.Put(harness.CabinOf(3, 2, "three"))
		villas.Delete(4)
		note()
		return append(seen, harness.Told(harness.Deliver(t, b, "reader", -1))...)
	}
	require.Equal(t, outcome("postgres"), outcome("database_sql"))
}

func TestContract_C124_NewRowsAreCopied(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "database_sql")
	b.Server.Collection("rentals").Generate(60, func(i int, _ *rand.Rand) remotetest.Record {
		return remotetest.Record{"id": i + 1, "name": fmt.Sprint("rental ", i)}
	})
	api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), HTTP: b.Server.Client(), Auth: wire.Bearer(harness.Token), PerPage: 60})
	require.NoError(t, err)
	d := harness.Rentals()
	d.API = api
	rentals := harness.Model(t, b, d)
	b.Execute(t, "CREATE TABLE ways (way text)")
	b.Execute(t, "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO ways VALUES (CASE WHEN current_query() LIKE ''%COPY%'' THEN ''COPY'' ELSE current_query() END); RETURN NULL; END'")
	b.Execute(t, "CREATE TRIGGER note AFTER INSERT ON rentals FOR EACH STATEMENT EXECUTE FUNCTION note()")
	require.Equal(t, 60, harness.Sync(t, rentals, synced.In(1)).Created)
	require.Equal(t, []string{"COPY"}, b.Column(t, "SELECT way FROM ways"))
	require.Equal(t, 60, harness.Sync(t, rentals, synced.In(1)).Unchanged)
}

// joined is the transaction of a handler for what works in a *sql.Tx, or nil.
func joined(tx store.Tx) *sql.Tx {
	if own := sqlite.Tx(tx); own != nil {
		return own
	}
	return postgres.SQLTx(tx)
}

// What a handler writes in the *sql.Tx is committed and undone with the rows.
func TestContract_C125_AHandlerJoinsTheRunsTransaction(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE log (entry text)")
		b.Put("one", "two")
		var end error
		d := harness.Rentals()
		d.OnChange = func(ctx context.Context, tx store.Tx, changes []synced.Change[harness.Rental]) error {
			own := joined(tx)
			if b.Pool != nil && b.Handle == nil {
				require.Nil(t, own, "it is pgx's own")
				return end
			}
			require.Same(t, own, joined(tx))
			insert, err := own.PrepareContext(ctx, "INSERT INTO log VALUES ($1)")
			require.NoError(t, err)
			for _, c := range changes {
				_, err := insert.ExecContext(ctx, c.New.Name)
				require.NoError(t, err)
			}
			var names, entries int
			require.NoError(t, own.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM rentals), (SELECT count(*) FROM log)").Scan(&names, &entries))
			require.Equal(t, []int{2, 2}, []int{names, entries}, "it sees the run's rows and its own")
			return end
		}
		rentals := harness.Model(t, b, d)
		end = errors.New("no room")
		_, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, end)
		require.Empty(t, b.Column(t, "SELECT entry FROM log"))
		require.Empty(t, harness.All(t, rentals))
		end = nil
		harness.Sync(t, rentals, synced.In(1))
		if b.Pool == nil || b.Handle != nil {
			require.Equal(t, []string{"one", "two"}, b.Column(t, "SELECT entry FROM log ORDER BY 1"))
		}
	})
}

// What a handler leaves open does not stay, and an error that it passes over leaves
// the run as it is where the database does.
func TestContract_C126_WhatAHandlerLeavesOpen(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "database_sql"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := harness.Setup(t, kind)
			b.Put("one")
			d := harness.Rentals()
			d.OnChange = func(ctx context.Context, tx store.Tx, _ []synced.Change[harness.Rental]) error {
				_, err := joined(tx).PrepareContext(ctx, "SELECT name FROM rentals")
				require.NoError(t, err)
				rows, err := joined(tx).QueryContext(ctx, "SELECT name FROM rentals")
				require.NoError(t, err)
				require.True(t, rows.Next())
				return rows.Err()
			}
			rentals := harness.Model(t, b, d)
			_, _ = rentals.Synchronize(context.Background(), synced.In(1)) // PostgreSQL refuses: it is busy with the rows
			require.Empty(t, b.OpenTransactions(t))
			d.OnChange = nil
			rentals = harness.Bind(t, b, d)
			harness.Sync(t, rentals, synced.In(1))
			require.Equal(t, []string{"one"}, harness.Names(t, rentals, synced.In(1)))
		})
	}
}

// A connection that is cut in a run is given back, and no longer used.
func TestContract_C126_ACutConnection(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "database_sql")
	b.Put("one", "two", "three", "four")
	cut := true
	d := harness.Rentals()
	d.OnChange = func(ctx context.Context, tx store.Tx, changes []synced.Change[harness.Rental]) error {
		if cut && changes[0].ID == "4" {
			_, _ = postgres.SQLTx(tx).ExecContext(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
		}
		return nil
	}
	rentals := harness.Model(t, b, d)
	_, err := rentals.Synchronize(context.Background(), synced.In(1))
	require.Error(t, err)
	require.Equal(t, []string{"one", "two", "three"}, harness.Names(t, rentals, synced.In(1)))
	cut = false
	harness.Sync(t, rentals, synced.In(1))
	require.Equal(t, []string{"one", "two", "three", "four"}, harness.Names(t, rentals, synced.In(1)))
}

// A run needs one connection. Where the service itself keeps it, the run is told.
func TestContract_C127_AHandleOfOneConnection(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "database_sql")
	b.Handle.SetMaxOpenConns(1)
	b.Put("one", "two", "three", "four")
	rentals := harness.Model(t, b, harness.Rentals())
	require.Equal(t, 4, harness.Sync(t, rentals, synced.In(1)).Created)
	require.Equal(t, 4, harness.Sync(t, rentals, synced.In(1)).Unchanged)

	held, err := b.Handle.BeginTx(context.Background(), nil)
	require.NoError(t, err)
	_, err = rentals.Synchronize(context.Background(), synced.In(1))
	require.ErrorContains(t, err, "none of the 1 that SetMaxOpenConns allows was free for 10s")
	require.NoError(t, held.Rollback())
	require.Equal(t, 4, harness.Sync(t, rentals, synced.In(1)).Unchanged)
}

func TestContract_C127_AnotherDriver(t *testing.T) {
	t.Parallel()
	file := harness.Setup(t, "sqlite").File
	err := postgres.New(postgres.FromSQL(file.DB()), postgres.Options{}).Migrate(context.Background())
	require.ErrorContains(t, err, `synced needs those of pgx: open it with sql.Open("pgx", url), of github.com/jackc/pgx/v5/stdlib`)
}
