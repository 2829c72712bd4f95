package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var versionTests = tests{
	"an older record does not overwrite a newer one": olderIsSkipped,
	"without fingerprints":                           olderWithoutFingerprints,
	"an older record does not restore":               olderDoesNotRestore,
	"an older record is no reason for a fingerprint": olderFingerprint,
	"rows without a version are written":             withoutVersion,
	"of other scopes":                                versionsApart,
	"of any kind":                                    versionsOfAnyKind,
	"two write at once":                              versionsAtOnce,
	"the older one waits":                            olderWaits,
}

// edition is a record of a version.
type edition struct {
	ID         int64      `db:"id"`
	SyncedID   int64      `json:"id" db:"synced_id"`
	AccountID  int64      `db:"account_id"`
	Name       string     `json:"name" db:"name"`
	UpdatedAt  *time.Time `json:"updated_at" db:"updated_at"`
	Notes      string     `db:"notes"`
	CanceledAt *time.Time `db:"canceled_at"`
}

// version is the edition of an id, named for its version.
func version(id int64, n int) edition {
	return edition{SyncedID: id, Name: fmt.Sprint("v", n), UpdatedAt: ptr(sometime.Add(time.Duration(n) * time.Millisecond))}
}

var versioned = Options{Table: "editions", Scope: "account_id", Canceled: "canceled_at", Version: "updated_at"}

func olderIsSkipped(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Record(5, version(1, 5)), m.Record(5, version(2, 5)), m.Record(5, version(3, 5)))
	before := m.All(t)

	outcomes := m.Write(t, account, m.Record(7, version(4, 7)), m.Record(4, version(1, 4)), m.Record(6, version(2, 6)), m.Record(9, edition{SyncedID: 3, Name: "equal", UpdatedAt: before[2].UpdatedAt}))
	require.Equal(t, []backend.Change{backend.Created, backend.Older, backend.Updated, backend.Updated},
		[]backend.Change{outcomes[0].Change, outcomes[1].Change, outcomes[2].Change, outcomes[3].Change})
	require.Equal(t, backend.Outcome{Change: backend.Older}, outcomes[1])
	all := m.All(t)
	require.Equal(t, before[0], all[0])
	require.Equal(t, []string{"v5", "v6", "equal", "v7"}, []string{all[0].Name, all[1].Name, all[2].Name, all[3].Name})
	require.Equal(t, []int64{5, 6, 9}, []int64{*m.hash(t, 1), *m.hash(t, 2), *m.hash(t, 3)}, "the fingerprint of the newer row stays")
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(5, version(1, 5))))

	row, err := m.Record(0, version(1, 4)).Map()
	require.NoError(t, err)
	newer, err := m.Record(0, version(2, 8)).Map()
	require.NoError(t, err)
	older, err := db.Older(t.Context(), m.Table, account, []backend.ID{backend.IntID(1), backend.IntID(2), backend.IntID(99)}, []backend.Row{row, newer, row})
	require.NoError(t, err)
	require.Equal(t, map[backend.ID]bool{backend.IntID(1): true}, older)
}

func olderWithoutFingerprints(t *testing.T, db backend.Store) {
	o := versioned
	o.Unhashed = true
	m := Create[edition](t, db, o)
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, account, m.Record(1, version(1, 5))))
	require.Equal(t, []backend.Change{backend.Older}, m.Changes(t, account, m.Record(1, version(1, 4))))
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(1, version(1, 5))))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(1, version(1, 6))))
	require.Equal(t, "v6", m.One(t).Name)
}

func olderDoesNotRestore(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Record(5, version(1, 5)))
	m.edit(t, "canceled_at = ?", sometime)
	require.Equal(t, []backend.Change{backend.Older}, m.Changes(t, account, m.Record(4, version(1, 4))))
	require.NotNil(t, m.One(t).CanceledAt)
	require.Equal(t, []backend.Change{backend.Restored}, m.Changes(t, account, m.Record(5, version(1, 5))))
	require.Nil(t, m.One(t).CanceledAt)
}

// olderFingerprint has a row whose version alone was edited, to a newer one, so
// that nothing else tells the record from it.
func olderFingerprint(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Record(5, version(1, 5)))
	m.edit(t, "updated_at = ?", sometime.Add(time.Hour))
	require.Nil(t, m.hash(t, 1))
	require.Equal(t, []backend.Change{backend.Older}, m.Changes(t, account, m.Record(5, version(1, 5))))
	require.Nil(t, m.hash(t, 1))
}

func withoutVersion(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	Exec(t, db, "INSERT INTO editions (account_id, synced_id, name) VALUES (?, 1, 'from before')", account)
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(1, version(1, -9))))
	require.Equal(t, "v-9", m.One(t).Name)
	m.edit(t, "synced_hash = NULL")
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(1, version(1, -9))))
	require.Equal(t, int64(1), *m.hash(t, 1), "it is refreshed")
}

func versionsApart(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, int64(1), m.Record(5, version(1, 5)))
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, int64(2), m.Record(3, version(1, 3))))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, int64(2), m.Record(4, version(1, 4))))
	require.Equal(t, []backend.Change{backend.Older}, m.Changes(t, int64(1), m.Record(4, version(1, 4))))
}

// versionsOfAnyKind writes versions in their order, and each time all those that
// went before.
func versionsOfAnyKind(t *testing.T, db backend.Store) {
	ordered(t, db, "ints", []int64{-10, -9, 0, 9, 10, 1 << 53, 1<<53 + 1}, "")
	ordered(t, db, "uints", []uint16{0, 9, 10, 65535}, "")
	ordered(t, db, "floats", []float64{-1e300, -2, 0, 0.1, 0.2, 9, 10, 1e300}, "")
	ordered(t, db, "texts", []string{"", "10", "2026-01-02T03:04:05Z", "9", "B", "Z", "_", "a", "aB", "aa", "b", "é"}, "")
	ordered(t, db, "decimals", []string{"-10.5", "-9", "0.09", "0.1", "9.5", "10", "100"}, "numeric")
	ordered(t, db, "times", []time.Time{time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), sometime.Add(-time.Microsecond), sometime,
		sometime.Add(time.Microsecond), sometime.Add(100 * time.Millisecond).In(time.FixedZone("", 7200)), sometime.Add(time.Second)}, "")
}

func ordered[V any](t *testing.T, db backend.Store, table string, versions []V, columnType string) {
	t.Helper()
	type of struct {
		SyncedID int64 `json:"id" db:"synced_id"`
		Rev      V     `json:"rev" db:"rev"`
	}
	m := Create[of](t, db, Options{Table: table, Version: "rev", DDL: func(schema string) string {
		if columnType == "" {
			return schema
		}
		return strings.Replace(schema, `"rev" text`, `"rev" `+columnType, 1)
	}})
	hash := int64(0)
	write := func(v V) backend.Change {
		hash++
		return m.Changes(t, nil, m.Record(hash, of{1, v}))[0]
	}
	require.Equal(t, backend.Created, write(versions[0]), table)
	for i := 1; i < len(versions); i++ {
		require.Equal(t, backend.Updated, write(versions[i]), "%s: %v after %v", table, versions[i], versions[i-1])
		for _, older := range versions[:i] {
			require.Equal(t, backend.Older, write(older), "%s: %v before %v", table, older, versions[i])
		}
		require.Equal(t, backend.Unchanged, write(versions[i]), "%s: %v", table, versions[i])
	}
}

// versionsAtOnce has writers of several versions of new and of old rows: the
// newest is there in the end, whoever came last.
func versionsAtOnce(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	const rows, writers = 40, 4
	for round := range 5 {
		page := func(n int) (page []backend.Record) {
			for id := range int64(rows) {
				v := 10*round + (n+int(id))%writers // each is the newest of some
				page = append(page, m.Record(int64(v), version(int64(20*round)+id, v)))
			}
			return page
		}
		var all []func(context.Context) ([]backend.Outcome, error)
		for n := range writers {
			all = append(all, m.writing(account, page(n)))
		}
		race(t, all...)
		for _, row := range m.All(t)[20*round:] {
			require.Equal(t, fmt.Sprint("v", 10*round+writers-1), row.Name, row.SyncedID)
			require.Equal(t, int64(10*round+writers-1), *m.hash(t, row.SyncedID))
		}
	}
}

// olderWaits has an older version arrive while the newer one is not committed yet:
// of a new row, of one that is there, and of one that is canceled.
func olderWaits(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Record(1, version(2, 1)), m.Record(1, version(3, 1)))
	Exec(t, db, "UPDATE editions SET canceled_at = ? WHERE synced_id = 3", sometime)
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, account, []backend.Record{m.Record(9, version(1, 9)), m.Record(9, version(2, 9)), m.Record(9, version(3, 9))})
	require.NoError(t, err)

	type written struct {
		outcomes []backend.Outcome
		err      error
	}
	done := make(chan written, 1)
	started := make(chan struct{})
	go func() {
		close(started)
		outcomes, err := m.writing(account, []backend.Record{m.Record(5, version(1, 5)), m.Record(5, version(2, 5)), m.Record(5, version(3, 5)), m.Record(5, version(4, 5))})(t.Context())
		done <- written{outcomes, err}
	}()
	<-started
	require.NoError(t, tx.Commit(t.Context()))
	late := <-done
	require.NoError(t, late.err)
	for i, want := range []backend.Change{backend.Older, backend.Older, backend.Older, backend.Created} {
		require.Equal(t, want, late.outcomes[i].Change, i)
	}
	for _, row := range m.All(t)[:3] {
		require.Equal(t, "v9", row.Name)
	}
}
