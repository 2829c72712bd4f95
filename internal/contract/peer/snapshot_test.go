package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

// complete tells what a site says of its only peer.
func (s *site) complete(t testing.TB) bool {
	t.Helper()
	list, err := s.p.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0].Complete
}

// forget drops all that the journal has, as if it had been pruned.
func (s *site) forget(t testing.TB) {
	t.Helper()
	_, err := s.j.Last(t.Context())
	require.NoError(t, err)
	s.Execute(t, "DELETE FROM synced_journal")
	s.Execute(t, "UPDATE synced_journal_state SET pruned = last_seq")
}

func TestContract_C334_Snapshots(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		small := peer.Config{MaxChanges: 2}
		center, field := newSite(t, handler, "center", small), newSite(t, client, "one", small)
		// Rows from before the journal, on both sides.
		for _, s := range []*site{center, field} {
			require.NoError(t, s.j.Uninstall(t.Context()))
			s.Execute(t, "INSERT INTO authors (name) VALUES ('Ada')")
			for n := range 3 {
				s.Execute(t, fmt.Sprintf("INSERT INTO posts (title, author_id) VALUES ('%s %d', 1)", s.name, n))
			}
			s.Execute(t, "INSERT INTO tags (name, color) VALUES ('red', '#f00')")
			require.NoError(t, s.j.Install(t.Context()))
		}
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		exchange(t, c)
		want := []string{"center 0 of Ada, ", "center 1 of Ada, ", "center 2 of Ada, ", "one 0 of Ada, ", "one 1 of Ada, ", "one 2 of Ada, "}
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))
		require.True(t, field.complete(t))
		require.True(t, center.complete(t))
		exchange(t, c)
		require.True(t, exchange(t, c).Quiet())

		// They go on from there.
		center.Execute(t, "UPDATE posts SET body = 'x' WHERE title IN ('center 0', 'one 0')")
		field.Execute(t, "UPDATE posts SET body = 'y' WHERE title IN ('center 1', 'one 1')")
		exchange(t, c)
		want = []string{"center 0 of Ada, x", "center 1 of Ada, y", "center 2 of Ada, ", "one 0 of Ada, x", "one 1 of Ada, y", "one 2 of Ada, "}
		require.Equal(t, want, center.rows(t))
		require.Equal(t, want, field.rows(t))

		// One that was away too long: what changed, went and came meanwhile, and what was changed
		// here, or on both sides.
		center.Execute(t, "UPDATE posts SET body = 'away' WHERE title IN ('center 0', 'center 1')")
		center.Execute(t, "DELETE FROM posts WHERE title = 'one 0'")
		center.Execute(t, "INSERT INTO posts (title) VALUES ('new')")
		center.forget(t)
		field.Execute(t, "UPDATE posts SET body = 'mine' WHERE title IN ('center 1', 'center 2')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('newer')")
		exchange(t, c)
		require.Equal(t, []string{"center 0 of Ada, away", "center 1 of Ada, away", "center 2 of Ada, mine", "new of nobody, ", "newer of nobody, ", "one 1 of Ada, y", "one 2 of Ada, "}, center.rows(t))
		require.Equal(t, []string{"center 0 of Ada, away", "center 1 of Ada, mine", "center 2 of Ada, mine", "new of nobody, ", "newer of nobody, ", "one 1 of Ada, y", "one 2 of Ada, "}, field.rows(t))
		d := conflict(t, center)
		require.Equal(t, "center 1", d.Ours["title"])
		require.NoError(t, center.p.Resolve(t.Context(), d.ID, peer.Theirs))
		require.NoError(t, c.Drain(t.Context()))
		require.Equal(t, center.rows(t), field.rows(t))
		require.Contains(t, center.rows(t), "center 1 of Ada, mine")
	})
}
