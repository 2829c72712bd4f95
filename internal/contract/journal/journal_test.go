package journal_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// open makes a journal of tables, with its triggers.
func open(t testing.TB, b *harness.Bundle, tables ...journal.Table) *journal.Journal {
	t.Helper()
	j, err := journal.Open(context.Background(), b.DB, journal.Config{Tables: tables})
	require.NoError(t, err)
	require.NoError(t, j.Install(context.Background()))
	return j
}

// changes reads all changes after a position.
func changes(t testing.TB, j *journal.Journal, after int64) (list []journal.Change) {
	t.Helper()
	for c, err := range j.Changes(context.Background(), after) {
		require.NoError(t, err)
		list = append(list, c)
	}
	return list
}

// in runs statements in one transaction.
func in(t testing.TB, b *harness.Bundle, statements ...string) {
	t.Helper()
	ctx := context.Background()
	tx, err := b.DB.Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	for _, s := range statements {
		_, err := tx.Exec(ctx, squirrel.Expr(s))
		require.NoError(t, err, s)
	}
	require.NoError(t, tx.Commit(ctx))
}

// brief is what a test looks at of a change.
func brief(c journal.Change) string {
	text, _ := json.Marshal(map[string]any{"new": c.New, "old": c.Old})
	return string(c.Op) + " " + c.Model + string(c.Key) + " " + string(text)
}

func briefs(list []journal.Change) (texts []string) {
	for _, c := range list {
		texts = append(texts, brief(c))
	}
	return texts
}

func TestContract_C300_Changes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY, body text, stars integer)")
		j := open(t, b, journal.Table{Name: "notes"})
		in(t, b, "INSERT INTO notes VALUES (1, 'one', 5)", "INSERT INTO notes VALUES (2, 'two', NULL)")
		in(t, b, "UPDATE notes SET body = 'eins' WHERE id = 1", "UPDATE notes SET body = body")
		in(t, b, "UPDATE notes SET id = 3 WHERE id = 2")
		in(t, b, "DELETE FROM notes WHERE id = 1")
		list := changes(t, j, 0)
		require.Equal(t, []string{
			`create notes[1] {"new":{"body":"one","id":1,"stars":5},"old":null}`,
			`create notes[2] {"new":{"body":"two","id":2,"stars":null},"old":null}`,
			`update notes[1] {"new":{"body":"eins"},"old":{"body":"one"}}`,
			`delete notes[2] {"new":null,"old":{"body":"two","id":2,"stars":null}}`,
			`create notes[3] {"new":{"body":"two","id":3,"stars":null},"old":null}`,
			`delete notes[1] {"new":null,"old":{"body":"eins","id":1,"stars":5}}`,
		}, briefs(list))
		var txs []int64
		for i, c := range list {
			txs = append(txs, c.Tx)
			require.Equal(t, int64(i+1), c.Seq)
			require.Equal(t, i+1 == len(list) || list[i+1].Tx != c.Tx, c.Last)
			require.Equal(t, j.GUID(), c.Origin)
			require.Equal(t, c.Seq, c.OriginSeq)
			require.Empty(t, c.Via)
		}
		require.Equal(t, []int64{1, 1, 2, 3, 3, 4}, txs)
		require.Equal(t, []journal.Version{list[0].Version}, list[2].Bases)
		require.Equal(t, []journal.Version{list[2].Version}, list[5].Bases)
		require.Empty(t, list[0].Bases)
		require.Equal(t, briefs(list[3:]), briefs(changes(t, j, 3)))
		require.Empty(t, changes(t, j, 6))
	})
}

func TestContract_C301_Replay(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY, body text)")
		j := open(t, b, journal.Table{Name: "notes"})
		in(t, b, "INSERT INTO notes VALUES (1, 'one')")
		given := journal.Version{Time: 1 << 60, Origin: "other"}
		replay := journal.Replayed{Model: "notes", Key: "[1]", Via: "hub", Origin: "other", OriginSeq: 77, Version: given, Bases: []journal.Version{{Time: 5, Origin: "x"}}}
		require.NoError(t, j.Transaction(ctx, func(ctx context.Context, tx store.Tx) error {
			err := j.Replay(ctx, tx, replay, func(ctx context.Context) error {
				_, err := tx.Exec(ctx, squirrel.Expr("UPDATE notes SET body = 'theirs'"))
				require.NoError(t, err)
				_, err = tx.Exec(ctx, squirrel.Expr("INSERT INTO notes VALUES (2, 'cascaded')"))
				return err
			})
			require.NoError(t, err)
			s, found, err := j.Version(ctx, tx, "notes", "[1]")
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, given, s.Version)
			if err := j.Off(ctx, tx, func(ctx context.Context) error {
				_, err := tx.Exec(ctx, squirrel.Expr("INSERT INTO notes VALUES (3, 'off')"))
				return err
			}); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, squirrel.Expr("UPDATE notes SET body = 'ours' WHERE id = 1"))
			return err
		}))
		before, _, err := j.Version(ctx, b.DB, "notes", "[1]")
		require.NoError(t, err)
		list := changes(t, j, 1)
		require.Equal(t, []string{
			`update notes[1] {"new":{"body":"theirs"},"old":{"body":"one"}}`,
			`create notes[2] {"new":{"body":"cascaded","id":2},"old":null}`,
			`update notes[1] {"new":{"body":"ours"},"old":{"body":"theirs"}}`,
		}, briefs(list))
		require.Equal(t, []any{"other", int64(77), "hub", given, replay.Bases}, []any{list[0].Origin, list[0].OriginSeq, list[0].Via, list[0].Version, list[0].Bases})
		require.Equal(t, []any{j.GUID(), int64(3), ""}, []any{list[1].Origin, list[1].OriginSeq, list[1].Via})
		require.Equal(t, []any{j.GUID(), int64(4), "", []journal.Version{given}}, []any{list[2].Origin, list[2].OriginSeq, list[2].Via, list[2].Bases})
		require.Greater(t, list[2].Version.Time, given.Time)
		after, found, err := j.Version(ctx, b.DB, "notes", "[1]")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, before, after)
		require.Equal(t, list[2].Version, after.Version)
	})
}
