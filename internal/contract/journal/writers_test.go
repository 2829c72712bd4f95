package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store/sqlite"
)

// replica is what a reader makes of the changes: tables of numbers, whose sum no
// transaction changes.
type replica struct {
	j    *journal.Journal
	at   int64
	rows map[string]map[journal.Key]string
	open int64 // what the transaction under way has added so far
}

// follow takes what is new, and looks at each change.
func (r *replica) follow(t *testing.T) {
	t.Helper()
	for c, err := range r.j.Changes(context.Background(), r.at) {
		require.NoError(t, err)
		require.Equal(t, r.at+1, c.Seq, "no gap, and none twice")
		r.at = c.Seq
		table := r.rows[c.Model]
		n, there := table[c.Key]
		number := func(row journal.Row) string { return fmt.Sprint(row["n"]) }
		var before, after int64
		switch c.Op {
		case journal.Create:
			require.False(t, there, "%v", c)
			table[c.Key] = number(c.New)
			after = whole(t, number(c.New))
		case journal.Update:
			require.True(t, there, "%v", c)
			require.Equal(t, n, number(c.Old))
			table[c.Key] = number(c.New)
			before, after = whole(t, n), whole(t, number(c.New))
		case journal.Delete:
			require.Equal(t, n, number(c.Old))
			delete(table, c.Key)
			before = whole(t, n)
		}
		if r.open += after - before; c.Last {
			require.Zero(t, r.open, "a transaction is whole")
		}
	}
	require.Zero(t, r.open)
}

func whole(t *testing.T, digits string) (n int64) {
	t.Helper()
	_, err := fmt.Sscan(digits, &n)
	require.NoError(t, err)
	return n
}

// executor runs the statements of one transaction of a writer.
type executor func(sql string) error

// pay moves one from one row to another, in two tables. Deleted rows leave their number to
// others.
func pay(exec executor, r *rand.Rand) error {
	first, second := r.IntN(5), r.IntN(5)
	steps := []string{fmt.Sprintf("UPDATE debits SET n = n - 1 WHERE id = %d", first)}
	if r.IntN(3) == 0 { // a part that is undone
		steps = append(steps, "SAVEPOINT half", fmt.Sprintf("UPDATE debits SET n = n + 1000 WHERE id = %d", first), "ROLLBACK TO SAVEPOINT half")
	}
	steps = append(steps, fmt.Sprintf("UPDATE credits SET n = n + 1 WHERE id = %d", second))
	if r.IntN(4) == 0 {
		id := 100 + r.IntN(1_000_000)
		steps = append(steps, fmt.Sprintf("INSERT INTO credits VALUES (%d, 1) ON CONFLICT DO NOTHING", -id), fmt.Sprintf("DELETE FROM credits WHERE id = %d", -id))
	}
	for _, s := range steps {
		if err := exec(s); err != nil {
			return err
		}
	}
	return nil
}

func TestContract_C303_Writers(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		for _, table := range []string{"debits", "credits"} {
			b.Execute(t, "CREATE TABLE "+table+" (id bigint PRIMARY KEY, n bigint)")
		}
		j := open(t, b, journal.Table{Name: "debits"}, journal.Table{Name: "credits"})
		for id := range 5 {
			in(t, b, fmt.Sprintf("INSERT INTO debits VALUES (%d, 0)", id), fmt.Sprintf("INSERT INTO credits VALUES (%d, 0)", id))
		}
		writers := []func(r *rand.Rand) error{}
		for range 4 {
			writers = append(writers, func(r *rand.Rand) error { return payIn(ctx, b, r) })
		}
		if b.File != nil { // transactions of this handle have no end that is marked
			app, err := sqlite.OpenDB(ctx, b.Column(t, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0])
			require.NoError(t, err)
			defer func() { require.NoError(t, app.Close()) }()
			writers = append(writers, func(r *rand.Rand) error {
				tx, err := app.BeginTx(ctx, nil)
				if err != nil {
					return err
				}
				defer func() { _ = tx.Rollback() }()
				err = pay(func(sql string) error { _, err := tx.ExecContext(ctx, sql); return err }, r)
				if err != nil || r.IntN(5) == 0 {
					return err
				}
				return tx.Commit()
			})
		}
		rounds := 60
		var work sync.WaitGroup
		failed := make(chan error, len(writers))
		for n, write := range writers {
			work.Go(func() {
				r := rand.New(rand.NewPCG(uint64(n), 1))
				for range rounds {
					if err := write(r); err != nil {
						failed <- err
						return
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { work.Wait(); close(done) }()
		reader := &replica{j: j, rows: map[string]map[journal.Key]string{"debits": {}, "credits": {}}}
		late := &replica{j: j, rows: map[string]map[journal.Key]string{"debits": {}, "credits": {}}}
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			reader.follow(t)
		}
		close(failed)
		require.NoError(t, <-failed)
		reader.follow(t)
		late.follow(t)
		require.Equal(t, reader.rows, late.rows)
		for table, rows := range reader.rows {
			var list []string
			for k, n := range rows {
				list = append(list, string(k)+n)
			}
			require.ElementsMatch(t, b.Column(t, "SELECT '[' || id || ']' || n FROM "+table), list)
		}
		require.Greater(t, reader.at, int64(300))
	})
}

// payIn pays in a transaction of the service's: some parts are undone, and some
// transactions are committed late or never.
func payIn(ctx context.Context, b *harness.Bundle, r *rand.Rand) error {
	if b.Pool == nil {
		tx, err := b.DB.Begin(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(ctx) }()
		exec := func(sql string) error { _, err := tx.Exec(ctx, squirrel.Expr(sql)); return err }
		if err := pay(exec, r); err != nil || r.IntN(5) == 0 {
			return err
		}
		return tx.Commit(ctx)
	}
	tx, err := b.Pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	exec := func(sql string) error { _, err := tx.Exec(ctx, sql); return err }
	if err := pay(exec, r); err != nil || r.IntN(5) == 0 {
		return err
	}
	if r.IntN(10) == 0 {
		time.Sleep(20 * time.Millisecond)
	}
	return tx.Commit(ctx)
}
