package peer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

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

// failures checks how many changes could not be made.
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

func TestContract_C318_SnapshotsThatBeginAgainKeepWhatFailed(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := carried{newSite(t, handler, "center", peer.Config{MaxChanges: 1}), newSite(t, client, "one", peer.Config{})}
		p.center.Execute(t, "INSERT INTO authors (name) VALUES ('Ada'), ('Bob')")
		p.center.Execute(t, "INSERT INTO posts (title) VALUES ('bad 1'), ('bad 2')")
		p.center.forget(t)
		allow := p.field.refusing(t)
		p.meet(t)
		for at := p.page(t, "", nil); at != ""; {
			at = p.page(t, at, nil)
		}
		p.field.failures(t, 2)
		allow()
		if p.field.Pool == nil {
			p.field.Execute(t, "CREATE TRIGGER one BEFORE INSERT ON posts WHEN NEW.title = 'bad 2' BEGIN SELECT RAISE(ABORT, 'still bad'); END")
		} else {
			p.field.Execute(t, "ALTER TABLE posts ADD CONSTRAINT one CHECK (title <> 'bad 2')")
		}
		require.NoError(t, p.field.p.Retry(t.Context(), p.center.p.GUID()))
		p.field.failures(t, 1)
		// Another snapshot begins.
		p.center.Execute(t, "INSERT INTO tags (name) VALUES ('red')")
		_, err := p.center.j.Last(t.Context())
		require.NoError(t, err)
		p.center.forget(t)
		p.page(t, "", nil)
		left := p.field.failures(t, 1)[0]
		require.Contains(t, left.Row, `"2"`)
		require.True(t, left.Refused)
		require.Equal(t, []string{"bad 1 of nobody, "}, p.field.rows(t))
	})
}
