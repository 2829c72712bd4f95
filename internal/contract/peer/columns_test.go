package peer_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote"
)

func TestContract_C330_Columns(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center := newSite(t, handler, "center", peer.Config{Models: []peer.Model{{Table: "posts", Except: []string{"stars"}}, {Table: "authors"}, {Table: "labels"}, {Table: "tags", SameKeys: true}}})
		field := newSite(t, client, "one", peer.Config{})
		field.Execute(t, "ALTER TABLE authors ADD COLUMN town text")
		require.NoError(t, field.j.Install(t.Context()))
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		field.Execute(t, "INSERT INTO authors (name, town) VALUES ('Ada', 'Paris')")
		field.Execute(t, "INSERT INTO posts (title, stars) VALUES ('A', 3)")
		center.Execute(t, "INSERT INTO posts (title, stars) VALUES ('B', 4)")
		exchange(t, c)
		stars := "SELECT title || coalesce(CAST(CAST(stars AS integer) AS text), '') FROM posts ORDER BY 1"
		require.Equal(t, []string{"A", "B4"}, center.Column(t, stars))
		require.Equal(t, []string{"A3", "B"}, field.Column(t, stars))
		require.Equal(t, []string{"Ada"}, center.Column(t, "SELECT name FROM authors"))
		center.Execute(t, "UPDATE posts SET stars = 5, body = 'x'")
		center.Execute(t, "UPDATE authors SET name = 'Eve'")
		exchange(t, c)
		require.Equal(t, []string{"A3", "B"}, field.Column(t, stars))
		require.Equal(t, []string{"Eve of Paris"}, field.Column(t, "SELECT name || ' of ' || town FROM authors"))

		// What is declared wrongly is an error that says what to do.
		for want, list := range map[string][]peer.Model{
			"add the model":        {{Table: "posts"}},
			"no table":             {{Table: "nothing"}},
			"declared twice":       {{Table: "tags", SameKeys: true}, {Table: "tags", SameKeys: true}},
			"set SameKeys":         {{Table: "tags"}},
			"is no model":          {{Table: "tags", SameKeys: true, References: map[string]string{"color": "colors"}}},
			"of the primary key":   {{Table: "authors", Except: []string{"id"}}},
			"two models have":      {{Table: "authors"}, {Table: "tags", SameKeys: true, Name: "authors"}},
			"list those that are ": {},
		} {
			_, err := peer.New(t.Context(), center.DB, center.j, peer.Config{Models: list})
			require.ErrorContains(t, err, want)
		}

		// A transaction comes in pieces, and nobody sees one of them.
		b, err := center.p.Changes(t.Context(), peer.Remote{GUID: "another"}, -1)
		require.NoError(t, err)
		require.NotEmpty(t, b.Changes)
		from := peer.Remote{GUID: "piece-by-piece", Name: "x"}
		_, err = field.p.Meet(t.Context(), from, peer.Hello{Protocol: peer.Protocol, GUID: from.GUID}, true)
		require.NoError(t, err)
		first := b.Changes[0]
		first.Last = false
		first.Model, first.Row, first.Op = "tags", peer.Name{Key: []peer.Part{{Text: "red"}}}, "create"
		first.New, first.Old, first.Rows, first.Seq = map[string]remote.Value{"name": remote.Value(`"red"`)}, nil, peer.Rows{}, 1
		second := first
		second.Seq, second.Last, second.Row, second.New = 2, true, peer.Name{Key: []peer.Part{{Text: "blue"}}}, map[string]remote.Value{"name": remote.Value(`"blue"`)}
		r, err := field.p.Accept(t.Context(), from, &peer.Batch{After: -1, Upto: 1, Changes: []peer.Change{first}})
		require.NoError(t, err)
		require.Equal(t, []int64{1, 0}, []int64{r.Received, r.Processed})
		require.Empty(t, field.Column(t, "SELECT name FROM tags"))
		_, err = field.p.Accept(t.Context(), from, &peer.Batch{After: 1, Upto: 2, Changes: []peer.Change{second}})
		require.NoError(t, err)
		require.Equal(t, []string{"blue", "red"}, field.Column(t, "SELECT name FROM tags ORDER BY name"))
	})
}

func TestContract_C337_CleanUpAndCopies(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		srv := center.serve(t, peer.HandlerConfig{})
		center.Execute(t, "INSERT INTO posts (title) VALUES ('A')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('B')")
		exchange(t, field.client(t, srv))
		require.NoError(t, center.p.CleanUp(t.Context(), time.Nanosecond))
		require.NoError(t, field.p.CleanUp(t.Context(), time.Hour))
		for _, table := range []string{"synced_peer_inbox", "synced_journal"} {
			require.Equal(t, []string{"1"}, field.Column(t, "SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 0 END FROM "+table))
		}
		require.Equal(t, []string{"0"}, center.Column(t, "SELECT count(*) FROM synced_peer_inbox"))
		center.Execute(t, "UPDATE posts SET body = 'x' WHERE title = 'B'")
		exchange(t, field.client(t, srv))
		require.Contains(t, field.rows(t), "B of nobody, x")

		// A copy of a database becomes an installation of its own, whose rows keep their names.
		before := field.p.GUID()
		_, err := journal.NewInstallation(t.Context(), field.DB)
		require.NoError(t, err)
		field.open(t, peer.Config{})
		require.NotEqual(t, before, field.p.GUID())
		field.Execute(t, "UPDATE posts SET body = 'of the copy'")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('C')")
		c := field.client(t, srv)
		require.NoError(t, c.Drain(t.Context()))
		want := []string{"A of nobody, of the copy", "B of nobody, of the copy", "C of nobody, "}
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))
	})
}

func TestContract_C316_ColumnsThatAreNotExchangedAreInNoConflict(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		own := models(nil)
		own[1].Except = []string{"stars"}
		policy := peer.Keep
		own[1].Conflicts = func(ctx context.Context, c peer.Conflict) (peer.Decision, error) { return policy(ctx, c) }
		p := &pair{center: newSite(t, handler, "center", peer.Config{Models: own}), field: newSite(t, client, "one", peer.Config{Models: own})}
		p.c = p.field.client(t, p.center.serve(t, peer.HandlerConfig{}))
		p.center.Execute(t, "INSERT INTO posts (title, stars) VALUES ('A', 1)")
		p.agree(t, "A of nobody, ")
		p.center.Execute(t, "UPDATE posts SET stars = 2")
		p.field.Execute(t, "UPDATE posts SET body = 'x'")
		p.agree(t, "A of nobody, x")
		p.center.Execute(t, "UPDATE posts SET body = 'y'")
		p.field.Execute(t, "UPDATE posts SET stars = 7")
		p.agree(t, "A of nobody, y")
		policy = peer.RemoteWins
		p.center.Execute(t, "UPDATE posts SET body = 'ours', stars = 3")
		p.field.Execute(t, "UPDATE posts SET body = 'theirs'")
		p.agree(t, "A of nobody, theirs")
		require.Equal(t, []string{"3"}, p.center.Column(t, "SELECT CAST(stars AS integer) FROM posts"))
		require.Equal(t, []string{"7"}, p.field.Column(t, "SELECT CAST(stars AS integer) FROM posts"))
	})
}
