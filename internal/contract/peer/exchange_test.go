package peer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

func TestContract_C320_Exchange(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))

		center.Execute(t, "INSERT INTO authors (name) VALUES ('nobody in particular'), ('Ada')")
		center.Execute(t, "INSERT INTO posts (author_id, title, body, stars, pinned, seen_at) VALUES (2, 'Engines', 'a', 12.5, true, '2026-01-02 03:04:05+00:00')")
		field.Execute(t, "INSERT INTO authors (name) VALUES ('Bob')")
		field.Execute(t, "INSERT INTO posts (author_id, title) VALUES (1, 'Fields')")
		field.Execute(t, "INSERT INTO tags (name, color) VALUES ('green', '#0f0')")
		field.Execute(t, "INSERT INTO labels (post_id, tag, weight) VALUES (1, 'green', 3)")
		r := exchange(t, c)
		require.Equal(t, []int{4, 3}, []int{r.Pushed, r.Pulled})
		want := []string{"Engines of Ada, a", "Fields of Bob, "}
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))
		weight := "SELECT weight || ' of ' || title FROM labels JOIN posts ON posts.id = post_id WHERE tag = 'green'"
		require.Equal(t, []string{"3 of Fields"}, center.Column(t, weight))

		center.Execute(t, "UPDATE posts SET body = 'changed there' WHERE title = 'Fields'")
		field.Execute(t, "UPDATE posts SET body = 'changed here', author_id = NULL WHERE title = 'Engines'")
		center.Execute(t, "UPDATE labels SET weight = 4")
		r = exchange(t, c)
		require.Equal(t, []int{1, 2}, []int{r.Pushed, r.Pulled})
		want = []string{"Engines of nobody, changed here", "Fields of Bob, changed there"}
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))
		require.Equal(t, []string{"4 of Fields"}, field.Column(t, weight))

		center.Execute(t, "DELETE FROM posts WHERE title = 'Fields'")
		exchange(t, c)
		require.Equal(t, want[:1], field.rows(t))
		require.Empty(t, field.Column(t, weight))
		r = exchange(t, c)
		require.True(t, r.Quiet(), "%+v", r)
	})
}
