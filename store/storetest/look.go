package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
)

var lookTests = tests{
	"ids close to each other":        func(t *testing.T, db store.Store) { lookAtIDs(t, db, 1) },
	"ids far apart":                  func(t *testing.T, db store.Store) { lookAtIDs(t, db, 1<<50) },
	"rows between those of a page":   lookBetween,
	"rows that somebody else wrote":  lookGuard,
	"text ids":                       lookAtTexts,
	"a table without fingerprints":   lookUnhashed,
	"a context that has ended":       lookEnded,
	"writing by an outdated look":    lookOutdated,
	"writing by a look":              lookThenWrite,
	"a look beside a transaction":    lookBeside,
	"a page of which not all has it": lookPartly,
}

func lookAtIDs(t *testing.T, db store.Store, step int64) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	rows := func() (page []store.Row) {
		for i := int64(20); i > 0; i-- {
			page = append(page, m.Row(1, version((i-10)*step, 1)))
		}
		return page
	}
	all := func(look store.Look) (looks []store.Look) {
		for range 20 {
			looks = append(looks, look)
		}
		return looks
	}
	require.Equal(t, all(store.Absent), m.Look(t, account, rows()...))
	m.Write(t, account, rows()...)
	require.Equal(t, all(store.Same), m.Look(t, account, rows()...))
	require.Equal(t, all(store.Same), m.Look(t, nil, rows()...), "in the whole table")
	require.Equal(t, all(store.Absent), m.Look(t, account+1, rows()...), "in another scope")
	require.Empty(t, m.Look(t, account), "an empty page")

	page := rows()
	page[7].Hash = 2
	want := append(all(store.Same), store.Absent)
	want[7] = store.Differs
	require.Equal(t, want, m.Look(t, account, append(page, m.Row(1, version(11*step, 1)))...))
}

// lookBetween: the page leaves out some rows, and may have fewer than that.
func lookBetween(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	var all, page []store.Row
	var want []store.Look
	for i := range int64(30) {
		row := m.Row(i, version(i, 1))
		if all = append(all, row); i%3 > 0 {
			page, want = append(page, row), append(want, store.Same)
		}
	}
	m.Write(t, account, all...)
	require.Equal(t, want, m.Look(t, account, page...))
	page[3].Hash++
	want[3] = store.Differs
	require.Equal(t, want, m.Look(t, account, page...))
}

func lookGuard(t *testing.T, db store.Store) {
	m := Create[edition](t, db, versioned)
	page := []store.Row{m.Row(1, version(1, 1)), m.Row(1, version(2, 1))}
	m.Write(t, account, page...)
	Exec(t, db, "UPDATE editions SET notes = 'ours'")
	require.Equal(t, []store.Look{store.Same, store.Same}, m.Look(t, account, page...), "a column of the service's own")
	Exec(t, db, "UPDATE editions SET canceled_at = ? WHERE synced_id = 2", sometime)
	require.Equal(t, []store.Look{store.Same, store.Differs}, m.Look(t, account, page...))
}

func lookAtTexts(t *testing.T, db store.Store) {
	type place struct {
		SyncedID string `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	m := Create[place](t, db, Options{Table: "places"})
	m.Write(t, nil, m.Row(1, place{"b", "B"}), m.Row(2, place{"7", "seven"}))
	require.Equal(t, []store.Look{store.Same, store.Absent, store.Differs},
		m.Look(t, nil, m.Row(2, place{"7", "seven"}), m.Row(2, place{"07", "seven"}), m.Row(2, place{"b", "B"})))
}

func lookUnhashed(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id", Unhashed: true})
	m.Write(t, account, m.Row(1, version(1, 1)))
	require.Equal(t, []store.Look{store.Differs, store.Differs}, m.Look(t, account, m.Row(1, version(1, 1)), m.Row(1, version(2, 1))))
}

func lookEnded(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Look(ctx, m.Table, account, []store.Row{m.Row(1, version(1, 1))})
	require.ErrorIs(t, err, context.Canceled)
}

// lookOutdated: what a look said is not so any more when the page is written.
func lookOutdated(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	var page []store.Row
	var want []store.Change
	for i := range int64(60) { // enough for each way to insert
		stored, row := m.Row(1, version(i, 1)), m.Row(2, version(i, 2))
		switch i % 3 {
		case 0:
			row.Look = store.Absent // and is there
			m.Write(t, account, stored)
			want = append(want, store.Updated)
		case 1:
			row.Look = store.Differs // and is gone
			want = append(want, store.Created)
		case 2:
			row, row.Look = stored, store.Absent // and is there as it should be
			m.Write(t, account, stored)
			want = append(want, store.Unchanged)
		}
		page = append(page, row)
	}
	require.Equal(t, want, m.Changes(t, account, page...))
	require.Equal(t, int64(60), Value[int64](t, db, "SELECT count(*) FROM editions"))
	require.Equal(t, int64(40), Value[int64](t, db, "SELECT count(*) FROM editions WHERE name = 'v2'"))
}

func lookThenWrite(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Row(1, version(1, 1)), m.Row(1, version(2, 1)))
	page := []store.Row{m.Row(1, version(1, 1)), m.Row(2, version(2, 2)), m.Row(1, version(3, 1))}
	for i, look := range m.Look(t, account, page...) {
		page[i].Look = look
	}
	page[0].Map = func() (store.Record, error) { return store.Record{}, errors.New("mapped, and is the same") }
	require.Equal(t, []store.Change{store.Unchanged, store.Updated, store.Created}, m.Changes(t, account, page...))
}

func lookBeside(t *testing.T, db store.Store) {
	if !db.Parallel() {
		t.Fatal("the suite runs on a store that is parallel")
	}
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []store.Row{m.Row(1, version(1, 1))})
	require.NoError(t, err)
	require.Equal(t, []store.Look{store.Absent}, m.Look(t, account, m.Row(1, version(1, 1))), "it is not committed")
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, []store.Look{store.Same}, m.Look(t, account, m.Row(1, version(1, 1))))
}

// lookPartly: rows that nobody has looked at are, and with them the others.
func lookPartly(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Row(1, version(1, 1)), m.Row(1, version(2, 1)))
	page := []store.Row{m.Row(2, version(1, 2)), m.Row(2, version(2, 2))}
	page[0].Look = store.Same
	require.Equal(t, []store.Change{store.Updated, store.Updated}, m.Changes(t, account, page...))
}
