package peer_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
)

func TestContract_C329_FailuresStopTheirModel(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		allow := center.refusing(t)
		center.Execute(t, "INSERT INTO posts (title) VALUES ('here')")
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		field.Execute(t, "INSERT INTO posts (title, body) VALUES ('bad', 'x')")
		field.Execute(t, "INSERT INTO posts (title) VALUES ('after')")
		field.Execute(t, "INSERT INTO authors (name) VALUES ('Bob')")
		r, err := c.Exchange(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, r.Ours.Failed)
		require.Equal(t, []string{"here of nobody, "}, center.rows(t))
		require.Equal(t, []string{"Bob"}, center.Column(t, "SELECT name FROM authors"), "other models go on")
		require.Contains(t, field.rows(t), "here of nobody, ", "downloads go on")
		list, err := center.p.Failures(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []any{"posts", "create", false}, []any{list[0].Model, list[0].Op, list[0].Refused})
		require.Contains(t, list[0].Error, "no bad titles")
		require.ErrorContains(t, c.Drain(t.Context()), "can't be applied")

		require.ErrorContains(t, center.p.Skip(t.Context(), list[0].Peer, 99), "no such change")
		allow()
		require.NoError(t, center.p.Retry(t.Context(), list[0].Peer))
		require.Equal(t, []string{"after of nobody, ", "bad of nobody, x", "here of nobody, "}, center.rows(t))

		center.refusing(t)
		field.Execute(t, "UPDATE posts SET title = 'bad again', stars = 1 WHERE body = 'x'")
		field.Execute(t, "UPDATE posts SET body = 'y' WHERE title = 'after'")
		_, err = c.Exchange(t.Context())
		require.NoError(t, err)
		list, err = center.p.Failures(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.NoError(t, center.p.Skip(t.Context(), list[0].Peer, list[0].Seq))
		require.Contains(t, center.rows(t), "after of nobody, y", "what waited is applied")
		list, err = center.p.Failures(t.Context())
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

func TestContract_C315_FailuresStopTheirTransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		center.refusing(t)
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		require.NoError(t, field.j.Transaction(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for _, sql := range []string{"INSERT INTO authors (name) VALUES ('Ada')", "INSERT INTO posts (title) VALUES ('bad')", "INSERT INTO posts (title) VALUES ('good')"} {
				if _, err := tx.Exec(ctx, squirrel.Expr(sql)); err != nil {
					return err
				}
			}
			return nil
		}))
		field.Execute(t, "UPDATE authors SET name = 'Ada Lovelace'")
		field.Execute(t, "INSERT INTO tags (name) VALUES ('red')")
		center.Execute(t, "INSERT INTO posts (title) VALUES ('of the center')")
		_, err := c.Exchange(t.Context())
		require.NoError(t, err)
		require.Empty(t, center.authors(t), "nothing of the transaction, and nothing that comes after it for its models")
		require.Equal(t, []string{"of the center of nobody, "}, center.rows(t))
		require.Equal(t, []string{"red"}, center.Column(t, "SELECT name FROM tags"), "other models go on")
		require.Len(t, field.rows(t), 3, "downloads go on")
		// Without the change that failed, the rest of its transaction is applied, and what follows.
		require.NoError(t, center.p.Skip(t.Context(), field.p.GUID(), center.failures(t, 1)[0].Seq))
		require.Equal(t, []string{"Ada Lovelace"}, center.authors(t))
		require.Equal(t, []string{"good of nobody, ", "of the center of nobody, "}, center.rows(t))
		require.NoError(t, c.Drain(t.Context()))
	})
}

// breaking breaks every other request: before it was made, or after.
type breaking struct{ n atomic.Int64 }

func (b *breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	n := b.n.Add(1)
	if n%4 == 1 {
		return nil, http.ErrServerClosed
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if n%4 == 3 && err == nil {
		answer.Body.Close()
		return nil, http.ErrServerClosed
	}
	return answer, err
}

func TestContract_C321_EachOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		small := peer.Config{MaxChanges: 2}
		center, field := newSite(t, handler, "center", small), newSite(t, client, "one", small)
		srv := center.serve(t, peer.HandlerConfig{})
		c, err := peer.NewClient(field.p, peer.ClientConfig{Wire: wire.Config{BaseURL: srv.URL, Auth: wire.Bearer(tokens["one"]),
			HTTP: &http.Client{Transport: &breaking{}}, Retry: wire.Retry{Max: -1}, Breaker: wire.Breaker{Failures: -1}}})
		require.NoError(t, err)
		for _, s := range []*site{center, field} {
			s.Execute(t, "INSERT INTO posts (title) VALUES ('"+s.name+" 1'), ('"+s.name+" 2'), ('"+s.name+" 3')")
			for range 3 {
				s.Execute(t, "UPDATE posts SET stars = coalesce(stars, 0) + 1")
			}
		}
		failed := 0
		for n := 0; ; n++ {
			require.Less(t, n, 200)
			if n%3 == 2 {
				field.open(t, small) // the process was killed
				c, err = peer.NewClient(field.p, peer.ClientConfig{Wire: wire.Config{BaseURL: srv.URL, Auth: wire.Bearer(tokens["one"]),
					HTTP: &http.Client{Transport: &breaking{}}, Retry: wire.Retry{Max: 1, First: 1}, Breaker: wire.Breaker{Failures: -1}}})
				require.NoError(t, err)
			}
			r, err := c.Exchange(t.Context())
			if err != nil {
				failed++
			} else if r.Quiet() {
				break
			}
		}
		require.NotZero(t, failed)
		require.Equal(t, []string{"center 1 of nobody, ", "center 2 of nobody, ", "center 3 of nobody, ", "one 1 of nobody, ", "one 2 of nobody, ", "one 3 of nobody, "}, center.rows(t))
		require.Equal(t, center.rows(t), field.rows(t))
		for _, s := range []*site{center, field} {
			require.Equal(t, []string{"18"}, s.Column(t, "SELECT CAST(sum(stars) AS integer) FROM posts"))
			list, err := s.p.Conflicts(t.Context())
			require.NoError(t, err)
			require.Empty(t, list)
		}
	})
}
