package main

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Rental is a row of the table rentals. The tags say where each column comes
// from: json is the name that the remote uses, db the one used here.
type Rental struct {
	ID         int64       `db:"id"`                         // made by the database
	SyncedID   int64       `json:"id" db:"synced_id"`        // the remote id
	AccountID  int64       `db:"account_id"`                 // the scope
	Name       string      `json:"name" db:"name"`           // the same name on both sides
	RemoteSize *int        `json:"surface" db:"remote_size"` // another name here; null stays null
	Price      string      `json:"price" db:"price"`         // a decimal, kept as the text that came: no float rounds it
	Slug       string      `db:"slug" synced:"computed"`     // set by Map, below
	Notes      string      `db:"notes"`                      // the service's own: no run writes it
	Bedrooms   int         `json:"bedrooms_count"`           // no column: read from the stored object
	CanceledAt *time.Time  `db:"canceled_at"`                // when it was gone remotely
	SyncedData synced.Data `db:"synced_data"`                // the whole remote object, as received
}

// declaration says how rentals are kept in step with the API at baseURL. Wrote is
// called with the number of rows that a page changed.
func declaration(baseURL string, wrote func(rows int)) synced.Synced[Rental] {
	return synced.Synced[Rental]{
		Table: "rentals",
		Scope: "account_id",
		// Each account gave us a token of its own, which sees its rentals only.
		APIFor: func(_ context.Context, scope synced.Scope) (remote.API, error) {
			token, ok := tokenOf(scope.Value())
			if !ok {
				return nil, fmt.Errorf("no token for account %s", scope)
			}
			return rest.NewClient(rest.Config{BaseURL: baseURL, Auth: wire.Bearer(token)})
		},
		// The first run asks for everything, the others for what changed since the
		// run before them and, as the remote's clocks may lag, in the minute before.
		Strategy: strategy.UpdatedSince{Tolerance: time.Minute},
		// Bookings refer to rentals, so a row whose rental is gone stays, marked.
		Remove: synced.Cancel{Column: "canceled_at"},
		Map: func(_ remote.Object, r *Rental) error {
			r.Slug = slug(r.Name)
			return nil
		},
		// It runs in the transaction that changes the rows: what a service writes
		// here with sqlite.Tx(tx) or postgres.Tx(tx) is committed with them.
		OnChange: func(_ context.Context, _ store.Tx, changes []synced.Change[Rental]) error {
			wrote(len(changes))
			return nil
		},
	}
}

// slug is a name as it may stand in a URL.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}
