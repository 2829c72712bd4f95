package peer_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/store"
)

// reconsider tells a site's peer that the audience of posts changed.
func (s *site) reconsider(t *testing.T, titles ...string) {
	t.Helper()
	err := s.j.Transaction(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, title := range titles {
			key := journal.Key("[" + s.Column(t, "SELECT CAST(id AS text) FROM posts WHERE title = '"+title+"'")[0] + "]")
			if err := s.p.Reconsider(ctx, tx, "posts", key); err != nil {
				return err
			}
		}
		return s.p.Reconsider(ctx, tx, "posts", "[99]") // it is gone
	})
	require.NoError(t, err)
}

func TestContract_C314_Reconsider(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		var visible sync.Map
		mine := func(_ context.Context, c journal.Change, _ peer.Remote) (bool, error) {
			_, may := visible.Load(c.New["title"])
			return c.Model != "posts" || may, nil
		}
		center, field := newSite(t, handler, "center", peer.Config{Recipients: mine}), newSite(t, client, "one", peer.Config{})
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		center.Execute(t, "INSERT INTO posts (title) VALUES ('A'), ('B'), ('C'), ('D')")
		visible.Store("A", true)
		visible.Store("D", true)
		exchange(t, c)
		require.Equal(t, []string{"A of nobody, ", "D of nobody, "}, field.rows(t))
		visible.Delete("A")
		visible.Store("B", true)
		require.Zero(t, exchange(t, c).Pulled, "nobody told")
		center.reconsider(t, "A", "B", "C", "D")
		// Who changes a row meanwhile is in no conflict with that, whoever decides.
		field.Execute(t, "UPDATE posts SET body = 'mine' WHERE title = 'D'")
		exchange(t, c)
		require.Equal(t, []string{"B of nobody, ", "D of nobody, mine"}, field.rows(t))
		require.Contains(t, center.rows(t), "D of nobody, mine")
		field.reconsider(t, "D")
		center.Execute(t, "UPDATE posts SET body = 'ours' WHERE title = 'D'")
		exchange(t, c)
		exchange(t, c)
		require.True(t, exchange(t, c).Quiet())
		for _, s := range []*site{center, field} {
			require.Contains(t, s.rows(t), "D of nobody, ours")
			list, err := s.p.Conflicts(t.Context())
			require.NoError(t, err)
			require.Empty(t, list)
			s.sound(t)
		}
		visible.Store("A", true)
		center.reconsider(t, "A")
		exchange(t, c)
		require.Equal(t, []string{"A of nobody, ", "B of nobody, ", "D of nobody, ours"}, field.rows(t))

		err := center.j.Transaction(t.Context(), func(ctx context.Context, tx store.Tx) error { return center.p.Reconsider(ctx, tx, "pots", "[1]") })
		require.ErrorContains(t, err, `there is no model "pots"`)
	})
}
