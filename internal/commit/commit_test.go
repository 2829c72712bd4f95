package commit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/stagetest"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// insert writes a row, and notes that it is committed.
func insert(committed *bool) func(context.Context, *commit.Tx) error {
	return func(ctx context.Context, tx *commit.Tx) error {
		tx.After(func() { *committed = true })
		_, err := tx.Exec(ctx, squirrel.Expr("INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 1, 'one')"))
		return err
	}
}

// names are those that are committed.
func names(t *testing.T, m *model.Model) []string {
	t.Helper()
	return stagetest.Column(t, m.DB, "SELECT name FROM rentals ORDER BY 1")
}

func TestDo(t *testing.T) {
	t.Parallel()
	m := stagetest.Rentals(t)
	committed := false
	work := &commit.Work{DB: m.DB}
	require.NoError(t, work.Do(t.Context(), insert(&committed)))
	require.True(t, committed)
	require.Equal(t, []string{"one"}, names(t, m))
}

// Nothing stays of work that fails, panics, or is canceled, and the next transaction
// begins.
func TestDo_NothingStays(t *testing.T) {
	t.Parallel()
	m := stagetest.Rentals(t)
	committed := false
	work := &commit.Work{DB: m.DB}
	broken := errors.New("broken")
	require.Equal(t, broken, work.Do(t.Context(), func(ctx context.Context, tx *commit.Tx) error {
		require.NoError(t, insert(&committed)(ctx, tx))
		return broken
	}))
	require.PanicsWithValue(t, "of the service", func() {
		_ = work.Do(t.Context(), func(ctx context.Context, tx *commit.Tx) error {
			require.NoError(t, insert(&committed)(ctx, tx))
			panic("of the service")
		})
	})
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, work.Do(ctx, func(ctx context.Context, tx *commit.Tx) error {
		require.NoError(t, insert(&committed)(ctx, tx))
		cancel()
		return nil
	}), context.Canceled)
	require.False(t, committed)
	require.Empty(t, names(t, m))
	require.NoError(t, work.Do(t.Context(), insert(&committed)))
}

// Nothing is written under a lock that another has.
func TestDo_ChecksTheLock(t *testing.T) {
	t.Parallel()
	m := stagetest.Rentals(t)
	lock, err := m.DB.Lock(t.Context(), "rentals", 0)
	require.NoError(t, err)
	committed := false
	work := &commit.Work{DB: m.DB, Lock: lock}
	require.NoError(t, work.Do(t.Context(), func(context.Context, *commit.Tx) error { return nil }))
	require.NoError(t, lock.Release(t.Context()))
	require.ErrorIs(t, work.Do(t.Context(), insert(&committed)), store.ErrLockLost)
	require.False(t, committed)
}

// The outbox and the handler are told of changes in the transaction that makes them,
// and what was published goes with it.
func TestChanged(t *testing.T) {
	t.Parallel()
	var told []string
	fail := true
	m := stagetest.Rentals(t, func(d *declare.Declaration) {
		d.Outbox = true
		d.OnChange = func(_ context.Context, _ backend.Tx, changes []model.Change) error {
			for _, c := range changes {
				told = append(told, c.ID.String())
			}
			if fail {
				return errors.New("no")
			}
			return nil
		}
	})
	work := &commit.Work{DB: m.DB}
	publish := func(ctx context.Context, tx *commit.Tx) error {
		if err := tx.Changed(ctx, m, stagetest.Scope, nil); err != nil {
			return err
		}
		return tx.Changed(ctx, m, stagetest.Scope, []model.Change{
			{Kind: report.Created, ID: backend.IntID(7), New: &stagetest.Rental{SyncedID: 7, AccountID: 1, Name: "seven"}},
		})
	}
	outbox := func() []string { return stagetest.Column(t, m.DB, "SELECT count(*) FROM synced_changes") }
	require.EqualError(t, work.Do(t.Context(), publish), "OnChange: no")
	require.Equal(t, []string{"0"}, outbox())
	fail = false
	require.NoError(t, work.Do(t.Context(), publish))
	require.Equal(t, []string{"1"}, outbox())
	require.Equal(t, []string{"7", "7"}, told)
}
