package storetest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var raceTests = tests{
	"two write the same ids":            sameIDs,
	"two write the same ids, backwards": sameIDsBackwards,
	"scopes side by side":               scopesAtOnce,
}

// race runs both writers at once, and returns how many rows they created.
func race(t *testing.T, writers ...func(ctx context.Context) ([]backend.Outcome, error)) int {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, len(writers))
	outcomes := make([][]backend.Outcome, len(writers))
	for i, write := range writers {
		wg.Go(func() { outcomes[i], errs[i] = write(t.Context()) })
	}
	wg.Wait()
	created := 0
	for i := range writers {
		require.NoError(t, errs[i])
		for _, o := range outcomes[i] {
			if o.Change == backend.Created {
				created++
			}
		}
	}
	return created
}

// writing writes a page in its own transaction.
func (m *Model[T]) writing(scope any, page []backend.Record) func(context.Context) ([]backend.Outcome, error) {
	return func(ctx context.Context) ([]backend.Outcome, error) {
		tx, err := m.DB.Begin(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
		outcomes, err := tx.Write(ctx, m.Table, scope, page)
		if err != nil {
			return nil, err
		}
		return outcomes, tx.Commit(ctx)
	}
}

const rounds = 10

func sameIDs(t *testing.T, db backend.Store) { writeAtOnce(t, db, func([]backend.Record) {}) }
func sameIDsBackwards(t *testing.T, db backend.Store) {
	writeAtOnce(t, db, slices.Reverse[[]backend.Record])
}

func writeAtOnce(t *testing.T, db backend.Store, arrange func([]backend.Record)) {
	m := rentals(t, db)
	for round := range int64(rounds) {
		page := func(name string) []backend.Record {
			var rows []backend.Record
			for i := range int64(300) {
				// Half are new, half were written by the round before.
				rows = append(rows, m.Record(round, object(150*round+i, name)))
			}
			return rows
		}
		one, two := page("one"), page("two")
		arrange(two)
		want := 150
		if round == 0 {
			want = 300
		}
		require.Equal(t, want, race(t, m.writing(account, one), m.writing(account, two)))
	}
	require.Len(t, m.All(t), 150*rounds+150)
}

func scopesAtOnce(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	page := func() (rows []backend.Record) {
		for i := range int64(200) {
			rows = append(rows, m.Record(1, object(i, "x")))
		}
		return rows
	}
	require.Equal(t, 800, race(t, m.writing(int64(1), page()), m.writing(int64(2), page()), m.writing(int64(3), page()), m.writing(int64(4), page())))
	require.Len(t, m.All(t), 800)
}
