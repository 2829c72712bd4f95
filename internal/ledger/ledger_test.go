package ledger_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var (
	rentals = &backend.Table{Name: "rentals", Scope: "account_id"}
	photos  = &backend.Table{Name: "photos"}

	one   = ledger.ScopeOf(rentals, int64(1))
	two   = ledger.ScopeOf(rentals, int64(2))
	whole = ledger.ScopeOf(photos, nil)
	every = ledger.EveryScope("rentals")

	noon = time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)
)

// onBoth runs a test on both stores. Their own tables have other names than by default.
func onBoth(t *testing.T, test func(t *testing.T, db backend.Store)) {
	t.Helper()
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) backend.Store{
		"postgres": func(t *testing.T) backend.Store {
			return postgres.New(testdb.Postgres(t), postgres.Options{Schema: `it's "ours"`}).Backend()
		},
		"sqlite": func(t *testing.T) backend.Store {
			db, err := sqlite.Open(t.Context(), testdb.SQLite(t), sqlite.Options{Prefix: `it's "ours"? `})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db.Backend()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			require.NoError(t, db.Migrate(t.Context()))
			test(t, db)
		})
	}
}

// in runs work in a transaction.
func in(t *testing.T, db backend.Store, work func(ctx context.Context, tx backend.Tx) error) {
	t.Helper()
	require.NoError(t, backend.InTx(t.Context(), db, work))
}

// ids are remote ids, integers.
func ids(numbers ...int64) []backend.ID {
	list := []backend.ID{}
	for _, n := range numbers {
		list = append(list, backend.IntID(n))
	}
	return list
}

func TestScope(t *testing.T) {
	t.Parallel()
	require.Equal(t, ledger.Scope{Model: "rentals", Type: "account_id", ID: "1"}, one)
	require.Equal(t, ledger.Scope{Model: "photos"}, whole)
	require.NotEqual(t, ledger.ScopeOf(rentals, nil), every)
	require.NotEqual(t, ledger.ScopeOf(rentals, nil), ledger.ScopeOf(rentals, ""))
	require.Equal(t, `run "rentals" "account_id" "it's \"1\""`, ledger.ScopeOf(rentals, `it's "1"`).Lock())
}

// Stale scopes are read in parts, those without a success first.
func TestEachStale(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		storetest.Exec(t, db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)"+
			" INSERT INTO {synced_runs} (model, scope_type, scope_id, number, attempted_at, succeeded_at, error)"+
			" SELECT 'rentals', 'account_id', CAST(i AS text), 1, ?, ?, '' FROM n", noon, noon)
		storetest.Exec(t, db, "UPDATE {synced_runs} SET succeeded_at = NULL WHERE CAST(scope_id AS integer) <= 1100")
		seen := map[string]bool{}
		list := []bool{}
		for r, err := range ledger.EachStale(t.Context(), db, noon.Add(time.Second)) {
			require.NoError(t, err)
			seen[r.ID] = true
			list = append(list, r.Succeeded.IsZero())
		}
		require.Len(t, seen, 2100)
		require.Len(t, list, 2100)
		require.True(t, list[0] && list[1099])
		require.False(t, list[1100] || list[2099])
		for range ledger.EachStale(t.Context(), db, noon.Add(time.Second)) {
			break
		}
		n := 0
		for r, err := range ledger.EachStale(t.Context(), db, noon) {
			require.NoError(t, err)
			require.Zero(t, r.Succeeded)
			n++
		}
		require.Equal(t, 1100, n)
	})
}

func TestRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		run := func(s ledger.Scope) (found ledger.Run) {
			list, err := ledger.RunsOf(t.Context(), db, s)
			require.NoError(t, err)
			for _, r := range list {
				require.Equal(t, s, r.Scope)
				found = r.Run
			}
			return found
		}
		require.Zero(t, run(one))
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return began(ctx, tx, one, noon.Add(999)) })
		require.Equal(t, ledger.Run{Attempted: noon}, run(one), "cut to microseconds")
		require.Zero(t, run(two))

		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return ledger.RunSucceeded(ctx, tx, one, noon.Add(time.Second), noon.Add(2*time.Second))
		})
		r := run(one)
		require.WithinDuration(t, time.Now(), r.Ended, time.Minute)
		require.Equal(t, ledger.Run{Attempted: noon, Ended: r.Ended, Succeeded: noon.Add(time.Second), Completed: noon.Add(2 * time.Second)}, r)

		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			if err := began(ctx, tx, one, noon.Add(time.Hour)); err != nil {
				return err
			}
			return ledger.RunFailed(ctx, tx, one, "no answer", noon.Add(2*time.Hour))
		})
		r = run(one)
		require.Equal(t, ledger.Run{Attempted: noon.Add(time.Hour), Ended: r.Ended, Succeeded: noon.Add(time.Second), Completed: noon.Add(2 * time.Second),
			NotBefore: noon.Add(2 * time.Hour), Error: "no answer"}, r)

		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return began(ctx, tx, one, noon.Add(2*time.Hour))
		})
		require.Zero(t, run(one).Ended)
		require.Equal(t, "no answer", run(one).Error, "that of the last run that ended")
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return ledger.RunSucceeded(ctx, tx, one, time.Time{}, time.Time{})
		})
		r = run(one)
		require.Equal(t, ledger.Run{Attempted: noon.Add(2 * time.Hour), Ended: r.Ended, Succeeded: noon.Add(time.Second), Completed: noon.Add(2 * time.Second)}, r)
	})
}

func TestPasses(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		p := ledger.Pass{Shape: "s", Position: "page 3", Known: `{"a":1}`, Began: noon, Recorded: noon.Add(time.Minute)}
		put := func(s ledger.Scope, p ledger.Pass) {
			in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.PutPass(ctx, tx, s, p) })
		}
		_, found, err := ledger.PassOf(t.Context(), db, one)
		require.NoError(t, err)
		require.False(t, found)
		put(one, ledger.Pass{Began: noon})
		put(one, p)
		put(two, p)
		put(whole, p)
		got, found, err := ledger.PassOf(t.Context(), db, one)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, p, got)

		drop := func(s ledger.Scope) (n int64) {
			in(t, db, func(ctx context.Context, tx backend.Tx) (err error) {
				n, err = ledger.ResetPass(ctx, tx, s)
				return err
			})
			return n
		}
		require.Equal(t, int64(1), drop(one))
		require.Equal(t, int64(0), drop(one))
		put(one, p)
		require.Equal(t, int64(2), drop(every))
		require.Equal(t, int64(1), drop(whole))
	})
}

// began begins a run.
func began(ctx context.Context, tx backend.Tx, s ledger.Scope, at time.Time) error {
	_, err := ledger.RunBegan(ctx, tx, s, at)
	return err
}

func TestCompany(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		check := func(want ledger.Company) {
			t.Helper()
			in(t, db, func(ctx context.Context, tx backend.Tx) error {
				got, err := ledger.CompanyOf(ctx, tx, one)
				require.Equal(t, want, got)
				return err
			})
			in(t, db, func(ctx context.Context, tx backend.Tx) error {
				number, err := ledger.LastRun(ctx, tx, one)
				require.Equal(t, want.Number, number)
				return err
			})
			_, got, err := ledger.PassOf(t.Context(), db, one)
			require.NoError(t, err)
			require.Equal(t, want.Pass, got)
		}
		check(ledger.Company{})
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return began(ctx, tx, two, noon) })
		check(ledger.Company{})
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return began(ctx, tx, one, noon) })
		check(ledger.Company{Number: 1, Run: true})
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return ledger.RunFailed(ctx, tx, one, "x", time.Time{})
		})
		check(ledger.Company{Number: 1})
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			return ledger.PutPass(ctx, tx, one, ledger.Pass{Began: noon})
		})
		check(ledger.Company{Number: 1, Pass: true})
		for _, which := range []ledger.Scope{one, every} {
			in(t, db, func(ctx context.Context, tx backend.Tx) error {
				underWay, err := ledger.RunReset(ctx, tx, which)
				require.Equal(t, which == every, underWay, "that of two")
				return err
			})
		}
		check(ledger.Company{Number: 3, Pass: true})
	})
}

func TestSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		seen := func(s ledger.Scope) (keys []uint64) {
			require.NoError(t, ledger.EachSeen(t.Context(), db, s, func(key uint64) { keys = append(keys, key) }))
			return keys
		}
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			for _, keys := range [][]uint64{{3, 1, 1<<64 - 1}, nil, {2, 3}} {
				if err := ledger.AddSeen(ctx, tx, one, keys); err != nil {
					return err
				}
			}
			return ledger.AddSeen(ctx, tx, two, []uint64{9})
		})
		require.ElementsMatch(t, []uint64{1, 3, 1<<64 - 1, 2, 3}, seen(one))
		require.Equal(t, []uint64{9}, seen(two))
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropPass(ctx, tx, one) })
		require.Empty(t, seen(one))
		require.Equal(t, []uint64{9}, seen(two))
		storetest.Exec(t, db, "UPDATE {synced_seen} SET ids = ?", []byte{0x80})
		err := ledger.EachSeen(t.Context(), db, two, func(uint64) {})
		require.EqualError(t, err, "read synced_seen: the packed ids are damaged: delete the rows of this scope, and the pass begins again")
	})
}

func TestBeside(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		do := func(what func(ctx context.Context, tx backend.Tx) error) { t.Helper(); in(t, db, what) }
		check := func(number int64, wrote bool, want ...uint64) {
			t.Helper()
			var keys []uint64
			require.NoError(t, ledger.EachBeside(t.Context(), db, one, number, func(key uint64) { keys = append(keys, key) }))
			require.ElementsMatch(t, want, keys)
			got, err := ledger.WroteBeside(t.Context(), db, one, number)
			require.NoError(t, err)
			require.Equal(t, wrote, got)
		}
		do(func(ctx context.Context, tx backend.Tx) error { return began(ctx, tx, one, noon) })
		do(func(ctx context.Context, tx backend.Tx) error { return ledger.AddSeen(ctx, tx, one, []uint64{1}) })
		check(0, false)
		do(func(ctx context.Context, tx backend.Tx) error { return ledger.AddBeside(ctx, tx, one, 1, []uint64{2}) })
		do(func(ctx context.Context, tx backend.Tx) error { return ledger.AddBeside(ctx, tx, one, 2, nil) })
		check(0, true, 2)
		check(1, true, 2)
		check(2, true)
		check(3, false)
		do(func(ctx context.Context, tx backend.Tx) error { _, err := ledger.ResetPass(ctx, tx, one); return err })
		check(0, true, 2)
		do(func(ctx context.Context, tx backend.Tx) error {
			return ledger.PutPass(ctx, tx, one, ledger.Pass{Began: noon})
		})
		do(func(ctx context.Context, tx backend.Tx) error { return began(ctx, tx, one, noon) })
		check(0, true, 2)
		do(func(ctx context.Context, tx backend.Tx) error { _, err := ledger.ResetPass(ctx, tx, one); return err })
		do(func(ctx context.Context, tx backend.Tx) error { return began(ctx, tx, one, noon) })
		check(0, false)
	})
}

func TestValidators(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		validator := func(s ledger.Scope, shape string) string {
			v, err := ledger.ValidatorOf(t.Context(), db, s, shape)
			require.NoError(t, err)
			return v
		}
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			for _, v := range []string{"v1", "v2"} {
				if err := ledger.PutValidator(ctx, tx, one, v, "shape"); err != nil {
					return err
				}
			}
			return ledger.PutValidator(ctx, tx, two, "v3", "shape")
		})
		require.Equal(t, "v2", validator(one, "shape"))
		require.Empty(t, validator(one, "other"))
		require.Equal(t, "v3", validator(two, "shape"))
		drop := func(s ledger.Scope) (n int64) {
			in(t, db, func(ctx context.Context, tx backend.Tx) (err error) {
				n, err = ledger.DropValidator(ctx, tx, s)
				return err
			})
			return n
		}
		require.Equal(t, int64(1), drop(one))
		require.Equal(t, int64(1), drop(every))
		require.Empty(t, validator(two, "shape"))
	})
}

func TestTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, db backend.Store) {
		last := func(s ledger.Scope) time.Time {
			at, err := ledger.TimeOf(t.Context(), db, s)
			require.NoError(t, err)
			require.Zero(t, at.From)
			return at.At
		}
		require.Zero(t, last(one))
		in(t, db, func(ctx context.Context, tx backend.Tx) error {
			for _, hours := range []time.Duration{1, 3, 2} {
				if err := ledger.SaveTime(ctx, tx, one, ledger.Time{At: noon.Add(hours * time.Hour)}, "remote"); err != nil {
					return err
				}
			}
			return ledger.SaveTime(ctx, tx, whole, ledger.Time{At: noon}, "date")
		})
		require.Equal(t, noon.Add(3*time.Hour), last(one))
		require.Zero(t, last(two))
		var n int64
		in(t, db, func(ctx context.Context, tx backend.Tx) (err error) {
			n, err = ledger.PruneTimes(ctx, tx, time.Now().Add(time.Hour))
			return err
		})
		require.Equal(t, int64(2), n)
		require.Equal(t, noon.Add(3*time.Hour), last(one))
		in(t, db, func(ctx context.Context, tx backend.Tx) error { return ledger.DropTimes(ctx, tx, every) })
		require.Zero(t, last(one))
		require.Equal(t, noon, last(whole))
	})
}
