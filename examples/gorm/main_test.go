package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	dialect "gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), testdb.PostgresURL(t), &out))
	require.Equal(t, "2 created, 0 updated, 0 unchanged, 0 removed, 0 restored\nfirst: Villa Rosa\n"+
		"rental 1: welcome Villa Rosa\nrental 2: welcome Casa Verde\n", out.String())
}

// What GORM wrote is undone with the run's rows, and its own transactions are
// savepoints in the run's.
func TestJoined(t *testing.T) {
	t.Parallel()
	handle, err := sql.Open("pgx", testdb.PostgresURL(t))
	require.NoError(t, err)
	defer handle.Close()
	orm, err := gorm.Open(dialect.New(dialect.Config{Conn: handle}), &gorm.Config{})
	require.NoError(t, err)
	require.NoError(t, orm.AutoMigrate(&Task{}))
	todo := tasks{orm}
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("rentals").PutRaw(`{"id": 1, "name": "Villa Rosa"}`)
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL()})
	require.NoError(t, err)
	db := postgres.New(postgres.FromSQL(handle), postgres.Options{})
	require.NoError(t, db.Migrate(t.Context()))
	undo := errors.New("undo")
	var end error
	declaration := synced.Synced[Rental]{Table: "rentals", API: api, OnChange: func(ctx context.Context, tx store.Tx, _ []synced.Change[Rental]) error {
		own := todo.in(ctx, postgres.SQLTx(tx))
		require.NoError(t, own.add(Task{Title: "kept"}))
		require.ErrorIs(t, own.db.Transaction(func(nested *gorm.DB) error {
			require.NoError(t, tasks{nested}.add(Task{Title: "undone"}))
			return undo
		}), undo)
		return end
	}}
	require.NoError(t, declaration.CreateTable(t.Context(), db))
	rentals, err := synced.New(t.Context(), db, declaration)
	require.NoError(t, err)
	end = undo
	_, err = rentals.Synchronize(t.Context(), synced.NoScope)
	require.ErrorIs(t, err, undo)
	list, err := todo.list()
	require.NoError(t, err)
	require.Empty(t, list)
	end = nil
	_, err = rentals.Synchronize(t.Context(), synced.NoScope)
	require.NoError(t, err)
	list, err = todo.list()
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "kept", list[0].Title)
}
