package recipes

import (
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// StripeCustomer is a customer.
type StripeCustomer struct {
	SyncedID string    `json:"id" db:"synced_id"`
	Name     string    `json:"name" db:"name"`
	Created  time.Time `json:"created" db:"created" time:"unix"`
}

// Stripe declares the customers; base is https://api.stripe.com/v1.
func Stripe(base, key string) (synced.Synced[StripeCustomer], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(key),
		PerPage:    100,
		RecordsKey: "data",
		Pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"},
	})
	return synced.Synced[StripeCustomer]{
		Table:    "stripe_customers",
		Endpoint: "customers",
		API:      api,
		Strategy: strategy.Full{},
		Remove:   synced.Destroy{},
	}, err
}
