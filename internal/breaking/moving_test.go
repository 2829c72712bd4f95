package breaking_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// Item is a record of a list that changes while it is read.
type Item struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// change is one edit of the remote: create, update, delete, or move To a place.
type change struct {
	Kind   string
	ID, To int
}

// moving is a remote that changes while it is paged, three records a page, and a
// table that is to follow it.
type moving struct {
	t      require.TestingT
	srv    *remotetest.Server
	remote *remotetest.Collection
	items  *synced.Model[Item]
	edits  int
	gone   map[int64]bool // ids that the remote did not have at some time in the pass
	close  func()
}

// cut is how the list is cut in pages: by position, or by a cursor whose place
// stays put.
type cut struct {
	style      remotetest.Style
	pagination rest.Pagination
}

var (
	byPosition = cut{}
	byCursor   = cut{remotetest.Style{By: remotetest.ByCursor, NextParam: "meta.next", SyncedAtHeader: "X-Updated-Since-Request-Synced-At"}, rest.Cursor{Path: "meta.next"}}
)

// newMoving has the ids from 1 to n.
func newMoving(t require.TestingT, n int, c cut, s strategy.Strategy, commit synced.Commit) *moving {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	require.NoError(t, err)
	srv := remotetest.New(remotetest.Config{PerPage: 3, Token: token, Style: c.style})
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer(token), HTTP: srv.Client(), Pagination: c.pagination})
	require.NoError(t, err)
	m := &moving{t: t, srv: srv, remote: srv.Collection("items"), close: func() {
		srv.Close()
		require.NoError(t, db.Close())
	}}
	for id := 1; id <= n; id++ {
		m.edit(change{Kind: "create", ID: id})
	}
	d := synced.Synced[Item]{Table: "items", Strategy: s, Commit: commit, Remove: synced.Destroy{}, API: api}
	require.NoError(t, db.Migrate(ctx))
	require.NoError(t, d.CreateTable(ctx, db))
	m.items, err = synced.New(context.Background(), db, d)
	require.NoError(t, err)
	return m
}

// edit changes the remote, where the change makes sense. What is created may have
// been deleted before. Record 1 always stays: nothing is removed when the remote
// lists nothing.
func (m *moving) edit(e change) {
	m.edits++
	name := fmt.Sprintf("edit %d", m.edits)
	_, exists := m.remote.Get(e.ID)
	switch {
	case e.Kind == "create" && !exists:
		m.remote.Put(remotetest.Record{"id": e.ID, "name": name})
	case e.Kind == "update" && exists:
		m.remote.Update(e.ID, remotetest.Record{"name": name})
	case e.Kind == "delete" && exists && e.ID != 1:
		m.remote.Delete(e.ID)
		m.gone[int64(e.ID)] = true
	case e.Kind == "move" && exists:
		m.remote.Move(e.ID, e.To)
	}
}

// pass synchronizes while the remote changes, before each page as given. No row
// goes whose record existed all the time.
func (m *moving) pass(before map[int][]change, call ...synced.Call) synced.Result {
	rows := m.rows()
	m.gone = map[int64]bool{}
	for id := range rows {
		if _, exists := m.remote.Get(id); !exists {
			m.gone[id] = true // a pass before this one has not seen that it was deleted
		}
	}
	m.srv.Advance(time.Minute) // what was edited before this pass is older than its time
	page := 0
	m.srv.OnRequest(func(r remotetest.Request) {
		if r.Collection != "items" {
			return // a record that is verified
		}
		page++
		for _, e := range before[page] {
			m.edit(e)
		}
	})
	defer m.srv.OnRequest(nil)
	result, err := m.items.Synchronize(context.Background(), synced.NoScope, call...)
	require.NoError(m.t, err)
	now := m.rows()
	for id := range rows {
		if _, exists := m.remote.Get(id); exists && !m.gone[id] {
			require.Contains(m.t, now, id, "removed, and exists remotely: %s", result)
		}
	}
	return result
}

// rows are the names in the table, by remote id.
func (m *moving) rows() map[int64]string {
	rows := map[int64]string{}
	for row, err := range m.items.All(context.Background(), synced.NoScope) {
		require.NoError(m.t, err)
		rows[row.SyncedID] = row.Name
	}
	return rows
}

// equal checks that the table equals the remote.
func (m *moving) equal() {
	want := map[int64]string{}
	for _, id := range m.remote.IDs() {
		record, _ := m.remote.Get(id)
		want[id.(int64)] = record["name"].(string)
	}
	require.Equal(m.t, want, m.rows())
}

// drawPass draws what happens before each page.
func drawPass(t *rapid.T) map[int][]change {
	before := map[int][]change{}
	for page := 1; page <= 6; page++ {
		kinds := []string{"create", "update", "delete", "move"}
		one := rapid.Custom(func(t *rapid.T) change {
			return change{rapid.SampledFrom(kinds).Draw(t, "kind"), rapid.IntRange(1, 14).Draw(t, "id"), rapid.IntRange(0, 14).Draw(t, "to")}
		})
		before[page] = rapid.SliceOfN(one, 0, 3).Draw(t, fmt.Sprintf("before page %d", page))
	}
	return before
}

// interleavings are passes over a remote that changes meanwhile, and quiet ones
// after them.
func interleavings(c cut, s strategy.Strategy, quiet ...synced.Call) func(*rapid.T) {
	return func(t *rapid.T) {
		commit := rapid.SampledFrom([]synced.Commit{synced.PerPage{}, synced.Atomic{}}).Draw(t, "commit")
		m := newMoving(t, rapid.IntRange(1, 12).Draw(t, "records"), c, s, commit)
		defer m.close()
		for range rapid.IntRange(1, 3).Draw(t, "passes") {
			m.pass(drawPass(t))
		}
		m.pass(nil, quiet...)
		m.equal()
	}
}

// Any edits, in any order, between any two requests: no row is removed whose
// record existed all the time, and one quiet pass later everything is equal.
//
// Not promised: that a record which was deleted and created again in one pass
// keeps its row meanwhile. It is back after the next one.
func TestMoving_Full(t *testing.T) {
	t.Parallel()
	check(t, 0, interleavings(byPosition, strategy.Full{}))
}

// The same with updated_since. The quiet pass is a complete one: where a record
// goes, another comes, and a third is hidden between them, nothing tells.
func TestMoving_UpdatedSince(t *testing.T) {
	t.Parallel()
	check(t, 0, interleavings(byPosition, strategy.UpdatedSince{}, synced.Call{Strategy: strategy.Full{}}))
}

// A list whose places stay put hides nothing, and is believed.
func TestMoving_Cursor(t *testing.T) {
	t.Parallel()
	t.Run("full", func(t *testing.T) {
		t.Parallel()
		check(t, 0, interleavings(byCursor, strategy.Full{}))
	})
	t.Run("updated_since", func(t *testing.T) {
		t.Parallel()
		check(t, 0, interleavings(byCursor, strategy.UpdatedSince{}))
	})
}

// Record 4 moves up to page 1, which was read already.
func TestMoving_OneGoesAndAnotherComes(t *testing.T) {
	t.Parallel()
	m := newMoving(t, 6, byPosition, strategy.Full{}, synced.PerPage{})
	defer m.close()
	m.pass(nil)
	m.pass(map[int][]change{2: {{Kind: "delete", ID: 2}, {Kind: "create", ID: 7}}})
	m.pass(nil)
	m.equal()
}

// Record 4 moves up to page 1, which was read already. It was not changed, so that
// no later run would ask for it.
func TestMoving_UpdatedSinceMissesNothing(t *testing.T) {
	t.Parallel()
	m := newMoving(t, 6, byPosition, strategy.UpdatedSince{}, synced.PerPage{})
	defer m.close()
	result := m.pass(map[int][]change{2: {{Kind: "delete", ID: 2}}})
	require.NotEmpty(t, result.NotStored)
	require.Contains(t, result.String(), "nothing stored to ask from: the remote's list shrank")
	m.pass(nil)
	m.equal()
}
