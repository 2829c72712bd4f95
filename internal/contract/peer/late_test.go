package peer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

// carried are two sites whose messages a test carries.
type carried struct{ center, field *site }

// meet makes the two known to each other.
func (p carried) meet(t *testing.T) {
	t.Helper()
	_, err := p.center.p.Meet(t.Context(), p.fromField(), peer.Hello{Protocol: peer.Protocol, GUID: p.field.p.GUID()}, true)
	require.NoError(t, err)
	_, err = p.field.p.Meet(t.Context(), p.fromCenter(), peer.Hello{Protocol: peer.Protocol, GUID: p.center.p.GUID(), Decides: true}, false)
	require.NoError(t, err)
}

func (p carried) fromField() peer.Remote { return peer.Remote{GUID: p.field.p.GUID(), Name: "one"} }
func (p carried) fromCenter() peer.Remote {
	return peer.Remote{GUID: p.center.p.GUID(), Name: "center"}
}

// push carries what the field has to the center.
func (p carried) push(t *testing.T) {
	t.Helper()
	had, err := p.center.p.Receipt(t.Context(), p.fromField())
	require.NoError(t, err)
	b, err := p.field.p.Changes(t.Context(), p.fromCenter(), had.Received)
	require.NoError(t, err)
	r, err := p.center.p.Accept(t.Context(), p.fromField(), b)
	require.NoError(t, err)
	require.NoError(t, p.field.p.Acknowledge(t.Context(), p.fromCenter(), r))
}

// page carries a page of a snapshot, and returns the cursor of the next. Between is done when it
// is read, and not stored yet.
func (p carried) page(t *testing.T, at string, between func()) string {
	t.Helper()
	page, err := p.center.p.Snapshot(t.Context(), p.fromField(), at)
	require.NoError(t, err)
	if between != nil {
		between()
	}
	require.NoError(t, p.field.p.AcceptPage(t.Context(), p.fromCenter(), page))
	return page.Next
}

// rest carries the rest of a snapshot, and then changes.
func (p carried) rest(t *testing.T, at string) {
	t.Helper()
	for at != "" {
		at = p.page(t, at, nil)
	}
	r, err := p.field.p.Receipt(t.Context(), p.fromCenter())
	require.NoError(t, err)
	b, err := p.center.p.Changes(t.Context(), p.fromField(), r.Received)
	require.NoError(t, err)
	_, err = p.field.p.Accept(t.Context(), p.fromCenter(), b)
	require.NoError(t, err)
}

func (s *site) authors(t *testing.T) []string {
	t.Helper()
	return s.Column(t, "SELECT name FROM authors ORDER BY name")
}

func TestContract_C338_SnapshotsTakeNothingThatIsNew(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		p := carried{newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})}
		require.NoError(t, p.center.j.Uninstall(t.Context()))
		p.center.Execute(t, "INSERT INTO authors (name) VALUES ('Ada')")
		require.NoError(t, p.center.j.Install(t.Context()))
		p.meet(t)
		// Rows that come when their page was read, before it is stored, and after.
		at := p.page(t, "", func() {
			p.field.Execute(t, "INSERT INTO authors (name) VALUES ('Bob')")
			p.push(t)
		})
		p.field.Execute(t, "INSERT INTO authors (name) VALUES ('Cid')")
		p.push(t)
		p.rest(t, at)
		require.Equal(t, []string{"Ada", "Bob", "Cid"}, p.field.authors(t))
		require.Equal(t, []string{"Ada", "Bob", "Cid"}, p.center.authors(t))

		// Rows that are changed on one side after the other, while a snapshot is read.
		p.center.forget(t)
		p.push(t)
		at = p.page(t, "", func() {
			p.field.Execute(t, "UPDATE authors SET name = 'Bea' WHERE name = 'Bob'")
			p.field.Execute(t, "DELETE FROM authors WHERE name = 'Cid'")
		})
		p.push(t)
		p.center.Execute(t, "UPDATE authors SET name = 'Bess' WHERE name = 'Bea'")
		p.rest(t, at)
		require.Equal(t, []string{"Ada", "Bess"}, p.center.authors(t))
		require.Equal(t, []string{"Ada", "Bess"}, p.field.authors(t))

		// And on both, before its page is read.
		p.center.Execute(t, "INSERT INTO tags (name, color) VALUES ('red', '#f00')")
		p.rest(t, "")
		p.center.forget(t)
		p.push(t)
		at = p.page(t, "", nil)
		p.field.Execute(t, "UPDATE tags SET color = '#e00'")
		p.push(t)
		p.center.Execute(t, "UPDATE tags SET color = '#d00'")
		p.rest(t, at)
		require.Equal(t, []string{"#d00"}, p.center.Column(t, "SELECT color FROM tags"))
		require.Equal(t, []string{"#d00"}, p.field.Column(t, "SELECT color FROM tags"))
		for _, s := range []*site{p.center, p.field} {
			list, err := s.p.Conflicts(t.Context())
			require.NoError(t, err)
			require.Empty(t, list)
		}
	})
}

func TestContract_C339_SnapshotsTakeNothingThatWasNeverSent(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		srv := center.serve(t, peer.HandlerConfig{})
		field.Execute(t, "INSERT INTO authors (name) VALUES ('both')")
		exchange(t, field.client(t, srv))
		// Both were apart for longer than changes are kept. The center sends its rows first, as
		// it would by a live connection.
		field.Execute(t, "INSERT INTO authors (name) VALUES ('of the field')")
		center.Execute(t, "INSERT INTO authors (name) VALUES ('of the center')")
		field.forget(t)
		center.forget(t)
		p := carried{center, field}
		p.rest(t, p.page(t, "", nil))
		exchange(t, field.client(t, srv))
		want := []string{"both", "of the center", "of the field"}
		require.Equal(t, want, field.authors(t))
		require.Equal(t, want, center.authors(t))
	})
}

func TestContract_C345_LateMessages(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		mine := func(_ context.Context, c journal.Change, to peer.Remote) (bool, error) {
			return c.Model != "posts" || c.New["body"] == to.Name, nil
		}
		center, field := newSite(t, handler, "center", peer.Config{Recipients: mine, MaxChanges: 1}), newSite(t, client, "one", peer.Config{})
		srv := center.serve(t, peer.HandlerConfig{})
		c := field.client(t, srv)
		center.Execute(t, "INSERT INTO posts (title, body) VALUES ('A', 'one'), ('B', 'one')")
		exchange(t, c)
		field.Execute(t, "INSERT INTO tags (name) VALUES ('red')")
		page, err := field.p.Snapshot(t.Context(), peer.Remote{GUID: center.p.GUID()}, "")
		require.NoError(t, err)
		page.Next = ""
		body, err := json.Marshal(page)
		require.NoError(t, err)
		status, text := ask(t, srv, "GET", "/changes?after=-1", field.p.GUID(), "", nil)
		require.Equal(t, 409, status, text)
		require.Contains(t, text, `"expected":2`)
		status, text = ask(t, srv, "GET", "/snapshot?cursor=", field.p.GUID(), "", nil)
		require.Equal(t, 409, status, text)
		status, text = ask(t, srv, "POST", "/acknowledge", field.p.GUID(), `{"received":1,"processed":1}`, nil)
		require.Equal(t, 200, status, text)
		list, err := center.p.Status(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, []int64{2, 2}, []int64{list[0].Delivered, list[0].Done})
		center.Execute(t, "UPDATE posts SET body = 'two'")
		exchange(t, c)
		require.Empty(t, field.rows(t), "what is noted of the peer's rows is still there")

		// The first page of a snapshot, after which changes came.
		field.Execute(t, "INSERT INTO tags (name) VALUES ('blue')")
		exchange(t, c)
		status, text = ask(t, srv, "POST", "/snapshot", field.p.GUID(), string(body), nil)
		require.Equal(t, 409, status, text)
		require.Equal(t, []string{"blue", "red"}, center.Column(t, "SELECT name FROM tags ORDER BY name"))
		require.True(t, exchange(t, c).Quiet())
	})
}

func TestContract_C398_RowsFromBeforeTheJournalThatChangedSince(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		require.NoError(t, center.j.Uninstall(t.Context()))
		center.Execute(t, "INSERT INTO tags (name) VALUES ('old'), ('older')")
		require.NoError(t, center.j.Install(t.Context()))
		center.Execute(t, "UPDATE tags SET color = 'red'")
		c := field.client(t, center.serve(t, peer.HandlerConfig{}))
		exchange(t, c)
		require.Equal(t, []string{"old", "older"}, field.Column(t, "SELECT name FROM tags ORDER BY name"))
		require.True(t, exchange(t, c).Quiet())
	})
}

func TestContract_C397_SnapshotsThatAnotherExchangeMadeNeedless(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		small := peer.Config{MaxChanges: 2}
		p := carried{newSite(t, handler, "center", small), newSite(t, client, "one", small)}
		for _, s := range []*site{p.center, p.field} {
			require.NoError(t, s.j.Uninstall(t.Context()))
			s.Execute(t, "INSERT INTO tags (name) VALUES ('"+s.name+" 0'), ('"+s.name+" 1'), ('"+s.name+" 2')")
			require.NoError(t, s.j.Install(t.Context()))
		}
		p.meet(t)
		at := p.page(t, "", nil)
		late, err := p.center.p.Snapshot(t.Context(), p.fromField(), at)
		require.NoError(t, err)
		require.False(t, p.field.complete(t))
		// The journal has all rows now, and another exchange goes on with it.
		p.center.Execute(t, "DELETE FROM tags")
		p.center.Execute(t, "INSERT INTO tags (name, color) VALUES ('center 0', 'red'), ('center 1', 'red'), ('center 2', 'red')")
		carry := func() {
			t.Helper()
			had, err := p.field.p.Receipt(t.Context(), p.fromCenter())
			require.NoError(t, err)
			b, err := p.center.p.Changes(t.Context(), p.fromField(), had.Received)
			require.NoError(t, err)
			r, err := p.field.p.Accept(t.Context(), p.fromCenter(), b)
			require.NoError(t, err)
			require.NoError(t, p.center.p.Acknowledge(t.Context(), p.fromField(), r))
		}
		carry()
		require.True(t, p.field.complete(t))
		require.ErrorAs(t, p.field.p.AcceptPage(t.Context(), p.fromCenter(), late), new(*peer.PageError))

		// As a service had it that died before it could note that.
		carry()
		srv := p.center.serve(t, peer.HandlerConfig{})
		p.field.Execute(t, "UPDATE synced_peers SET snapshot = 'receiving', snapshot_cursor = '"+at+"', name = '"+strings.TrimPrefix(srv.URL, "http://")+"'")
		c := p.field.client(t, srv)
		exchange(t, c)
		require.True(t, p.field.complete(t))
		want := []string{"center 0", "center 1", "center 2", "one 0", "one 1", "one 2"}
		require.Equal(t, want, p.center.Column(t, "SELECT name FROM tags ORDER BY name"))
		require.Equal(t, want, p.field.Column(t, "SELECT name FROM tags ORDER BY name"))
		require.True(t, exchange(t, c).Quiet())
	})
}

func TestContract_C346_RestoredCopiesAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center, field := newSite(t, handler, "center", peer.Config{}), newSite(t, client, "one", peer.Config{})
		var told []string
		c := field.client(t, center.serve(t, peer.HandlerConfig{OnError: func(_ context.Context, _ string, err error) { told = append(told, err.Error()) }}))
		center.Execute(t, "INSERT INTO tags (name) VALUES ('red'), ('blue')")
		field.Execute(t, "INSERT INTO authors (name) VALUES ('Ada'), ('Bob')")
		exchange(t, c)
		exchange(t, c)
		for _, s := range []*site{center, field} {
			was := s.Column(t, "SELECT received FROM synced_peers")[0]
			s.Execute(t, "UPDATE synced_peers SET received = 1, received_version = ''")
			_, err := c.Exchange(t.Context())
			require.ErrorContains(t, err, "restored from an older copy", s.name)
			require.ErrorContains(t, err, "NewInstallation")
			s.Execute(t, "UPDATE synced_peers SET received = "+was)
			exchange(t, c)
		}
		// A journal that ends before what the peer has of it, on both sides.
		for _, s := range []*site{center, field} {
			other := center
			if s == center {
				other = field
			}
			other.Execute(t, "UPDATE synced_peers SET received = received + 9")
			_, err := c.Exchange(t.Context())
			require.ErrorContains(t, err, "whose journal ends at", s.name)
			other.Execute(t, "UPDATE synced_peers SET received = received - 9")
			exchange(t, c)
		}
		require.Contains(t, strings.Join(told, "\n"), "whose journal ends at")
	})
}

func TestContract_C347_CopiesOfOneGUID(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		for _, more := range []int{0, 2} {
			var told []string
			center := newSite(t, handler, "center", peer.Config{})
			srv := center.serve(t, peer.HandlerConfig{OnError: func(_ context.Context, _ string, err error) { told = append(told, err.Error()) }})
			first, second := newSite(t, client, "one", peer.Config{}), newSite(t, client, "one", peer.Config{})
			second.Execute(t, "UPDATE synced_journal_state SET guid = '"+first.p.GUID()+"'")
			second.open(t, peer.Config{})
			first.Execute(t, "INSERT INTO authors (name) VALUES ('a'), ('b')")
			exchange(t, first.client(t, srv))
			for n := range 2 + more {
				second.Execute(t, fmt.Sprintf("INSERT INTO authors (name) VALUES ('of the copy %d')", n))
			}
			_, err := second.client(t, srv).Exchange(t.Context())
			require.ErrorContains(t, err, "NewInstallation", "%d more", more)
			require.Contains(t, strings.Join(told, "\n"), "NewInstallation")
			require.Equal(t, []string{"a", "b"}, center.authors(t))
			exchange(t, first.client(t, srv)) // goes on
		}
	})
}

func TestContract_C348_CopiesOfAHandler(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		var told []string
		center, other := newSite(t, handler, "center", peer.Config{}), newSite(t, handler, "center", peer.Config{})
		other.Execute(t, "UPDATE synced_journal_state SET guid = '"+center.p.GUID()+"'")
		other.open(t, peer.Config{})
		field := newSite(t, client, "one", peer.Config{})
		center.Execute(t, "INSERT INTO authors (name) VALUES ('a'), ('b')")
		srv := center.serve(t, peer.HandlerConfig{})
		exchange(t, field.client(t, srv))
		other.Execute(t, "INSERT INTO synced_peers (guid, name, protocol, received) VALUES ('"+field.p.GUID()+"', 'one', '1.0', "+center.Column(t, "SELECT received FROM synced_peers")[0]+")")
		other.Execute(t, "INSERT INTO authors (name) VALUES ('x'), ('y'), ('z')")
		// It stands under the same address now.
		h, err := peer.NewHandler(other.p, peer.HandlerConfig{Authenticate: peer.Bearer(tokens), OnError: func(_ context.Context, _ string, err error) { told = append(told, err.Error()) }})
		require.NoError(t, err)
		srv.Config.Handler = h
		_, err = field.client(t, srv).Exchange(t.Context())
		require.ErrorContains(t, err, "NewInstallation")
		require.Contains(t, strings.Join(told, "\n"), "NewInstallation")
		require.Equal(t, []string{"a", "b"}, field.authors(t))
	})
}
