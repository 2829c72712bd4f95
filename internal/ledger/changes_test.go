package ledger_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/storetest"
)

func TestEncodeChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"null":         {nil, `null`},
		"integer":      {int64(math.MinInt64), `-9223372036854775808`},
		"float":        {0.1, `0.1`},
		"largest":      {math.MaxFloat64, `1.7976931348623157e+308`},
		"not a number": {math.NaN(), `"NaN"`},
		"+infinity":    {math.Inf(1), `"+Inf"`},
		"-infinity":    {math.Inf(-1), `"-Inf"`},
		"text":         {"it's \"x\"", `"it's \"x\""`},
		"bytes":        {[]byte("ab"), `"YWI="`},
		"a time":       {noon, `"2026-03-04T12:00:00.123456Z"`},
		"invalid text": {"a\xffb", "\"a\ufffdb\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ledger.EncodeChange(one, "created", "7", nil, map[string]any{"b": test.value, "a": 1})
			require.NoError(t, err)
			require.Equal(t, `{"model":"rentals","scope_type":"account_id","scope_id":"1","kind":"created","remote_id":"7","new_row":{"a":1,"b":`+test.want+`}}`, string(got))
			got, err = ledger.EncodeChange(whole, "removed", "7", map[string]any{"b": test.value}, nil)
			require.NoError(t, err)
			require.Equal(t, `{"model":"photos","scope_type":"","scope_id":"","kind":"removed","remote_id":"7","old_row":{"b":`+test.want+`}}`, string(got))
		})
	}
}

// add appends changes in one transaction.
func add(t *testing.T, db backend.Store, s ledger.Scope, remoteIDs ...string) {
	t.Helper()
	var list [][]byte
	for _, id := range remoteIDs {
		c, err := ledger.EncodeChange(s, "updated", id, map[string]any{"a": 1}, map[string]any{"a": 2, "b": "x"})
		require.NoError(t, err)
		list = append(list, c)
	}
	in(t, db, func(ctx context.Context, tx backend.Tx) error {
		first, err := ledger.ReserveChanges(ctx, tx, int64(len(list)))
		if err != nil {
			return err
		}
		return ledger.AppendChanges(ctx, tx, first, list)
	})
}

func TestChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		add(t, db, one, "7", "8")
		add(t, db, whole, "9")
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.AppendChanges(ctx, tx, 4, nil) })
		last, err := ledger.LastChange(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, int64(3), last)

		read := func(position int64, limit int, models ...string) (ids []string) {
			list, err := ledger.ChangesAfter(t.Context(), db, position, models, limit)
			require.NoError(t, err)
			for _, c := range list {
				require.Equal(t, "updated", c.Kind)
				require.Equal(t, `{"a":1}`, string(c.Old))
				require.JSONEq(t, `{"a":2,"b":"x"}`, string(c.New))
				require.WithinDuration(t, time.Now(), c.At, time.Minute)
				require.Equal(t, time.UTC, c.At.Location())
				ids = append(ids, fmt.Sprint(c.ID, c.Scope.Model, c.Scope.ID, c.RemoteID))
			}
			return ids
		}
		require.Equal(t, []string{"1rentals17", "2rentals18", "3photos9"}, read(0, 10))
		require.Equal(t, []string{"2rentals18"}, read(1, 1))
		require.Equal(t, []string{"3photos9"}, read(0, 10, "photos", "hosts"))
		require.Empty(t, read(3, 10))
	})
}

func TestPruneChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		prune := func(before time.Time) (n int64) {
			in(t, db, func(ctx context.Context, tx backend.Tx) (err error) {
				n, err = ledger.PruneChanges(ctx, tx, before, 100)
				return err
			})
			return n
		}
		add(t, db, one, "7", "8", "9")
		storetest.Exec(t, db, "UPDATE {synced_changes} SET at = ? WHERE id < 3", noon)
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			if err := ledger.AddConsumer(ctx, tx, "search"); err != nil {
				return err
			}
			return ledger.SavePosition(ctx, tx, "search", ledger.Position{Passed: 1})
		})
		require.Equal(t, int64(0), prune(noon))
		require.Equal(t, int64(1), prune(noon.Add(time.Microsecond)), "a consumer has not passed the second")
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropConsumer(ctx, tx, "search") })
		require.Equal(t, int64(1), prune(noon.Add(time.Microsecond)), "the third is younger")
	})
}

func TestConsumers(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		var rewinds int64
		check := func(want int64, known bool) {
			t.Helper()
			at, found, err := ledger.PositionOf(t.Context(), db, "search")
			require.NoError(t, err)
			require.Equal(t, known, found)
			require.Equal(t, want, at.Passed)
		}
		save := func(position int64) {
			in(t, db, func(ctx context.Context, tx backend.Tx) error {
				return ledger.SavePosition(ctx, tx, "search", ledger.Position{Passed: position, Rewinds: rewinds})
			})
		}
		add := func(name string) {
			in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.AddConsumer(ctx, tx, name) })
		}
		check(0, false)
		save(3)
		check(0, false)
		add("search")
		add("mail")
		check(0, true)
		save(5)
		save(4)
		check(5, true)
		add("search")
		check(5, true)

		rewind := func(name string, position int64) (known bool) {
			in(t, db, func(ctx context.Context, tx backend.Tx) (err error) {
				known, err = ledger.Rewind(ctx, tx, name, position)
				return err
			})
			return known
		}
		require.True(t, rewind("search", 2))
		check(2, true)
		save(9)
		check(2, true) // by a loop that began before the rewind
		rewinds = 1
		save(6)
		check(6, true)
		require.True(t, rewind("search", 8))
		check(6, true)
		require.False(t, rewind("nobody", 1))
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropConsumer(ctx, tx, "search") })
		check(0, false)
	})
}

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		token := func(account string) (ledger.Token, bool) {
			got, found, err := ledger.TokenOf(t.Context(), db, account)
			require.NoError(t, err)
			return got, found
		}
		write := func(work func(ctx context.Context, tx backend.Tx) (bool, error)) (done bool) {
			in(t, db, func(ctx context.Context, tx backend.Tx) (err error) { done, err = work(ctx, tx); return err })
			return done
		}
		_, found := token("a")
		require.False(t, found)
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.PutToken(ctx, tx, "a", []byte{1}) })
		got, found := token("a")
		require.True(t, found)
		require.Equal(t, ledger.Token{Sealed: []byte{1}}, got)

		require.False(t, write(func(ctx context.Context, tx backend.Tx) (bool, error) {
			return ledger.RefuseToken(ctx, tx, "a", []byte{2})
		}), "another token")
		require.True(t, write(func(ctx context.Context, tx backend.Tx) (bool, error) {
			return ledger.RefuseToken(ctx, tx, "a", []byte{1})
		}))
		got, _ = token("a")
		require.Equal(t, ledger.Token{Sealed: []byte{1}, Refused: true}, got)

		require.False(t, write(func(ctx context.Context, tx backend.Tx) (bool, error) {
			return ledger.ReplaceToken(ctx, tx, "a", []byte{2}, []byte{3})
		}))
		require.True(t, write(func(ctx context.Context, tx backend.Tx) (bool, error) {
			return ledger.ReplaceToken(ctx, tx, "a", []byte{1}, []byte{3})
		}))
		got, _ = token("a")
		require.Equal(t, ledger.Token{Sealed: []byte{3}}, got)
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropToken(ctx, tx, "a") })
		_, found = token("a")
		require.False(t, found)
		require.Equal(t, "synced_tokens a", ledger.TokenLock("a"))
	})
}
