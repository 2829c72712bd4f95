package peer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

// alike are two sites that both fill a unique column alike, each by a row of its own.
func alike(t *testing.T, handler, client string, policy peer.Policy) *pair {
	t.Helper()
	p := newPair(t, handler, client, policy)
	for _, s := range []*site{p.center, p.field} {
		s.Execute(t, "CREATE UNIQUE INDEX posts_title ON posts (title)")
		s.Execute(t, "INSERT INTO posts (title, body) VALUES ('taken', '"+s.name+"')")
		s.Execute(t, "INSERT INTO posts (title) VALUES ('after "+s.name+"')")
	}
	r := exchange(t, p.c)
	require.EqualValues(t, []int64{1, 0}, []int64{r.Ours.Conflicts, r.Theirs.Conflicts}, "the center decides")
	for _, s := range []*site{p.center, p.field} {
		require.Equal(t, []string{"Engines of Ada, a", "after center of nobody, ", "after one of nobody, ", "taken of nobody, " + s.name}, s.rows(t), "others go on")
		d := conflict(t, s)
		require.Contains(t, d.Reason, "title")
		require.Equal(t, []any{"posts", "taken", s == p.field}, []any{d.Model, d.Theirs["title"], d.Undecided})
		require.Nil(t, d.Ours)
	}
	return p
}

func TestContract_C344_UniqueValuesThatBothSidesFill(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		rest := []string{"Engines of Ada, a", "after center of nobody, ", "after one of nobody, "}
		center, one := "taken of nobody, center", "taken of nobody, one"
		t.Run("another value", func(t *testing.T) {
			p := alike(t, handler, client, peer.RemoteWins)
			id := conflict(t, p.center).ID
			err := p.center.p.Resolve(t.Context(), id, peer.Theirs)
			require.ErrorContains(t, err, "another row")
			require.Error(t, p.center.p.Replay(t.Context(), id))
			require.NoError(t, p.center.p.Resolve(t.Context(), id, peer.Row(journal.Row{"title": "theirs"})))
			p.agree(t, append(rest, center, "theirs of nobody, one")...)
			// They are two rows from now on, which have names on both sides.
			p.field.Execute(t, "UPDATE posts SET body = 'x' WHERE title = 'theirs'")
			p.center.Execute(t, "UPDATE posts SET stars = 1 WHERE title = 'taken'")
			p.agree(t, append(rest, center, "theirs of nobody, x")...)
		})
		t.Run("ours", func(t *testing.T) {
			p := alike(t, handler, client, peer.LocalWins)
			require.NoError(t, p.center.p.Resolve(t.Context(), conflict(t, p.center).ID, peer.Ours))
			p.agree(t, append(rest, center)...)
		})
		t.Run("the row is changed at the center", func(t *testing.T) {
			p := alike(t, handler, client, nil)
			p.center.Execute(t, "UPDATE posts SET title = 'free' WHERE title = 'taken'")
			p.agree(t, append(rest, "free of nobody, center", one)...)
		})
		t.Run("the row is changed at the field", func(t *testing.T) {
			p := alike(t, handler, client, peer.Newest)
			p.field.Execute(t, "UPDATE posts SET title = 'free' WHERE title = 'taken'")
			p.agree(t, append(rest, "free of nobody, one", center)...)
		})
		t.Run("by an update", func(t *testing.T) {
			p := newPair(t, handler, client, nil)
			p.center.Execute(t, "CREATE UNIQUE INDEX posts_title ON posts (title)")
			p.center.Execute(t, "INSERT INTO posts (title) VALUES ('taken')")
			p.field.Execute(t, "UPDATE posts SET title = 'taken', body = 'b'")
			exchange(t, p.c)
			d := conflict(t, p.center)
			require.Equal(t, []any{"Engines", "taken"}, []any{d.Ours["title"], d.Theirs["title"]})
			require.NoError(t, p.center.p.Resolve(t.Context(), d.ID, peer.Row(journal.Row{"title": "both", "body": "c"})))
			p.agree(t, "both of Ada, c", "taken of nobody, ")
		})
	})
}

func TestContract_C344_UniqueValuesInSnapshots(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := newPair(t, handler, client, nil)
		for _, s := range []*site{p.center, p.field} {
			s.Execute(t, "CREATE UNIQUE INDEX posts_title ON posts (title)")
		}
		p.center.Execute(t, "INSERT INTO posts (title) VALUES ('a'), ('b'), ('c')")
		p.agree(t, "Engines of Ada, a", "a of nobody, ", "b of nobody, ", "c of nobody, ")
		// A value that a row gives up which goes, and another that is changed in the snapshot.
		p.center.Execute(t, "DELETE FROM posts WHERE title = 'c'")
		p.center.Execute(t, "UPDATE posts SET title = 'c' WHERE title = 'b'")
		p.center.Execute(t, "UPDATE posts SET title = 'b' WHERE title = 'a'")
		p.center.Execute(t, "INSERT INTO posts (title, body) VALUES ('taken', 'center')")
		p.center.forget(t)
		p.field.Execute(t, "INSERT INTO posts (title, body) VALUES ('taken', 'one')")
		exchange(t, p.c)
		require.True(t, p.field.complete(t))
		require.Equal(t, []string{"Engines of Ada, a", "b of nobody, ", "c of nobody, ", "taken of nobody, one"}, p.field.rows(t))
		require.True(t, conflict(t, p.field).Undecided)
		p.center.Execute(t, "UPDATE posts SET title = 'free' WHERE title = 'taken'")
		p.agree(t, "Engines of Ada, a", "b of nobody, ", "c of nobody, ", "free of nobody, center", "taken of nobody, one")
	})
}
