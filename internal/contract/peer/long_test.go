package peer_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/store"
)

// A long transaction has rows that refer to others of it, near and far, some of which it deletes
// and makes again.
func TestContract_C292_LongTransactions(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		// So that rows have other keys there.
		center.Execute(t, "INSERT INTO authors (name) VALUES ('Ada'), ('Bob'), ('Eve')")
		center.Execute(t, "INSERT INTO posts (author_id, title) VALUES (3, 'old')")

		const n = 80
		numbers := fmt.Sprintf("(WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < %d) SELECT n FROM g) AS g", n)
		require.NoError(t, field.j.Transaction(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for _, statement := range []string{
				"INSERT INTO authors (name) SELECT 'author ' || n FROM " + numbers,
				"INSERT INTO posts (author_id, title) SELECT n, 'post ' || n FROM " + numbers,
				"INSERT INTO tags (name) VALUES ('green')",
				"INSERT INTO labels (post_id, tag, weight) SELECT n, 'green', n FROM " + numbers,
				"DELETE FROM labels WHERE post_id > 70",
				"DELETE FROM posts WHERE id > 70",
				"UPDATE posts SET author_id = 1, body = 'moved' WHERE id <= 3",
				"INSERT INTO posts (author_id, title) SELECT n, 'again ' || n FROM " + numbers + " WHERE n > 70",
				"UPDATE labels SET weight = 7 WHERE post_id = 1",
			} {
				if _, err := tx.Exec(ctx, squirrel.Expr(statement)); err != nil {
					return err
				}
			}
			return nil
		}))
		require.True(t, exchange(t, c).Pushed > 3*n)
		require.Len(t, center.rows(t), n+1)
		require.Equal(t, center.rows(t), field.rows(t))
		labels := "SELECT title || ' ' || weight FROM labels JOIN posts ON posts.id = post_id ORDER BY 1"
		require.Len(t, center.Column(t, labels), 70)
		require.Equal(t, field.Column(t, labels), center.Column(t, labels))

		center.Execute(t, "UPDATE posts SET body = 'seen', author_id = NULL WHERE title = 'post 1'")
		exchange(t, c)
		require.Equal(t, center.rows(t), field.rows(t))
		require.True(t, exchange(t, c).Quiet())
	})
}
