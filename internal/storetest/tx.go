package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var txTests = tests{
	"Commit keeps, Rollback undoes":            commitAndRollback,
	"after its end it is an error":             afterEnd,
	"Rollback twice, and after Commit":         rollbackTwice,
	"Rollback with a context that is canceled": rollbackCanceled,
	"reads what it wrote, others do not":       isolation,
	"readers are not blocked by a writer":      readersNotBlocked,
	"waiting for a writer can be canceled":     canceledWait,
	"a context that is canceled before":        canceledBefore,
	"a context that is canceled in between":    canceledBetween,
	"a context that is canceled before Commit": canceledCommit,
	"a statement is canceled while it runs":    canceledStatement,
	"Exec counts rows":                         execCounts,
}

func commitAndRollback(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for _, commit := range []bool{false, true} {
		tx := begin(t, db)
		_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
		require.NoError(t, err)
		if commit {
			require.NoError(t, tx.Commit(t.Context()))
			require.Len(t, m.All(t), 1)
		} else {
			require.NoError(t, tx.Rollback(t.Context()))
			require.Empty(t, m.All(t))
		}
	}
}

func afterEnd(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for _, end := range []func(backend.Tx) error{
		func(tx backend.Tx) error { return tx.Commit(t.Context()) },
		func(tx backend.Tx) error { return tx.Rollback(t.Context()) },
	} {
		tx := begin(t, db)
		require.NoError(t, end(tx))
		_, err := tx.Exec(t.Context(), squirrel.Expr("DELETE FROM rentals"))
		require.Error(t, err)
		_, err = tx.Query(t.Context(), squirrel.Expr("SELECT 1"))
		require.Error(t, err)
		_, err = tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
		require.Error(t, err)
		require.Error(t, tx.Commit(t.Context()))
	}
	require.Empty(t, m.All(t))
}

func rollbackTwice(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	tx := begin(t, db)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, tx.Rollback(t.Context()))

	tx = begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, tx.Rollback(t.Context()))
	require.Len(t, m.All(t), 1)
}

func rollbackCanceled(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := db.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Write(ctx, m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
	require.NoError(t, err)
	cancel()
	_ = tx.Rollback(ctx)
	require.NoError(t, tx.Rollback(context.Background()))
	require.Empty(t, m.All(t))
	m.Write(t, account, m.Record(1, object(1, "Villa")))
}

func isolation(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
	require.NoError(t, err)
	require.Equal(t, int64(1), Value[int64](t, tx, "SELECT count(*) FROM rentals"))
	require.Equal(t, int64(0), Value[int64](t, db, "SELECT count(*) FROM rentals"))
	outcomes, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut"))})
	require.NoError(t, err)
	require.Equal(t, []backend.Change{backend.Unchanged, backend.Created}, []backend.Change{outcomes[0].Change, outcomes[1].Change})
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, int64(2), Value[int64](t, db, "SELECT count(*) FROM rentals"))
}

// readersNotBlocked has a writer with more changes than fit in a cache.
func readersNotBlocked(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	tx := begin(t, db)
	for n := range int64(10) {
		var page []backend.Record
		for i := range int64(1000) {
			page = append(page, m.Record(2, object(1000*n+i, "a name that is long enough to fill some pages of the database")))
		}
		_, err := tx.Write(t.Context(), m.Table, account, page)
		require.NoError(t, err)
		require.Equal(t, "Villa", m.One(t).Name)
	}
	reader, err := db.Query(t.Context(), squirrel.Select("name").From("rentals"))
	require.NoError(t, err)
	defer reader.Close()
	require.True(t, reader.Next())
	require.NoError(t, tx.Commit(t.Context()), "a writer was blocked by a reader")
	require.Len(t, m.All(t), 10_000)
}

func canceledWait(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
	require.NoError(t, err)

	canceled(t, m.writing(account, []backend.Record{m.Record(2, object(1, "Castle"))}))
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, "Villa", m.One(t).Name)
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(2, object(1, "Castle"))))
}

func canceledBefore(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Begin(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = db.Describe(ctx, "rentals")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, db.Migrate(ctx), context.Canceled)
	require.Empty(t, m.All(t))
}

// The context's end, and what it does to the transaction, may come in either order.
func canceledCommit(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := db.Begin(ctx)
		require.NoError(t, err)
		_, err = tx.Write(ctx, m.Table, account, []backend.Record{m.Record(1, object(1, "Villa"))})
		require.NoError(t, err)
		cancel()
		runtime.Gosched()
		require.ErrorIs(t, tx.Commit(ctx), context.Canceled)
		require.NoError(t, tx.Rollback(t.Context()))
	}
	require.Empty(t, m.All(t))
}

func canceledBetween(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	ctx, cancel := context.WithCancelCause(t.Context())
	last := m.Record(1, object(3, "Tent"))
	last.Mapper = backend.MapFunc(func() (backend.Row, error) {
		cancel(errors.New("enough"))
		return m.Record(1, object(3, "Tent")).Map()
	})
	_, err := m.writing(account, []backend.Record{m.Record(2, object(1, "Castle")), last})(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "Villa", m.One(t).Name)
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(2, object(1, "Castle"))))
}

func execCounts(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut")), m.Record(1, object(3, "Tent")))
	tx := begin(t, db)
	n, err := tx.Exec(t.Context(), squirrel.Expr("UPDATE rentals SET name = 'x' WHERE synced_id < ?", 3))
	require.NoError(t, err)
	require.Equal(t, int64(2), n, "rows that the trigger touched are not counted")
	n, err = tx.Exec(t.Context(), squirrel.Delete("rentals"))
	require.NoError(t, err)
	require.Equal(t, int64(3), n)
}

// forever is a statement that ends only when it is canceled.
const forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"

func canceledStatement(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for _, run := range []func(context.Context, backend.Tx) error{
		func(ctx context.Context, tx backend.Tx) error {
			_, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM rentals WHERE 1 = ("+forever+")"))
			return err
		},
		func(ctx context.Context, tx backend.Tx) error {
			rows, err := tx.Query(ctx, squirrel.Expr(forever))
			if err != nil {
				return err
			}
			for rows.Next() {
				t.Error("a row")
			}
			return errors.Join(rows.Err(), rows.Close())
		},
	} {
		m.Write(t, account, m.Record(1, object(1, "Villa")))
		tx := begin(t, db)
		canceled(t, func(ctx context.Context) ([]backend.Outcome, error) { return nil, run(ctx, tx) })
		_ = tx.Rollback(t.Context()) // pgx has closed the connection
	}
	require.Len(t, m.All(t), 1)
}

// canceled runs what would wait, and cancels it. What it returns must be the
// context's error.
func canceled(t *testing.T, wait func(context.Context) ([]backend.Outcome, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := wait(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
