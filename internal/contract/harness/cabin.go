package harness

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Cabin is a model with versions, of whole seconds.
type Cabin struct {
	ID        int64               `db:"id"`
	SyncedID  int64               `json:"id" db:"synced_id"`
	AccountID int64               `db:"account_id"`
	Name      string              `json:"name" db:"name" validate:"ne=bad"`
	ChangedAt *time.Time          `json:"changed_at" db:"changed_at"`
	Title     synced.Translations `json:"title" db:"title" synced:"translated"`
	Canceled  *time.Time          `db:"canceled_at"`
}

// Pool is nested in a villa, and has versions of its own.
type Pool struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	VillaID  int64  `db:"villa_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
	Rev      int    `json:"rev" db:"rev"`
}

// At spells version n.
func At(n int) string { return time.Unix(int64(1e9+n), 0).UTC().Format(time.RFC3339) }

// CabinOf returns a record of a cabin with version n and its pools.
func CabinOf(id, n int, name string, pools ...any) remotetest.Record {
	return remotetest.Record{"id": id, "name": name, "changed_at": At(n), "title": Nested{"en": name}, "pools": pools}
}

// PoolOf returns a pool as a cabin's record nests it.
func PoolOf(id, rev int, name string) any {
	return Nested{"id": id, "name": name, "rev": rev}
}

// Cabins makes the models of cabins and their pools. change may change the
// declaration of the cabins.
func Cabins(t testing.TB, b *Bundle, change func(*synced.Synced[Cabin])) *synced.Model[Cabin] {
	t.Helper()
	d := synced.Synced[Cabin]{Table: "villas", Scope: "account_id", Strategy: strategy.Full{}, Version: "changed_at",
		Remove: synced.Cancel{Column: "canceled_at"}, Invalid: synced.Quarantine{}, Outbox: true}
	require.NoError(t, d.CreateTable(context.Background(), b.DB))
	pools := Model(t, b, synced.Synced[Pool]{Table: "pools", Version: "rev"})
	d.Associations = []synced.Association{synced.HasMany(pools, "pools", "villa_id")}
	if change != nil {
		change(&d)
	}
	return Bind(t, b, d)
}

// ReadCabins lists the rows of cabins with their translations and pools.
func ReadCabins(t testing.TB, b *Bundle) []string {
	t.Helper()
	text := "COALESCE((SELECT title FROM villas_translations WHERE parent_id = v.id AND locale = 'en'), '-')"
	list := "string_agg(p.name, ',' ORDER BY p.synced_id)"
	if b.Pool == nil {
		list = "group_concat(p.name, ',' ORDER BY p.synced_id)"
	}
	return b.Column(t, "SELECT v.name || ' ' || "+text+" || ' ' || COALESCE((SELECT "+list+" FROM pools p WHERE p.villa_id = v.id), '-') || CASE WHEN v.canceled_at IS NULL THEN '' ELSE ' canceled' END FROM villas v ORDER BY v.synced_id")
}
