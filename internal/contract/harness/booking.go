package harness

import (
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/strategy"
)

// Booking is a model whose rows can be canceled.
type Booking struct {
	SyncedID   int64      `json:"id" db:"synced_id"`
	AccountID  int64      `db:"account_id"`
	Name       string     `json:"name" db:"name"`
	CanceledAt *time.Time `db:"canceled_at"`
}

// Bookings declares bookings that are canceled instead of removed.
func Bookings() synced.Synced[Booking] {
	return synced.Synced[Booking]{Table: "bookings", Endpoint: "rentals", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Cancel{Column: "canceled_at"}}
}
