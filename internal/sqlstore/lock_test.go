package sqlstore

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries, free := 0, time.Now().Add(time.Second)
		try := func(context.Context, string) (backend.Lock, error) {
			tries++
			if time.Now().Before(free) {
				return nil, store.ErrLocked
			}
			return &lease{}, nil
		}
		began := time.Now()
		_, err := Wait(t.Context(), "one", 0, try)
		require.EqualError(t, err, "lock one: locked by another")
		require.Equal(t, 1, tries)
		require.Zero(t, time.Since(began), "at once")

		_, err = Wait(t.Context(), "one", 100*time.Millisecond, try)
		require.ErrorIs(t, err, store.ErrLocked)
		require.Equal(t, 100*time.Millisecond, time.Since(began))

		tries = 0
		lock, err := Wait(t.Context(), "one", time.Hour, try)
		require.NoError(t, err)
		require.NotNil(t, lock)
		require.Less(t, time.Since(free), 2*lastPause, "soon after it is free")
		require.Less(t, tries, 30, "with pauses that grow")
	})
}

func TestWait_Ends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		_, err := Wait(t.Context(), "one", time.Hour, func(context.Context, string) (backend.Lock, error) { return nil, broken })
		require.EqualError(t, err, "lock one: broken")

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = Wait(ctx, "one", time.Hour, func(context.Context, string) (backend.Lock, error) { return nil, store.ErrLocked })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = Wait(ctx, "one", time.Hour, func(context.Context, string) (backend.Lock, error) {
			t.Fatal("asked after the context ended")
			return nil, nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
