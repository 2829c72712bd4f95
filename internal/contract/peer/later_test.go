package peer_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
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

// refusing makes a database refuse posts whose title begins with "bad", until it is told to allow
// them.
func (s *site) refusing(t *testing.T) (allow func()) {
	t.Helper()
	if s.Pool != nil {
		s.Execute(t, "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.title LIKE ''bad%'' THEN RAISE EXCEPTION ''no bad titles''; END IF; RETURN NEW; END'")
		s.Execute(t, "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION refuse()")
		return func() { s.Execute(t, "DROP TRIGGER refuse ON posts") }
	}
	for _, op := range []string{"insert", "update"} {
		s.Execute(t, "CREATE TRIGGER refuse_"+op+" BEFORE "+op+" ON posts WHEN NEW.title LIKE 'bad%' BEGIN SELECT RAISE(ABORT, 'no bad titles'); END")
	}
	return func() {
		s.Execute(t, "DROP TRIGGER refuse_insert")
		s.Execute(t, "DROP TRIGGER refuse_update")
	}
}

// failures expects so many changes that were not made.
func (s *site) failures(t *testing.T, n int) []peer.Failure {
	t.Helper()
	list, err := s.p.Failures(t.Context())
	require.NoError(t, err)
	require.Len(t, list, n, "%s: %+v", s.name, list)
	return list
}

func TestContract_C342_SnapshotsTakeNothingThatWasNeverApplied(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{Models: models(nil)[1:3], MaxChanges: 2}), newSite(t, client, "one", peer.Config{MaxChanges: 2})
		center.refusing(t)
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		field.Execute(t, "INSERT INTO authors (name) VALUES ('Ada')")
		exchange(t, c)
		// A model that the center does not have, a row that it skips, one in conflict, and one
		// that it has and deletes.
		field.Execute(t, "INSERT INTO tags (name) VALUES ('red')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('bad')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('good')")
		field.Execute(t, "INSERT INTO posts (title, author_id) SELECT 'orphan', id FROM authors")
		center.Execute(t, "DELETE FROM authors")
		_, err := c.Exchange(t.Context())
		require.NoError(t, err)
		require.NoError(t, center.p.Skip(t.Context(), field.p.GUID(), center.failures(t, 1)[0].Seq))
		conflict(t, center)
		exchange(t, c)
		exchange(t, c)
		require.NoError(t, center.p.CleanUp(t.Context(), 1))
		center.Execute(t, "DELETE FROM posts")
		center.Execute(t, "INSERT INTO authors (name) VALUES ('Bob')")
		center.forget(t)
		exchange(t, c)
		require.Equal(t, []string{"Ada", "Bob"}, field.authors(t))
		require.Equal(t, []string{"red"}, field.Column(t, "SELECT name FROM tags"))
		require.Equal(t, []string{"bad of nobody, ", "orphan of Ada, "}, field.rows(t))
		require.True(t, field.complete(t))
	})
}

func TestContract_C341_ChangesOfRowsThatAreNotHereAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		center.refusing(t)
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		field.Execute(t, "INSERT INTO posts (title) VALUES ('bad')")
		_, err := c.Exchange(t.Context())
		require.NoError(t, err)
		require.NoError(t, center.p.Skip(t.Context(), field.p.GUID(), center.failures(t, 1)[0].Seq))
		require.Zero(t, exchange(t, c).Ours.Refused)
		field.Execute(t, "UPDATE posts SET title = 'better'")
		require.EqualValues(t, 1, exchange(t, c).Ours.Refused)
		require.EqualValues(t, 1, exchange(t, c).Ours.Refused, "until it is no longer listed")
		list, err := center.p.Status(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, list[0].Refused)
		require.Contains(t, center.failures(t, 1)[0].Error, "the row is not here")
		require.NoError(t, center.p.CleanUp(t.Context(), 1))
		require.Zero(t, exchange(t, c).Ours.Refused)
	})
}

func TestContract_C343_RowsOfSnapshotsThatCanNotBeApplied(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		guard := func(_ context.Context, c journal.Change, _ peer.Remote) error {
			if c.New["name"] == "secret" {
				return errors.New("that is secret")
			}
			return nil
		}
		center, field := newSite(t, handler, "center", peer.Config{Authorize: guard}), newSite(t, client, "one", peer.Config{MaxChanges: 2})
		allow := center.refusing(t)
		require.NoError(t, field.j.Uninstall(t.Context()))
		field.Execute(t, "INSERT INTO posts (title) VALUES ('bad 1'), ('bad 2'), ('good')")
		field.Execute(t, "INSERT INTO tags (name) VALUES ('red'), ('secret')")
		field.Execute(t, "INSERT INTO labels (post_id, tag) SELECT id, 'red' FROM posts")
		require.NoError(t, field.j.Install(t.Context()))
		center.Execute(t, "INSERT INTO authors (name) VALUES ('Ada')")
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		r, err := c.Exchange(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"Ada"}, field.authors(t), "downloads go on")
		require.EqualValues(t, []int64{4, 1}, []int64{r.Ours.Failed, r.Ours.Refused}, "two posts and their labels; a tag")
		require.Equal(t, []string{"good of nobody, "}, center.rows(t))
		field.Execute(t, "UPDATE posts SET body = 'x'")
		field.Execute(t, "INSERT INTO tags (name) VALUES ('blue')")
		_, err = c.Exchange(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"blue", "red"}, center.Column(t, "SELECT name FROM tags ORDER BY name"), "other models go on")
		require.Equal(t, []string{"good of nobody, "}, center.rows(t), "changes wait for the rows")
		require.False(t, center.complete(t))
		require.ErrorContains(t, c.Drain(t.Context()), "can't be applied")

		status, err := center.p.Status(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, []int64{4, 1}, []int64{status[0].Failed, status[0].Refused})
		skipped := 0
		for _, f := range center.failures(t, 5) {
			require.Negative(t, f.Seq)
			switch {
			case f.Refused:
				require.Equal(t, []string{"tags", "that is secret"}, []string{f.Model, f.Error})
			case f.Model == "posts":
				require.Contains(t, f.Error, "no bad titles")
				if skipped++; skipped == 1 {
					require.NoError(t, center.p.Skip(t.Context(), f.Peer, f.Seq))
					require.ErrorContains(t, center.p.Skip(t.Context(), f.Peer, f.Seq), "no such change")
				}
			}
		}
		allow()
		require.NoError(t, center.p.Retry(t.Context(), field.p.GUID()))
		require.Len(t, center.rows(t), 2)
		for _, f := range center.failures(t, 3) {
			if !f.Refused {
				require.Equal(t, "labels", f.Model)
				require.NoError(t, center.p.Skip(t.Context(), f.Peer, f.Seq))
			}
		}
		exchange(t, c)
		require.True(t, center.complete(t))
		require.NoError(t, c.Drain(t.Context()))
		require.Equal(t, []string{"x", "x"}, center.Column(t, "SELECT body FROM posts"))
		require.Equal(t, []string{"blue", "red"}, center.Column(t, "SELECT name FROM tags ORDER BY name"))

		// They stay where they were made, also when the center sends what it has.
		require.NoError(t, center.p.CleanUp(t.Context(), 1))
		center.failures(t, 0)
		center.Execute(t, "INSERT INTO authors (name) VALUES ('Bob')")
		center.forget(t)
		exchange(t, c)
		require.Equal(t, []string{"Ada", "Bob"}, field.authors(t))
		require.Equal(t, []string{"blue", "red", "secret"}, field.Column(t, "SELECT name FROM tags ORDER BY name"))
		require.Len(t, field.rows(t), 3)
		require.True(t, exchange(t, c).Quiet())
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
