package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
)

var unchangedTests = tests{
	"ids close to each other":       func(t *testing.T, db store.Store) { unchangedIDs(t, db, 1) },
	"ids far apart":                 func(t *testing.T, db store.Store) { unchangedIDs(t, db, 1<<50) },
	"rows between those of a page":  unchangedBetween,
	"rows that somebody else wrote": unchangedGuard,
	"text ids":                      unchangedTexts,
	"a context that has ended":      unchangedEnded,
}

func unchangedIDs(t *testing.T, db store.Store, step int64) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	rows := func(hash int64) (page []store.Row) {
		for i := int64(20); i > 0; i-- {
			page = append(page, m.Row(hash, version((i-10)*step, 1)))
		}
		return page
	}
	require.False(t, m.Unchanged(t, account, rows(1)...), "of an empty table")
	m.Write(t, account, rows(1)...)
	require.True(t, m.Unchanged(t, account, rows(1)...))
	require.True(t, m.Unchanged(t, nil, rows(1)...), "in the whole table")
	require.True(t, m.Unchanged(t, account), "an empty page")
	require.False(t, m.Unchanged(t, account+1, rows(1)...), "in another scope")

	page := rows(1)
	page[7].Hash = 2
	require.False(t, m.Unchanged(t, account, page...))
	require.False(t, m.Unchanged(t, account, append(rows(1), m.Row(1, version(11*step, 1)))...), "one is new")
}

// unchangedBetween: the page leaves out some rows, and may have fewer than that.
func unchangedBetween(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	var all, page []store.Row
	for i := range int64(30) {
		row := m.Row(i, version(i, 1))
		if all = append(all, row); i%3 > 0 {
			page = append(page, row)
		}
	}
	m.Write(t, account, all...)
	require.True(t, m.Unchanged(t, account, page...))
	page[3].Hash++
	require.False(t, m.Unchanged(t, account, page...))
	require.Equal(t, []store.Change{store.Unchanged, store.Unchanged}, m.Changes(t, account, page[2:4]...), "of the row itself nothing differs")
}

func unchangedGuard(t *testing.T, db store.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Row(1, version(1, 1)), m.Row(1, version(2, 1)))
	Exec(t, db, "UPDATE editions SET notes = 'ours'")
	require.True(t, m.Unchanged(t, account, m.Row(1, version(1, 1)), m.Row(1, version(2, 1))), "a column of the service's own")
	Exec(t, db, "UPDATE editions SET canceled_at = ? WHERE synced_id = 2", sometime)
	require.False(t, m.Unchanged(t, account, m.Row(1, version(1, 1)), m.Row(1, version(2, 1))))
}

func unchangedTexts(t *testing.T, db store.Store) {
	type place struct {
		SyncedID string `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	m := Create[place](t, db, Options{Table: "places"})
	m.Write(t, nil, m.Row(1, place{"b", "B"}), m.Row(2, place{"7", "seven"}))
	require.True(t, m.Unchanged(t, nil, m.Row(2, place{"7", "seven"}), m.Row(1, place{"b", "B"})))
	require.False(t, m.Unchanged(t, nil, m.Row(1, place{"7", "seven"}), m.Row(2, place{"b", "B"})))
}

func unchangedEnded(t *testing.T, db store.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Unchanged(ctx, m.Table, account, []store.Row{m.Row(1, version(1, 1))})
	require.ErrorIs(t, err, context.Canceled)
}
