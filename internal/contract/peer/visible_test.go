package peer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

func TestContract_C333_Recipients(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		mine := func(_ context.Context, c journal.Change, to peer.Remote) (bool, error) {
			return c.Model != "posts" || c.New["body"] == to.Name, nil
		}
		center, field := newSite(t, handler, "center", peer.Config{Recipients: mine}), newSite(t, client, "one", peer.Config{})
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		center.Execute(t, "INSERT INTO posts (title, body) VALUES ('A', 'one'), ('B', 'two'), ('C', 'two')")
		require.Equal(t, 1, exchange(t, c).Pulled)
		require.Equal(t, []string{"A of nobody, one"}, field.rows(t))

		// It becomes visible as a creation, with what was changed before, and is gone as a removal.
		center.Execute(t, "UPDATE posts SET stars = 4 WHERE title = 'B'")
		center.Execute(t, "UPDATE posts SET body = 'one', title = 'BB' WHERE title = 'B'")
		center.Execute(t, "UPDATE posts SET title = 'BBB' WHERE title = 'BB'")
		center.Execute(t, "UPDATE posts SET body = 'two' WHERE title = 'A'")
		exchange(t, c)
		require.Equal(t, []string{"BBB of nobody, one"}, field.rows(t))
		require.Equal(t, []string{"4"}, field.Column(t, "SELECT CAST(stars AS integer) FROM posts"))
		require.Len(t, center.rows(t), 3)

		// Again and again, and what the peer changes meanwhile is not lost.
		center.Execute(t, "UPDATE posts SET title = 'AA' WHERE title = 'A'")
		center.Execute(t, "UPDATE posts SET body = 'one' WHERE title = 'AA'")
		exchange(t, c)
		require.Equal(t, []string{"AA of nobody, one", "BBB of nobody, one"}, field.rows(t))
		field.Execute(t, "UPDATE posts SET title = 'AAA' WHERE title = 'AA'")
		exchange(t, c)
		require.Contains(t, center.rows(t), "AAA of nobody, one")
		center.Execute(t, "DELETE FROM posts WHERE title = 'C'")
		require.Zero(t, exchange(t, c).Pulled)
		center.Execute(t, "DELETE FROM posts")
		exchange(t, c)
		require.Empty(t, field.rows(t))
	})
}

func TestContract_C332_Authorize(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		guard := func(_ context.Context, c journal.Change, from peer.Remote) error {
			if c.Model == "posts" && (c.New["title"] == "secret" || c.Op == journal.Delete) && from.Name == "one" {
				return errors.New("one may not do that")
			}
			return nil
		}
		center, field := newSite(t, handler, "center", peer.Config{Authorize: guard}), newSite(t, client, "one", peer.Config{})
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		field.Execute(t, "INSERT INTO posts (title) VALUES ('secret'), ('public')")
		field.Execute(t, "INSERT INTO authors (name) VALUES ('Bob')")
		exchange(t, c)
		want := []string{"public of nobody, "}
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t), "what is refused is undone")
		require.Equal(t, []string{"Bob"}, center.Column(t, "SELECT name FROM authors"), "others go on")
		list, err := center.p.Failures(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.True(t, list[0].Refused)
		require.Equal(t, "one may not do that", list[0].Error)

		field.Execute(t, "UPDATE posts SET title = 'secret'")
		exchange(t, c)
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))
		field.Execute(t, "DELETE FROM posts")
		exchange(t, c)
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))
		exchange(t, c)
		require.True(t, exchange(t, c).Quiet())
	})
}
