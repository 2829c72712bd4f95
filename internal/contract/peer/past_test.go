package peer_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

func TestContract_C400_RowsAreKnownBeforeADecision(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		policy := func(_ context.Context, c peer.Conflict) (peer.Decision, error) {
			if c.Theirs["body"] == "of two" {
				return peer.Ours, nil
			}
			return peer.Theirs, nil
		}
		config := peer.Config{Models: models(policy)}
		var parts atomic.Int64
		asked := peer.Config{Models: config.Models, Recipients: func(_ context.Context, c journal.Change, _ peer.Remote) (bool, error) {
			if c.New["title"] == nil {
				parts.Add(1)
			}
			return true, nil
		}}
		center, one, two := newSite(t, handler, "center", asked), newSite(t, client, "one", config), newSite(t, client, "two", config)
		srv := center.serve(t, peer.HandlerConfig{})
		ones, twos := one.client(t, srv), two.client(t, srv)
		center.Execute(t, "INSERT INTO posts (title) VALUES ('a')")
		exchange(t, ones)
		exchange(t, twos)

		// A decision leaves the row deleted, and another one brings it back, with all its columns.
		center.Execute(t, "UPDATE posts SET stars = 1")
		center.Execute(t, "DELETE FROM posts")
		one.Execute(t, "UPDATE posts SET body = 'of one'")
		two.Execute(t, "UPDATE posts SET body = 'of two'")
		exchange(t, twos)
		require.Empty(t, center.rows(t))
		exchange(t, ones)
		exchange(t, twos)
		for _, s := range []*site{center, one, two} {
			require.Equal(t, []string{"a of nobody, of one"}, s.rows(t), s.name)
			open, err := s.p.Conflicts(t.Context())
			require.NoError(t, err)
			require.Empty(t, open, s.name)
		}
		require.Zero(t, parts.Load(), "Recipients gets whole rows")
	})
}

func TestContract_C402_AnEditOfWhatWasDecidedAgainst(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		policy := func(_ context.Context, c peer.Conflict) (peer.Decision, error) {
			if c.Theirs["body"] == "first" {
				return peer.Ours, nil
			}
			return peer.Theirs, nil
		}
		config := peer.Config{Models: models(policy)}
		p := carried{newSite(t, handler, "center", config), newSite(t, client, "one", config)}
		p.meet(t)
		p.center.Execute(t, "INSERT INTO posts (title) VALUES ('a')")
		p.rest(t, "")
		p.center.Execute(t, "DELETE FROM posts")
		p.field.Execute(t, "UPDATE posts SET body = 'first'")
		p.push(t)
		p.field.Execute(t, "UPDATE posts SET stars = 5") // before it hears of the decision
		p.push(t)
		require.Empty(t, p.center.rows(t), "no row of one column")
		d := conflict(t, p.center)
		require.Contains(t, d.Reason, "the whole row is not known here")
		require.ErrorContains(t, p.center.p.Resolve(t.Context(), d.ID, peer.Theirs), "the whole row is not known here")
		require.NoError(t, p.center.p.Resolve(t.Context(), d.ID, peer.Ours))
		p.rest(t, "")
		require.Empty(t, p.field.rows(t))
	})
}

func TestContract_C401_DecisionsThatFollowOneThatWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, one, two := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{}), newSite(t, client, "two", peer.Config{})
		srv := center.serve(t, peer.HandlerConfig{})
		ones, twos := one.client(t, srv), two.client(t, srv)
		resolve := func(model string) {
			t.Helper()
			open, err := center.p.Conflicts(t.Context())
			require.NoError(t, err)
			at := slices.IndexFunc(open, func(c peer.Conflict) bool { return c.Model == model })
			require.GreaterOrEqual(t, at, 0)
			require.NoError(t, center.p.Resolve(t.Context(), open[at].ID, peer.Ours))
		}
		center.Execute(t, "INSERT INTO authors (name) VALUES ('Ada')")
		exchange(t, ones)
		exchange(t, twos)
		center.Execute(t, "DELETE FROM authors")
		one.Execute(t, "UPDATE authors SET name = 'of one'")
		one.Execute(t, "INSERT INTO posts (author_id, title) SELECT id, 'a' FROM authors")
		exchange(t, ones)
		resolve("authors") // which the post is in the way of
		exchange(t, ones)
		require.Equal(t, []string{"of one"}, one.Column(t, "SELECT name FROM authors"))

		two.Execute(t, "UPDATE authors SET name = 'of two'")
		exchange(t, twos)
		resolve("authors")
		exchange(t, ones)
		exchange(t, twos)
		resolve("posts")
		exchange(t, ones)
		exchange(t, ones)
		for _, s := range []*site{center, one, two} {
			require.Empty(t, s.Column(t, "SELECT name FROM authors"), s.name)
			open, err := s.p.Conflicts(t.Context())
			require.NoError(t, err)
			require.Empty(t, open, s.name)
		}
	})
}
