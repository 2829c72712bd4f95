package peer_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

// pair are a handler and a client that have the same post.
type pair struct {
	center, field *site
	c             *peer.Client
}

func newPair(t *testing.T, handler, client string, policy peer.Policy) *pair {
	t.Helper()
	config := peer.Config{Models: models(policy)}
	p := &pair{center: newSite(t, handler, "center", config), field: newSite(t, client, "one", config)}
	p.c = p.field.client(t, p.center.serve(t, peer.HandlerConfig{}))
	p.center.Execute(t, "INSERT INTO authors (name) VALUES ('Zoe'), ('Ada')")
	p.center.Execute(t, "INSERT INTO posts (author_id, title, body, stars) VALUES (2, 'Engines', 'a', 1.5)")
	exchange(t, p.c)
	require.Equal(t, []string{"Engines of Ada, a"}, p.field.rows(t))
	return p
}

// agree exchanges until nothing happens, and expects the same on both sides.
func (p *pair) agree(t *testing.T, want ...string) {
	t.Helper()
	for {
		if exchange(t, p.c).Quiet() {
			break
		}
	}
	require.ElementsMatch(t, want, p.center.rows(t), "center")
	require.ElementsMatch(t, want, p.field.rows(t), "field")
	for _, s := range []*site{p.center, p.field} {
		list, err := s.p.Conflicts(t.Context())
		require.NoError(t, err)
		require.Empty(t, list, s.name)
	}
}

// conflict is the only conflict of a site.
func conflict(t *testing.T, s *site) peer.Conflict {
	t.Helper()
	list, err := s.p.Conflicts(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0]
}

func both(p *pair, t *testing.T, center, field string) {
	t.Helper()
	p.center.Execute(t, center)
	time.Sleep(5 * time.Millisecond) // so that the other's change is the newer one
	p.field.Execute(t, field)
	exchange(t, p.c)
}

func TestContract_C325_ConflictsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := newPair(t, handler, client, nil)
		both(p, t, "UPDATE posts SET body = 'there'", "UPDATE posts SET body = 'here', stars = 2")
		require.Equal(t, []string{"Engines of Ada, there"}, p.center.rows(t), "nothing is overwritten")
		require.Equal(t, []string{"Engines of Ada, here"}, p.field.rows(t))
		c, undecided := conflict(t, p.center), conflict(t, p.field)
		require.False(t, c.Undecided)
		require.True(t, undecided.Undecided)
		require.ErrorContains(t, p.field.p.Resolve(t.Context(), undecided.ID, peer.Ours), "the other side decides")
		for _, row := range []journal.Row{c.Base, c.Ours, c.Theirs} {
			require.Equal(t, json.Number("2"), row["author_id"])
		}
		require.Equal(t, []any{"a", "there", "here"}, []any{c.Base["body"], c.Ours["body"], c.Theirs["body"]})

		// Both go on meanwhile.
		both(p, t, "UPDATE posts SET pinned = true", "UPDATE posts SET title = 'Motors'")
		c = conflict(t, p.center)
		require.Equal(t, []any{"a", "there", "here"}, []any{c.Base["body"], c.Ours["body"], c.Theirs["body"]})
		require.Equal(t, []any{"Engines", "Engines", "Motors"}, []any{c.Base["title"], c.Ours["title"], c.Theirs["title"]})
		require.Equal(t, []string{"Motors of Ada, here"}, p.field.rows(t))

		require.NoError(t, p.center.p.Resolve(t.Context(), c.ID, peer.Row(journal.Row{"body": "both", "title": "Motors"})))
		require.ErrorContains(t, p.center.p.Resolve(t.Context(), c.ID, peer.Ours), "no such conflict")
		p.agree(t, "Motors of Ada, both")
		pinned := "SELECT count(*) FROM posts WHERE pinned"
		require.Equal(t, p.center.Column(t, pinned), p.field.Column(t, pinned), "the decision is the whole row")

		// And after it.
		p.field.Execute(t, "UPDATE posts SET body = 'later'")
		p.agree(t, "Motors of Ada, later")
		p.center.Execute(t, "UPDATE posts SET body = 'last'")
		p.agree(t, "Motors of Ada, last")
	})
}

func TestContract_C326_Policies(t *testing.T) {
	mine := func(_ context.Context, c peer.Conflict) (peer.Decision, error) {
		return peer.Row(journal.Row{"body": c.Ours["body"].(string) + "+" + c.Theirs["body"].(string)}), nil
	}
	onBoth(t, func(t *testing.T, handler, client string) {
		var policy peer.Policy
		p := newPair(t, handler, client, func(ctx context.Context, c peer.Conflict) (peer.Decision, error) { return policy(ctx, c) })
		for _, one := range []struct {
			policy              peer.Policy
			center, field, want string
		}{
			{peer.RemoteWins, "body = 'there'", "body = 'here', title = 'Motors'", "Motors of Ada, here"},
			{peer.LocalWins, "body = 'there'", "body = 'here', title = 'Motors'", "Engines of Ada, there"},
			{peer.Newest, "body = 'there'", "body = 'here', title = 'Motors'", "Motors of Ada, here"},
			{peer.MergeColumns(peer.LocalWins), "body = 'there'", "body = 'here', title = 'Motors'", "Engines of Ada, there"},
			{peer.MergeColumns(peer.RemoteWins), "body = 'there'", "title = 'Motors'", "Motors of Ada, there"},
			{mine, "body = 'there'", "body = 'here', title = 'Motors'", "Engines of Ada, there+here"},
		} {
			p.field.Execute(t, "UPDATE posts SET title = 'Engines', body = 'before'")
			p.agree(t, "Engines of Ada, before")
			policy = one.policy
			both(p, t, "UPDATE posts SET "+one.center, "UPDATE posts SET "+one.field)
			p.agree(t, one.want)
		}
	})
}

func TestContract_C327_DeletedAndUpdated(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := newPair(t, handler, client, nil)
		both(p, t, "DELETE FROM posts", "UPDATE posts SET body = 'here'")
		c := conflict(t, p.center)
		require.Nil(t, c.Ours)
		require.Equal(t, []any{"a", "here"}, []any{c.Base["body"], c.Theirs["body"]})
		require.NoError(t, p.center.p.Resolve(t.Context(), c.ID, peer.Theirs))
		p.agree(t, "Engines of Ada, here")

		both(p, t, "UPDATE posts SET body = 'there'", "DELETE FROM posts")
		c = conflict(t, p.center)
		require.Nil(t, c.Theirs)
		require.NoError(t, p.center.p.Resolve(t.Context(), c.ID, peer.Ours))
		p.agree(t, "Engines of Ada, there")

		both(p, t, "UPDATE posts SET body = 'again'", "DELETE FROM posts")
		require.NoError(t, p.center.p.Resolve(t.Context(), conflict(t, p.center).ID, peer.Theirs))
		p.agree(t)
	})
}

func TestContract_C328_RowsInTheWay(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		// A label of a post that the other side deletes would go with it, unseen.
		p := newPair(t, handler, client, nil)
		both(p, t, "INSERT INTO tags (name) VALUES ('red')", "DELETE FROM posts WHERE title = 'none'")
		p.center.Execute(t, "INSERT INTO labels (post_id, tag) VALUES (1, 'red')")
		p.field.Execute(t, "DELETE FROM posts")
		exchange(t, p.c)
		c := conflict(t, p.center)
		require.Contains(t, c.Reason, "labels")
		require.Equal(t, []string{"Engines of Ada, a"}, p.center.rows(t))
		require.Contains(t, conflict(t, p.field).Reason, "gone")
		require.NoError(t, p.center.p.Resolve(t.Context(), c.ID, peer.Ours))
		p.agree(t, "Engines of Ada, a")
		require.Equal(t, []string{"1"}, p.field.Column(t, "SELECT count(*) FROM labels"))

		// And one whose post is gone has nothing to belong to.
		both(p, t, "DELETE FROM labels", "INSERT INTO tags (name) VALUES ('blue')")
		p.center.Execute(t, "DELETE FROM posts")
		p.field.Execute(t, "INSERT INTO labels (post_id, tag) SELECT id, 'blue' FROM posts")
		exchange(t, p.c)
		c = conflict(t, p.center)
		require.Contains(t, c.Reason, "gone")
		require.ErrorContains(t, p.center.p.Resolve(t.Context(), c.ID, peer.Theirs), "restore that row")
		require.NoError(t, p.center.p.Resolve(t.Context(), c.ID, peer.Ours))
		p.agree(t)
		require.Equal(t, []string{"0"}, p.field.Column(t, "SELECT count(*) FROM labels"))
	})
}
