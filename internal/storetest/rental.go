package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/store"
)

// rental is the model of most tests: its name, size and data are a run's, its
// notes and local id are not.
type rental struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Size       *int64      `json:"size" db:"size"`
	Notes      string      `db:"notes"`
	CanceledAt *time.Time  `db:"canceled_at"`
	SyncedData mapper.Data `db:"synced_data"`
}

// object is the rental of a remote object.
func object(id int64, name string) rental {
	return rental{SyncedID: id, Name: name, SyncedData: mapper.Data(fmt.Sprintf(`{"id":%d,"name":%q}`, id, name))}
}

// rentals is a table of rentals with the scope and cancellation that most
// services have.
func rentals(t testing.TB, db backend.Store) *Model[rental] {
	t.Helper()
	return Create[rental](t, db, scoped)
}

var scoped = Options{Scope: "account_id", Canceled: "canceled_at"}

// account is the scope of tests that need but one.
const account = int64(7)

// hash is the fingerprint that a row is stored with.
func (m *Model[T]) hash(t testing.TB, id any) *int64 {
	t.Helper()
	return Value[*int64](t, m.DB, "SELECT synced_hash FROM "+store.Quote(m.Table.Name)+" WHERE synced_id = ?", id)
}

// edit changes a column of every row, as the service would.
func (m *Model[T]) edit(t testing.TB, set string, args ...any) {
	t.Helper()
	Exec(t, m.DB, "UPDATE "+store.Quote(m.Table.Name)+" SET "+set, args...)
}

func ptr[V any](v V) *V { return &v }

// old and fresh are the rows of an outcome, before and after.
func old(t testing.TB, o backend.Outcome) rental {
	t.Helper()
	require.IsType(t, (*rental)(nil), o.Old.Value)
	return *o.Old.Value.(*rental)
}

func fresh(t testing.TB, o backend.Outcome) rental {
	t.Helper()
	require.IsType(t, (*rental)(nil), o.New.Value)
	return *o.New.Value.(*rental)
}
