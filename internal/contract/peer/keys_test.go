package peer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote/wire"
)

func TestContract_C323_Keys(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		center.Execute(t, "INSERT INTO posts (title) VALUES ('A'), ('B')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('C')")
		r := exchange(t, c)

		// Each side knows the key that its rows have on the other, after one exchange.
		is := func(s *site, guid, key, want string) {
			t.Helper()
			got, known, err := s.p.KeyOn(t.Context(), guid, "posts", journal.Key("["+key+"]"))
			require.NoError(t, err)
			require.Equal(t, want != "", known)
			require.Equal(t, want, got)
		}
		is(field, r.Peer, "1", "3")
		is(center, field.p.GUID(), "1", "2")
		is(center, field.p.GUID(), "2", "3")
		is(center, field.p.GUID(), "3", "1")
		is(field, r.Peer, "2", "1")
		is(field, r.Peer, "9", "")
	})
}

func TestContract_C336_StatusAndDrain(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "two", peer.Config{MaxChanges: 1})
		srv := center.serve(t, peer.HandlerConfig{LetDecide: func(string) bool { return true }})
		c, err := peer.NewClient(field.p, peer.ClientConfig{Decides: true, Wire: wire.Config{BaseURL: srv.URL, Auth: wire.Bearer(tokens["two"])}})
		require.NoError(t, err)
		center.Execute(t, "INSERT INTO posts (title) VALUES ('A')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('B'), ('C')")
		require.NoError(t, c.Drain(t.Context()))
		require.Equal(t, []string{"A of nobody, ", "B of nobody, ", "C of nobody, "}, center.rows(t))
		for _, one := range []struct {
			of, other *site
			name      string
			decides   bool
		}{{center, field, "two", false}, {field, center, srv.Listener.Addr().String(), true}} {
			list, err := one.of.p.Status(t.Context())
			require.NoError(t, err)
			require.Len(t, list, 1)
			s := list[0]
			require.Equal(t, []any{one.other.p.GUID(), one.name, "1.0", one.decides}, []any{s.GUID, s.Name, s.Protocol, s.Decides})
			require.NotZero(t, s.Seen)
			require.Equal(t, []int64{s.Last, s.Last, 0, 0, 0}, []int64{s.Delivered, s.Done, s.Waiting, s.Failed, s.Conflicts})
			d, err := one.of.p.Delivery(t.Context(), s.GUID, 1)
			require.NoError(t, err)
			require.NotZero(t, d.Delivered)
			require.False(t, d.Processed.Before(d.Delivered))
			d, err = one.of.p.Delivery(t.Context(), s.GUID, s.Last+1)
			require.NoError(t, err)
			require.Zero(t, d)
		}

		// The client decides.
		center.Execute(t, "UPDATE posts SET body = 'there' WHERE title = 'A'")
		field.Execute(t, "UPDATE posts SET body = 'here' WHERE title = 'A'")
		exchange(t, c)
		require.True(t, conflict(t, center).Undecided)
		require.NoError(t, field.p.Resolve(t.Context(), conflict(t, field).ID, peer.Ours))
		require.NoError(t, c.Drain(t.Context()))
		require.Contains(t, center.rows(t), "A of nobody, here")
	})
}
