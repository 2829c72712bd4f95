package storetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var writeTests = tests{
	"rows that nobody sees as they were":                  unreadUpdates,
	"outcomes are in the order of the page":               outcomesInOrder,
	"an empty page":                                       emptyPage,
	"created rows carry what the database filled in":      createdRows,
	"updated rows carry what they were":                   updatedRows,
	"restored rows carry what they were":                  restoredRows,
	"an equal fingerprint does not map":                   fingerprintDoesNotMap,
	"an equal fingerprint hides nothing":                  editedRowIsMended,
	"no fingerprint and equal columns":                    refreshedFingerprint,
	"another spelling of the object keeps the old one":    otherSpelling,
	"another mapping of the object takes the fingerprint": otherMapping,
	"without fingerprints columns are compared":           withoutFingerprints,
	"an error of Map":                                     mapError,
	"an error of Map of a record with Quarantine":         quarantined,
}

func outcomesInOrder(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "unchanged")), m.Record(1, object(2, "before")), m.Record(1, object(3, "canceled")))
	Exec(t, db, "UPDATE rentals SET canceled_at = ?, synced_hash = NULL WHERE synced_id = 3", sometime)

	require.Equal(t, []backend.Change{backend.Created, backend.Restored, backend.Updated, backend.Created, backend.Unchanged}, m.Changes(t, account,
		m.Record(2, object(9, "new")), m.Record(1, object(3, "canceled")), m.Record(2, object(2, "after")), m.Record(1, object(4, "new")), m.Record(1, object(1, "unchanged"))))

	var names []string
	for _, r := range m.All(t) {
		names = append(names, r.Name)
		require.Nil(t, r.CanceledAt)
	}
	require.Equal(t, []string{"unchanged", "after", "canceled", "new", "new"}, names)
	require.Equal(t, int64(2), *m.hash(t, 2))
}

func emptyPage(t *testing.T, db backend.Store) {
	for _, m := range []*Model[rental]{rentals(t, db), Create[rental](t, db, Options{Table: "unhashed", Unhashed: true})} {
		require.Empty(t, m.Write(t, nil))
		require.Empty(t, m.All(t))
	}
}

func createdRows(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	outcomes := m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut")))
	all := m.All(t)
	for i, o := range outcomes {
		require.Equal(t, backend.Created, o.Change)
		require.Nil(t, o.Old.Value)
		require.NotZero(t, fresh(t, o).ID)
		require.Equal(t, account, fresh(t, o).AccountID)
		require.Equal(t, all[i], fresh(t, o))
	}
	require.NotEqual(t, all[0].ID, all[1].ID)
}

func updatedRows(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	m.edit(t, "notes = 'keys at the bar'")
	before := m.One(t)

	o := m.Write(t, account, m.Record(2, object(1, "Castle")))[0]
	require.Equal(t, backend.Updated, o.Change)
	require.Equal(t, before, old(t, o))
	require.Equal(t, m.One(t), fresh(t, o))
	require.Equal(t, "Castle", fresh(t, o).Name)
	require.Equal(t, "keys at the bar", fresh(t, o).Notes)
	require.Equal(t, before.ID, fresh(t, o).ID)
}

func restoredRows(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	m.edit(t, "canceled_at = ?", sometime)
	require.Nil(t, m.hash(t, 1), "canceling counts as an edit")
	before := m.One(t)

	o := m.Write(t, account, m.Record(1, object(1, "Villa")))[0]
	require.Equal(t, backend.Restored, o.Change)
	require.Equal(t, before, old(t, o))
	require.NotNil(t, old(t, o).CanceledAt)
	require.Equal(t, m.One(t), fresh(t, o))
	require.Nil(t, fresh(t, o).CanceledAt)
	require.Equal(t, int64(1), *m.hash(t, 1))
}

func fingerprintDoesNotMap(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	before := m.One(t)

	same := m.Record(1, object(1, "never looked at"))
	same.Mapper = backend.MapFunc(func() (backend.Row, error) { return backend.Row{}, errors.New("mapped") })
	require.Equal(t, backend.Outcome{}, m.Write(t, account, same)[0])
	require.Equal(t, before, m.One(t))
}

func editedRowIsMended(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	before := m.One(t)
	m.edit(t, "name = 'edited here'")
	require.Nil(t, m.hash(t, 1))

	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(1, object(1, "Villa"))))
	require.Equal(t, before, m.One(t))
	require.Equal(t, int64(1), *m.hash(t, 1))
}

func refreshedFingerprint(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut")))
	before := m.All(t)
	m.edit(t, "synced_hash = NULL")

	outcomes := m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(5, object(2, "Hut")))
	require.Equal(t, []backend.Outcome{{}, {}}, outcomes)
	require.Equal(t, before, m.All(t))
	require.Equal(t, int64(1), *m.hash(t, 1))
	require.Equal(t, int64(5), *m.hash(t, 2))
}

func otherSpelling(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	respelt := object(1, "Villa")
	respelt.SyncedData = []byte(`{ "name": "Villa", "id": 1 }`)

	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(2, respelt)))
	require.Equal(t, object(1, "Villa").SyncedData, m.One(t).SyncedData, "the row was rewritten")
	require.Equal(t, int64(1), *m.hash(t, 1))
}

func otherMapping(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))

	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(2, object(1, "Villa"))))
	require.Equal(t, int64(2), *m.hash(t, 1))
}

func withoutFingerprints(t *testing.T, db backend.Store) {
	o := scoped
	o.Unhashed = true
	m := Create[rental](t, db, o)
	require.Equal(t, []backend.Change{backend.Created, backend.Created}, m.Changes(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut"))))

	require.Equal(t, []backend.Change{backend.Unchanged, backend.Updated, backend.Created}, m.Changes(t, account,
		m.Record(2, object(1, "Villa")), m.Record(1, object(2, "Hall")), m.Record(1, object(3, "Tent"))))
	m.edit(t, "canceled_at = ?", sometime)
	require.Equal(t, []backend.Change{backend.Restored}, m.Changes(t, account, m.Record(1, object(1, "Villa"))))
	require.Nil(t, m.hash(t, 1))
}

func mapError(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	broken := errors.New("no price")
	bad := m.Record(1, object(3, "Shed"))
	bad.Mapper = backend.MapFunc(func() (backend.Row, error) { return backend.Row{}, broken })

	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(2, object(1, "Castle")), m.Record(1, object(2, "Hut"))})
	require.NoError(t, err)
	_, err = tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(1, object(4, "Tent")), bad})
	require.ErrorIs(t, err, broken)
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, "Villa", m.One(t).Name)
}

// quarantined fails to map a row that exists and one that does not, among others.
func quarantined(t *testing.T, db backend.Store) {
	unhashed := scoped
	unhashed.Table, unhashed.Unhashed = "unhashed", true
	for _, m := range []*Model[rental]{rentals(t, db), Create[rental](t, db, unhashed)} {
		m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(3, "Shed")))
		broken := errors.New("no price")
		unmapped := func(id int64) backend.Record {
			r := m.Record(2, object(id, "never"))
			r.Quarantine, r.Mapper = true, backend.MapFunc(func() (backend.Row, error) { return backend.Row{}, broken })
			return r
		}
		outcomes := m.Write(t, account, unmapped(2), m.Record(2, object(1, "Castle")), unmapped(3), m.Record(1, object(4, "Tent")))
		require.Equal(t, backend.Outcome{Err: broken}, outcomes[0])
		require.Equal(t, backend.Outcome{Err: broken}, outcomes[2])
		require.Equal(t, backend.Updated, outcomes[1].Change)
		require.Equal(t, backend.Created, outcomes[3].Change)
		require.NoError(t, outcomes[1].Err)
		var names []string
		for _, r := range m.All(t) {
			names = append(names, r.Name)
		}
		require.Equal(t, []string{"Castle", "Shed", "Tent"}, names)
	}
}
