package harness

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// Rental is the model of most tests.
type Rental struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	RemoteSize *int        `json:"surface" db:"remote_size"`
	Price      *string     `json:"price" db:"price"`
	Notes      string      `db:"notes"`
	Bedrooms   int         `json:"bedrooms_count"`
	SyncedData synced.Data `db:"synced_data"`
}

// Rentals declares rentals by account, with the full strategy.
func Rentals() synced.Synced[Rental] {
	return synced.Synced[Rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}}
}

// stable returns a client that resumes passes at the API's next links.
func stable(t testing.TB, b *Bundle) *rest.Client {
	t.Helper()
	c, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(Token), HTTP: b.Server.Client(),
		Pagination: rest.LinkHeader{Stable: true}})
	require.NoError(t, err)
	return c
}

// Resumable declares rentals whose passes note each page and can resume there.
func Resumable(t testing.TB, b *Bundle) synced.Synced[Rental] {
	t.Helper()
	d := Rentals()
	d.API, d.Commit, d.Remove = stable(t, b), synced.PerPage{Checkpoint: time.Nanosecond}, synced.Destroy{}
	return d
}

// Incremental declares rentals by account, with the updated-since strategy.
func Incremental(s strategy.UpdatedSince) synced.Synced[Rental] {
	return synced.Synced[Rental]{Table: "rentals", Scope: "account_id", Strategy: s}
}

// Put gives the default account a rental for each name, with ids from 1.
func (b *Bundle) Put(names ...string) {
	for i, name := range names {
		b.Server.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": name})
	}
}

// Stripped declares rentals of an API, such as a [Strip], whose passes note each
// page.
func Stripped(api remote.API) synced.Synced[Rental] {
	d := Rentals()
	d.API, d.Commit, d.Remove = api, synced.PerPage{Checkpoint: time.Nanosecond}, synced.Destroy{}
	return d
}
