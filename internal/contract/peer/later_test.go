package peer_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

// again opens a site as another process does, behind the same address.
func (s *site) again(t *testing.T, srv *httptest.Server, c peer.Config) {
	t.Helper()
	s.open(t, c)
	h, err := peer.NewHandler(s.p, peer.HandlerConfig{Authenticate: peer.Bearer(tokens)})
	require.NoError(t, err)
	srv.Config.Handler = h
}

// sound tells that nothing failed or was refused here.
func (s *site) sound(t *testing.T) {
	t.Helper()
	list, err := s.p.Failures(t.Context())
	require.NoError(t, err)
	require.Empty(t, list, s.name)
}

func TestContract_C340_ModelsThatAreAddedLater(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		few, all := peer.Config{Models: models(nil)[1:3]}, peer.Config{MaxChanges: 2}
		center, field := newSite(t, handler, "center", few), newSite(t, client, "one", few)
		srv := center.serve(t, peer.HandlerConfig{})
		for _, s := range []*site{center, field} {
			s.Execute(t, "INSERT INTO posts (title) VALUES ('of "+s.name+"')")
			s.Execute(t, "INSERT INTO tags (name) VALUES ('"+s.name+" 1'), ('"+s.name+" 2'), ('same')")
			s.Execute(t, "INSERT INTO tags (name, color) VALUES ('differs', 'of "+s.name+"')")
		}
		exchange(t, field.client(t, srv))
		center.again(t, srv, all)
		field.open(t, all)
		c := field.client(t, srv)
		center.Execute(t, "UPDATE tags SET color = 'red' WHERE name = 'center 1'")
		field.Execute(t, "UPDATE tags SET color = 'blue' WHERE name = 'one 1'")
		exchange(t, c)
		for _, s := range []*site{center, field} {
			require.Equal(t, []string{"center 1 red", "center 2", "one 1 blue", "one 2", "same"}, s.Column(t, "SELECT trim(name || ' ' || coalesce(color, '')) FROM tags WHERE name <> 'differs' ORDER BY name"), s.name)
			require.Equal(t, []string{"of " + s.name}, s.Column(t, "SELECT color FROM tags WHERE name = 'differs'"))
			require.Equal(t, []string{"of center of nobody, ", "of one of nobody, "}, s.rows(t))
			require.True(t, s.complete(t), s.name)
			s.sound(t)
		}
		require.Equal(t, "of one", conflict(t, center).Theirs["color"])
		exchange(t, c)
		require.True(t, exchange(t, c).Quiet(), "it is brought once")

		// What was changed while the model was not exchanged.
		center.again(t, srv, few)
		center.Execute(t, "INSERT INTO tags (name) VALUES ('meanwhile')")
		exchange(t, c)
		center.again(t, srv, all)
		center.Execute(t, "UPDATE tags SET color = 'green' WHERE name = 'meanwhile'")
		exchange(t, c)
		require.Contains(t, field.Column(t, "SELECT name || ' ' || coalesce(color, '') FROM tags"), "meanwhile green")
		exchange(t, c)
		require.True(t, exchange(t, c).Quiet())
		for _, s := range []*site{center, field} {
			s.sound(t)
		}
	})
}

func TestContract_C317_ModelsThatOneSideHasFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		few, all := peer.Config{Models: models(nil)[1:3]}, peer.Config{MaxChanges: 2}
		for _, first := range []string{"center", "one"} {
			center, field := newSite(t, handler, "center", all), newSite(t, client, "one", few)
			if first == "one" {
				center.open(t, few)
				field.open(t, all)
			}
			srv := center.serve(t, peer.HandlerConfig{})
			for _, s := range []*site{center, field} {
				s.Execute(t, "INSERT INTO posts (title) VALUES ('of "+s.name+"')")
				s.Execute(t, "INSERT INTO tags (name) VALUES ('"+s.name+" 1'), ('"+s.name+" 2')")
			}
			exchange(t, field.client(t, srv))
			require.True(t, exchange(t, field.client(t, srv)).Quiet())
			center.Execute(t, "UPDATE tags SET color = 'red'")
			field.Execute(t, "UPDATE tags SET color = 'blue'")
			exchange(t, field.client(t, srv))
			center.forget(t) // with a snapshot in between
			center.Execute(t, "INSERT INTO posts (title) VALUES ('more')")
			exchange(t, field.client(t, srv))
			require.Len(t, field.rows(t), 3)
			require.Len(t, field.Column(t, "SELECT name FROM tags"), 2)
			for _, s := range []*site{center, field} {
				s.sound(t)
			}
			center.again(t, srv, all)
			field.open(t, all)
			exchange(t, field.client(t, srv))
			exchange(t, field.client(t, srv))
			for _, s := range []*site{center, field} {
				require.Equal(t, []string{"center 1 red", "center 2 red", "one 1 blue", "one 2 blue"}, s.Column(t, "SELECT name || ' ' || color FROM tags ORDER BY 1"), "%s, where %s has them first", s.name, first)
				require.True(t, s.complete(t))
				s.sound(t)
			}
			require.True(t, exchange(t, field.client(t, srv)).Quiet())
		}
	})
}
