package backend_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// opened is a store as a service holds it.
type opened struct {
	store.Store
	whole backend.Store
}

func (o *opened) Backend() backend.Store { return o.whole }

// database is a store with all that synced asks of one.
type database struct{ backend.Store }

// foreign is a store of a service's own.
type foreign struct{ store.Store }

func TestOf(t *testing.T) {
	t.Parallel()
	db := &database{}
	for _, from := range []store.Store{db, &opened{whole: db}} {
		got, err := backend.Of(from)
		require.NoError(t, err)
		require.Same(t, db, got)
	}

	var none *opened
	for _, from := range []store.Store{nil, none} {
		_, err := backend.Of(from)
		require.EqualError(t, err, "no database: open one with sqlite.Open or postgres.New")
	}
	_, err := backend.Of(foreign{})
	require.EqualError(t, err, "the database is a backend_test.foreign, which is no store of synced's: open one with sqlite.Open or postgres.New")
}

func TestHandle(t *testing.T) {
	t.Parallel()
	tx := &transaction{}
	var ctx context.Context
	var given store.Tx
	broken := errors.New("broken")
	require.Equal(t, broken, backend.Handle(t.Context(), tx, func(in context.Context, own store.Tx) error {
		ctx, given = in, own
		return broken
	}))
	require.Equal(t, tx, backend.Handling(ctx))
	require.Nil(t, backend.Handling(t.Context()))
	_, ends := given.(interface{ Commit(context.Context) error })
	require.False(t, ends)
	require.Same(t, tx, backend.Whole(given))
	require.Same(t, tx, backend.Whole(tx))
	require.Nil(t, backend.Whole(nil))
	require.Nil(t, backend.Whole(struct{ store.Tx }{}))
}
