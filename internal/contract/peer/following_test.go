package peer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

// unfailing expects that nothing failed or was refused.
func (p *pair) unfailing(t *testing.T) {
	t.Helper()
	for _, s := range []*site{p.center, p.field} {
		list, err := s.p.Failures(t.Context())
		require.NoError(t, err)
		require.Empty(t, list, s.name)
	}
}

func TestContract_C392_ChangesOfRowsInConflict(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := newPair(t, handler, client, nil)
		both(p, t, "DELETE FROM authors WHERE name = 'Zoe'", "INSERT INTO posts (author_id, title, body) SELECT id, 'Fields', 'b' FROM authors WHERE name = 'Zoe'")
		require.Contains(t, conflict(t, p.center).Reason, "gone")
		// The field goes on with a post that the center can't have yet.
		p.field.Execute(t, "UPDATE posts SET body = 'more' WHERE title = 'Fields'")
		p.field.Execute(t, "INSERT INTO tags (name) VALUES ('red')")
		p.field.Execute(t, "INSERT INTO labels (post_id, tag) SELECT id, 'red' FROM posts WHERE title = 'Fields'")
		exchange(t, p.c)
		p.unfailing(t)
		list, err := p.center.p.Conflicts(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "more", list[0].Theirs["body"])
		require.Contains(t, list[1].Reason, "in conflict")

		p.center.Execute(t, "INSERT INTO authors (id, name) VALUES (1, 'Zoe')")
		p.agree(t, "Engines of Ada, a", "Fields of Zoe, more")
		require.Equal(t, []string{"red"}, p.center.Column(t, "SELECT tag FROM labels"))
		p.unfailing(t)
	})
}

func TestContract_C393_DecisionsKeepForeignKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := newPair(t, handler, client, peer.RemoteWins)
		p.center.Execute(t, "DELETE FROM authors WHERE name = 'Zoe'")
		both(p, t, "UPDATE posts SET body = 'there'", "UPDATE posts SET body = 'here', author_id = (SELECT id FROM authors WHERE name = 'Zoe')")
		p.unfailing(t)
		c := conflict(t, p.center)
		require.Contains(t, c.Reason, "gone")
		require.ErrorContains(t, p.center.p.Resolve(t.Context(), c.ID, peer.Theirs), "gone")
		require.Equal(t, []string{"Engines of Ada, there"}, p.center.rows(t))
		p.center.Execute(t, "INSERT INTO authors (id, name) VALUES (1, 'Zoe')")
		p.agree(t, "Engines of Zoe, here")
	})
}

func TestContract_C394_OriginsOfDecisions(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := newPair(t, handler, client, peer.LocalWins)
		for range 2 {
			both(p, t, "UPDATE posts SET body = body || '!'", "UPDATE posts SET body = body || '?'")
			p.agree(t, p.center.rows(t)...)
		}
		decisions := 0
		for c, err := range p.center.j.Changes(t.Context(), 0) {
			require.NoError(t, err)
			if c.Via == p.center.p.GUID() {
				decisions++
				require.Equal(t, c.Seq, c.OriginSeq, "the place of a decision is its origin's")
			}
		}
		require.Equal(t, 2, decisions)
	})
}
