package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
)

func TestQuarantine(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		record := func(id string, after time.Duration) ledger.Quarantined {
			return ledger.Quarantined{ID: id, Object: `{"id":` + id + `}`, Error: "price: not a number", Attempts: 1, First: noon.Add(after), Last: noon.Add(after)}
		}
		ten, nine, third := record("10", time.Second), record("9", time.Second), record("3", 0)
		nested := record("11", time.Minute)
		nested.ParentType, nested.Parent = "bookings.rental", "7"
		put := func(s ledger.Scope, list ...ledger.Quarantined) {
			in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.PutQuarantined(ctx, tx, s, list) })
		}
		all := func(s ledger.Scope) (list []ledger.Quarantined) {
			for r, err := range ledger.EachQuarantined(t.Context(), db, s) {
				require.NoError(t, err)
				r.ScopeID = ""
				list = append(list, r)
			}
			return list
		}
		put(one)
		put(one, ten, nine, third, nested)
		put(two, ten)
		require.Equal(t, []ledger.Quarantined{third, nine, ten, nested}, all(one))
		require.Len(t, all(every), 5)
		for r, err := range ledger.EachQuarantined(t.Context(), db, every) {
			require.NoError(t, err)
			require.Equal(t, "1", r.ScopeID)
			break
		}

		api, err := ledger.QuarantinedIDs(t.Context(), db, one, "")
		require.NoError(t, err)
		require.Equal(t, []string{"3", "9", "10"}, api)
		api, err = ledger.QuarantinedIDs(t.Context(), db, one, "bookings.rental")
		require.NoError(t, err)
		require.Equal(t, []string{"11"}, api)

		// Another transaction has put it there meanwhile.
		again := record("9", time.Hour)
		again.Attempts = 5
		put(one, again)
		nine.Attempts, nine.Last = 2, again.Last
		require.Equal(t, []ledger.Quarantined{third, nine, ten, nested}, all(one))

		take := func(work func(ctx context.Context, tx backend.Tx) ([]ledger.Quarantined, error)) (list []ledger.Quarantined) {
			in(t, db, func(ctx context.Context, tx backend.Tx) (err error) { list, err = work(ctx, tx); return err })
			return list
		}
		require.Equal(t, []ledger.Quarantined{nine}, take(func(ctx context.Context, tx backend.Tx) ([]ledger.Quarantined, error) {
			return ledger.TakeQuarantined(ctx, tx, one, ids(9, 4))
		}))
		require.Empty(t, take(func(ctx context.Context, tx backend.Tx) ([]ledger.Quarantined, error) {
			return ledger.TakeFamilies(ctx, tx, one, ids(4), "photos.rental", ids(7))
		}))
		require.Empty(t, take(func(ctx context.Context, tx backend.Tx) ([]ledger.Quarantined, error) {
			return ledger.TakeFamilies(ctx, tx, one, nil, "bookings.rental", ids(8))
		}))
		require.ElementsMatch(t, []ledger.Quarantined{nested, third}, take(func(ctx context.Context, tx backend.Tx) ([]ledger.Quarantined, error) {
			return ledger.TakeFamilies(ctx, tx, one, ids(3), "bookings.rental", ids(7))
		}))
		has := func(s ledger.Scope) bool {
			found, err := ledger.HasQuarantined(t.Context(), db, s)
			require.NoError(t, err)
			return found
		}
		require.True(t, has(one))
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return ledger.DropQuarantined(ctx, tx, one, ids(9, 10))
		})
		require.False(t, has(one))
		require.True(t, has(every))
	})
}

func TestQuarantine_Many(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		var list []ledger.Quarantined
		var many []backend.ID
		for i := range int64(2500) {
			list = append(list, ledger.Quarantined{ID: backend.IntID(i).String(), First: noon, Last: noon})
			many = append(many, backend.IntID(i))
		}
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.PutQuarantined(ctx, tx, one, list) })
		found, err := ledger.QuarantinedIDs(t.Context(), db, one, "")
		require.NoError(t, err)
		require.Len(t, found, 2500)
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropQuarantined(ctx, tx, one, many) })
		left, err := ledger.HasQuarantined(t.Context(), db, one)
		require.NoError(t, err)
		require.False(t, left)
	})
}

func TestWaiting(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		wait := func(s ledger.Scope, column string, parents []backend.ID) (list []ledger.Waiting) {
			require.NoError(t, ledger.EachWaiting(t.Context(), db, s, column, parents, func(w ledger.Waiting) error {
				list = append(list, w)
				return nil
			}))
			return list
		}
		a, b, c := ledger.Waiting{Scope: "1", Column: "rental_id", ID: "1", Parent: "7"}, ledger.Waiting{Scope: "1", Column: "rental_id", ID: "2", Parent: "8"}, ledger.Waiting{Scope: "1", Column: "host_id", ID: "1", Parent: "7"}
		other := a
		other.Scope = "2"
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			if err := ledger.Await(ctx, tx, one, []ledger.Waiting{{Column: "rental_id", ID: "1", Parent: "6"}}); err != nil {
				return err
			}
			if err := ledger.Await(ctx, tx, two, []ledger.Waiting{a}); err != nil {
				return err
			}
			return ledger.Await(ctx, tx, one, []ledger.Waiting{a, b, c})
		})
		require.ElementsMatch(t, []ledger.Waiting{a, b}, wait(one, "rental_id", nil))
		require.Equal(t, []ledger.Waiting{c}, wait(one, "host_id", nil))
		require.Equal(t, []ledger.Waiting{b}, wait(one, "rental_id", ids(6, 8)))
		require.Empty(t, wait(one, "rental_id", ids()), "none of no parents")
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return ledger.Arrived(ctx, tx, one, "rental_id", ids(7))
		})
		require.Equal(t, []ledger.Waiting{b}, wait(one, "rental_id", nil))
		require.Equal(t, []ledger.Waiting{c}, wait(one, "host_id", nil))
		require.Equal(t, []ledger.Waiting{other}, wait(two, "rental_id", nil))
	})
}
