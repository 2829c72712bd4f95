package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
)

func TestRefusals(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		refusal := func(s ledger.Scope) *ledger.Refusal {
			r, err := ledger.RefusalOf(t.Context(), db, s)
			require.NoError(t, err)
			return r
		}
		require.Nil(t, refusal(one))
		last := ledger.Refusal{Plan: "p2", Reason: "more than 30 % of the scope", Of: 7, At: noon}
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			if err := ledger.PutRefusal(ctx, tx, one, ledger.Refusal{Plan: "p1", At: noon.Add(-time.Hour)}); err != nil {
				return err
			}
			return ledger.PutRefusal(ctx, tx, one, last)
		})
		require.Equal(t, &last, refusal(one))
		require.Nil(t, refusal(two))
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropRefusal(ctx, tx, one) })
		require.Nil(t, refusal(one))
	})
}

func TestRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		check := func(s ledger.Scope, want ...string) {
			t.Helper()
			var list []string
			require.NoError(t, ledger.EachRefused(t.Context(), db, s, func(id string) error {
				list = append(list, id)
				return nil
			}))
			require.ElementsMatch(t, want, list)
		}
		put := func(s ledger.Scope, want bool, list ...backend.ID) {
			t.Helper()
			in(t, db, func(ctx context.Context, tx backend.Tx) error {
				changed, err := ledger.PutRefused(ctx, tx, s, list)
				require.Equal(t, want, changed)
				if err == nil {
					err = ledger.PutRefusal(ctx, tx, s, ledger.Refusal{Plan: "p", At: noon})
				}
				return err
			})
		}
		take := func(want bool, keys ...uint64) {
			t.Helper()
			in(t, db, func(ctx context.Context, tx backend.Tx) error {
				left, err := ledger.TakeRefused(ctx, tx, one, keys)
				require.Equal(t, want, left)
				return err
			})
		}
		text := backend.TextID(`"é"`)
		take(false, 1)
		put(one, true, ids(1, -2, 3)...)
		put(one, false, ids(3, 1, -2)...)
		put(one, true, append(ids(3, -2), text, text)...)
		put(two, true, ids(3)...)
		check(one, "3", "-2", `"é"`)
		check(two, "3")
		found, err := ledger.Refused(t.Context(), db, one, []uint64{1, 3, idset.Key(text)})
		require.NoError(t, err)
		require.Equal(t, map[uint64]bool{3: true, idset.Key(text): true}, found)
		at := func() time.Time {
			r, err := ledger.RefusalOf(t.Context(), db, one)
			require.NoError(t, err)
			return r.At
		}
		take(true, 1)
		require.Equal(t, noon, at())
		take(true, 1, 3)
		require.NotEqual(t, noon, at())
		check(one, "-2", `"é"`)
		take(false, idset.Key(backend.IntID(-2)), idset.Key(text))
		r, err := ledger.RefusalOf(t.Context(), db, one)
		require.NoError(t, err)
		require.Nil(t, r)
		check(two, "3")
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropRefusal(ctx, tx, two) })
		check(two)
	})
}
