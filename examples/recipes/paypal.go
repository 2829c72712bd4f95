package recipes

import (
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// PayPalTransaction is a transaction.
type PayPalTransaction struct {
	SyncedID  string    `db:"synced_id"` // its id and its event code
	Initiated time.Time `json:"transaction_info.transaction_initiation_date" db:"initiated_at" time:"2006-01-02T15:04:05Z0700"`
	Status    string    `json:"transaction_info.transaction_status" db:"status"`
	Amount    string    `json:"transaction_info.transaction_amount.value" db:"amount"`
	Currency  string    `json:"transaction_info.transaction_amount.currency_code" db:"currency"`
}

// PayPal declares an account's transactions since a time; base is https://api-m.paypal.com/v1.
func PayPal(base, token string, since time.Time) (synced.Synced[PayPalTransaction], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:      base,
		Auth:         wire.Bearer(token),
		PerPage:      500,
		RecordsKey:   "transaction_details",
		Pagination:   rest.PageNumber{PerPage: "page_size", TotalPagesPath: "total_pages"},
		TotalPath:    "total_items",
		Since:        rest.Since{Param: "start_date", Until: "end_date", Window: 31 * 24 * time.Hour},
		SyncedAtPath: "last_refreshed_datetime",
		Record:       rest.Record{Path: rest.None},
		InFlight:     3, // windows, and pages
	})
	return synced.Synced[PayPalTransaction]{
		Table:    "paypal_transactions",
		Endpoint: "reporting/transactions",
		ID:       []string{"transaction_info.transaction_id", "transaction_info.transaction_event_code"},
		API:      api,
		Strategy: strategy.UpdatedSince{Initial: since, NewestFirst: true},
	}, err
}

// PayPalLately is a call that asks once more for the transactions of the last month: what
// becomes of one is not told by another.
func PayPalLately(now time.Time) synced.Call { return synced.Call{From: now.AddDate(0, -1, 0)} }
