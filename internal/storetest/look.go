package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var lookTests = tests{
	"ids close to each other":        func(t *testing.T, db backend.Store) { lookAtIDs(t, db, 1) },
	"ids far apart":                  func(t *testing.T, db backend.Store) { lookAtIDs(t, db, 1<<50) },
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

func lookAtIDs(t *testing.T, db backend.Store, step int64) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	rows := func() (page []backend.Record) {
		for i := int64(20); i > 0; i-- {
			page = append(page, m.Record(1, version((i-10)*step, 1)))
		}
		return page
	}
	all := func(look backend.Look) (looks []backend.Look) {
		for range 20 {
			looks = append(looks, look)
		}
		return looks
	}
	require.Equal(t, all(backend.Absent), m.Look(t, account, rows()...))
	m.Write(t, account, rows()...)
	require.Equal(t, all(backend.Same), m.Look(t, account, rows()...))
	require.Equal(t, all(backend.Same), m.Look(t, nil, rows()...), "in the whole table")
	require.Equal(t, all(backend.Absent), m.Look(t, account+1, rows()...), "in another scope")
	require.Empty(t, m.Look(t, account), "an empty page")

	page := rows()
	page[7].Hash = 2
	want := append(all(backend.Same), backend.Absent)
	want[7] = backend.Differs
	require.Equal(t, want, m.Look(t, account, append(page, m.Record(1, version(11*step, 1)))...))
}

// lookBetween: the page leaves out some rows, and may have fewer than that.
func lookBetween(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	var all, page []backend.Record
	var want []backend.Look
	for i := range int64(30) {
		row := m.Record(i, version(i, 1))
		if all = append(all, row); i%3 > 0 {
			page, want = append(page, row), append(want, backend.Same)
		}
	}
	m.Write(t, account, all...)
	require.Equal(t, want, m.Look(t, account, page...))
	page[3].Hash++
	want[3] = backend.Differs
	require.Equal(t, want, m.Look(t, account, page...))
}

func lookGuard(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	page := []backend.Record{m.Record(1, version(1, 1)), m.Record(1, version(2, 1))}
	m.Write(t, account, page...)
	Exec(t, db, "UPDATE editions SET notes = 'ours'")
	require.Equal(t, []backend.Look{backend.Same, backend.Same}, m.Look(t, account, page...), "a column of the service's own")
	Exec(t, db, "UPDATE editions SET canceled_at = ? WHERE synced_id = 2", sometime)
	require.Equal(t, []backend.Look{backend.Same, backend.Differs}, m.Look(t, account, page...))
}

func lookAtTexts(t *testing.T, db backend.Store) {
	type place struct {
		SyncedID string `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	m := Create[place](t, db, Options{Table: "places"})
	m.Write(t, nil, m.Record(1, place{"b", "B"}), m.Record(2, place{"7", "seven"}))
	require.Equal(t, []backend.Look{backend.Same, backend.Absent, backend.Differs},
		m.Look(t, nil, m.Record(2, place{"7", "seven"}), m.Record(2, place{"07", "seven"}), m.Record(2, place{"b", "B"})))
}

func lookUnhashed(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id", Unhashed: true})
	m.Write(t, account, m.Record(1, version(1, 1)))
	require.Equal(t, []backend.Look{backend.Differs, backend.Differs}, m.Look(t, account, m.Record(1, version(1, 1)), m.Record(1, version(2, 1))))
}

func lookEnded(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Look(ctx, m.Table, account, []backend.Record{m.Record(1, version(1, 1))})
	require.ErrorIs(t, err, context.Canceled)
}

// lookOutdated: what a look said is no longer so when the page is written.
func lookOutdated(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	var page []backend.Record
	var want []backend.Change
	for i := range int64(60) { // enough for each way to insert
		stored, row := m.Record(1, version(i, 1)), m.Record(2, version(i, 2))
		switch i % 3 {
		case 0:
			row.Look = backend.Absent // and is there
			m.Write(t, account, stored)
			want = append(want, backend.Updated)
		case 1:
			row.Look = backend.Differs // and is gone
			want = append(want, backend.Created)
		case 2:
			row, row.Look = stored, backend.Absent // and is there as it should be
			m.Write(t, account, stored)
			want = append(want, backend.Unchanged)
		}
		page = append(page, row)
	}
	require.Equal(t, want, m.Changes(t, account, page...))
	require.Equal(t, int64(60), Value[int64](t, db, "SELECT count(*) FROM editions"))
	require.Equal(t, int64(40), Value[int64](t, db, "SELECT count(*) FROM editions WHERE name = 'v2'"))
}

func lookThenWrite(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Record(1, version(1, 1)), m.Record(1, version(2, 1)))
	page := []backend.Record{m.Record(1, version(1, 1)), m.Record(2, version(2, 2)), m.Record(1, version(3, 1))}
	for i, look := range m.Look(t, account, page...) {
		page[i].Look = look
	}
	page[0].Mapper = backend.MapFunc(func() (backend.Row, error) { return backend.Row{}, errors.New("mapped, and is the same") })
	require.Equal(t, []backend.Change{backend.Unchanged, backend.Updated, backend.Created}, m.Changes(t, account, page...))
}

func lookBeside(t *testing.T, db backend.Store) {
	if !db.Parallel() {
		t.Fatal("the suite runs on a store that is parallel")
	}
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, version(1, 1))})
	require.NoError(t, err)
	require.Equal(t, []backend.Look{backend.Absent}, m.Look(t, account, m.Record(1, version(1, 1))), "it is not committed")
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, []backend.Look{backend.Same}, m.Look(t, account, m.Record(1, version(1, 1))))
}

// lookPartly: a write looks at rows that were not looked at yet, and at the others with them.
func lookPartly(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Record(1, version(1, 1)), m.Record(1, version(2, 1)))
	page := []backend.Record{m.Record(2, version(1, 2)), m.Record(2, version(2, 2))}
	page[0].Look = backend.Same
	require.Equal(t, []backend.Change{backend.Updated, backend.Updated}, m.Changes(t, account, page...))
}
