package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

func TestContract_C309_OnlyAndExcept(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, table := range []string{"kept", "most", "named"} {
			b.Execute(t, "CREATE TABLE "+table+" (id bigint PRIMARY KEY, a text, b text)")
		}
		j := open(t, b,
			journal.Table{Name: "kept", Only: []journal.Op{journal.Create, journal.Delete}},
			journal.Table{Name: "most", Except: []journal.Op{journal.Delete}},
			journal.Table{Name: "named", OnlyColumns: []string{"a"}})
		for _, table := range []string{"kept", "most", "named"} {
			in(t, b, "INSERT INTO "+table+" VALUES (1, 'a', 'b')", "UPDATE "+table+" SET b = 'c'", "UPDATE "+table+" SET a = 'c', b = 'd'", "UPDATE "+table+" SET id = 2", "DELETE FROM "+table)
		}
		if b.Pool != nil {
			in(t, b, "TRUNCATE kept, most, named")
		}
		require.Equal(t, []string{
			"create kept [1]", "delete kept [1]", "create kept [2]", "delete kept [2]",
			"create most [1]", "update most [1]", "update most [1]", "create most [2]",
			"create named [1]", "update named [1]", "delete named [1]", "create named [2]", "delete named [2]",
		}, short(changes(t, j, 0)))
		for _, c := range changes(t, j, 8) {
			require.NotContains(t, c.New, "b")
			require.NotContains(t, c.Old, "b")
		}
	})
}

func TestContract_C310_Publish(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE posts (id bigint PRIMARY KEY, title text)")
		j := open(t, b, journal.Table{Name: "posts", Watch: journal.Published, Except: []journal.Op{journal.Update}})
		in(t, b, "INSERT INTO posts VALUES (9, 'not published')")
		key := journal.Row{"id": json.Number("1")}
		publish := func(tx store.Tx, op journal.Op) { t.Helper(); require.NoError(t, j.Publish(ctx, tx, "posts", op, key)) }
		if b.Pool != nil {
			own, err := b.Pool.Begin(ctx)
			require.NoError(t, err)
			_, err = own.Exec(ctx, "INSERT INTO posts VALUES (1, 'one')")
			require.NoError(t, err)
			publish(store.Tx(inOf(t, b, own)), journal.Create)
			require.NoError(t, own.Commit(ctx))
		} else {
			own, err := b.File.DB().BeginTx(ctx, nil)
			require.NoError(t, err)
			_, err = own.ExecContext(ctx, "INSERT INTO posts VALUES (1, 'one')")
			require.NoError(t, err)
			publish(b.File.In(own), journal.Create)
			require.NoError(t, own.Commit())
		}
		require.NoError(t, j.Transaction(ctx, func(ctx context.Context, tx store.Tx) error {
			publish(tx, journal.Update)
			publish(tx, journal.Delete)
			return nil
		}))
		in(t, b, "DELETE FROM posts WHERE id = 1")
		require.NoError(t, j.Transaction(ctx, func(ctx context.Context, tx store.Tx) error {
			publish(tx, journal.Delete)
			require.ErrorContains(t, j.Publish(ctx, tx, "posts", journal.Create, key), "there is no such row")
			require.ErrorContains(t, j.Publish(ctx, tx, "posts", journal.Create, journal.Row{}), `lacks column "id"`)
			require.ErrorContains(t, j.Publish(ctx, tx, "pots", journal.Create, key), `"pots" has no journal`)
			return j.Off(ctx, tx, func(ctx context.Context) error { return j.Publish(ctx, tx, "posts", journal.Delete, key) })
		}))
		failed := j.Transaction(ctx, func(ctx context.Context, tx store.Tx) error {
			publish(tx, journal.Delete)
			return fmt.Errorf("undone")
		})
		require.ErrorContains(t, failed, "undone")
		require.Equal(t, []string{
			`create posts[1] {"new":{"id":1,"title":"one"},"old":null}`,
			`delete posts[1] {"new":null,"old":{"id":1,"title":"one"}}`,
			`delete posts[1] {"new":null,"old":{"id":1}}`,
		}, briefs(changes(t, j, 0)))
	})
}

func TestContract_C311_Compare(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE items (shop text, id bigint, name text, price double precision, PRIMARY KEY (shop, id))")
		j := open(t, b, journal.Table{Name: "items", Watch: journal.Compared})
		compare := func(want int) (list []journal.Change) {
			t.Helper()
			at := last(t, j)
			n, err := j.Compare(ctx)
			require.NoError(t, err)
			require.Equal(t, want, n)
			list = changes(t, j, at)
			require.Len(t, list, want)
			for _, c := range list {
				require.Equal(t, list[0].Tx, c.Tx)
			}
			return list
		}
		compare(0)
		var rows []string
		for id := range 600 {
			rows = append(rows, fmt.Sprintf("('s0', %d, 'x', 0.1), ('s1', %[1]d, 'x', 0.1)", id))
		}
		in(t, b, "INSERT INTO items VALUES "+strings.Join(rows, ", "))
		compare(1200)
		compare(0)
		in(t, b, "UPDATE items SET name = 'y' WHERE id = 5", "DELETE FROM items WHERE id = 599 OR shop = 's0' AND id = 3", "INSERT INTO items VALUES ('s9', 1, 'new', NULL)", "UPDATE items SET name = name")
		list := compare(6)
		require.ElementsMatch(t, []string{
			`update items["s0",5] {"new":{"name":"y"},"old":null}`, `update items["s1",5] {"new":{"name":"y"},"old":null}`,
			`create items["s9",1] {"new":{"id":1,"name":"new","price":null,"shop":"s9"},"old":null}`,
			`delete items["s0",3] {"new":null,"old":{"id":3,"shop":"s0"}}`, `delete items["s0",599] {"new":null,"old":{"id":599,"shop":"s0"}}`, `delete items["s1",599] {"new":null,"old":{"id":599,"shop":"s1"}}`,
		}, briefs(list))
		for _, c := range list {
			require.Len(t, c.Bases, map[journal.Op]int{journal.Create: 0, journal.Update: 1, journal.Delete: 1}[c.Op])
		}
		compare(0)
	})
}

func TestContract_C312_Prune(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY, body text)")
		j := open(t, b, journal.Table{Name: "notes"})
		in(t, b, "INSERT INTO notes VALUES (1, 'a')", "INSERT INTO notes VALUES (2, 'b')")
		in(t, b, "DELETE FROM notes WHERE id = 2")
		in(t, b, "UPDATE notes SET body = 'c'")
		list := changes(t, j, 0)
		prune := func(upTo int64, before time.Time, want int64) {
			t.Helper()
			n, err := j.Prune(ctx, upTo, before)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		prune(1, time.Time{}, 0) // within a transaction
		prune(4, list[0].At.Add(-time.Hour), 0)
		prune(3, list[0].At.Add(time.Hour), 3)
		require.Equal(t, list[3:], changes(t, j, 3))
		for _, err := range j.Changes(ctx, 2) {
			require.ErrorIs(t, err, journal.ErrPruned)
		}
		_, found, err := j.Version(ctx, b.DB, "notes", "[2]")
		require.NoError(t, err)
		require.False(t, found, "a row that was deleted is forgotten")
		s, found, err := j.Version(ctx, b.DB, "notes", "[1]")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, list[3].Version, s.Version)
		prune(9, time.Time{}, 1)
		require.Empty(t, changes(t, j, 4))
		in(t, b, "UPDATE notes SET body = 'd'")
		list = changes(t, j, 4)
		require.Len(t, list, 1)
		require.Equal(t, int64(5), list[0].Seq)
		require.Equal(t, []journal.Version{s.Version}, list[0].Bases)
		for _, err := range j.Changes(ctx, 3) {
			require.ErrorIs(t, err, journal.ErrPruned)
		}
	})
}

func TestContract_C313_NewInstallation(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "CREATE TABLE notes (id bigint PRIMARY KEY)")
		old := open(t, b, journal.Table{Name: "notes"})
		in(t, b, "INSERT INTO notes VALUES (1)")
		require.Len(t, changes(t, old, 0), 1)
		guid, err := journal.NewInstallation(t.Context(), b.DB)
		require.NoError(t, err)
		require.NotEqual(t, old.GUID(), guid)
		j := open(t, b, journal.Table{Name: "notes"})
		require.Equal(t, guid, j.GUID())
		in(t, b, "INSERT INTO notes VALUES (2)")
		list := changes(t, j, 0)
		require.Equal(t, []string{old.GUID(), guid}, []string{list[0].Origin, list[1].Origin})
	})
}
