package recipes

import (
	"net/url"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// StripeProduct is a product.
type StripeProduct struct {
	SyncedID string `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
	Active   bool   `json:"active" db:"active"`
}

// StripeEvents declares the products; base is https://api.stripe.com/v1. All clients of a key
// share a limiter.
func StripeEvents(base, key string, limiter *wire.Limiter) (synced.Synced[StripeProduct], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(key),
		PerPage:    100,
		RecordsKey: "data",
		Pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"},
		Since:      rest.Since{Param: "created[gte]", Format: rest.Unix},
		Feed: rest.Feed{
			Endpoint:    "events",
			Query:       url.Values{"types[]": {"product.created", "product.updated", "product.deleted"}},
			NewestFirst: true,
			RecordPath:  "data.object",
			TypePath:    "type",
			Changed:     []string{"product.created", "product.updated"},
			Deleted:     []string{"product.deleted"},
		},
		Limiter: limiter,
	})
	return synced.Synced[StripeProduct]{
		Table:    "stripe_products",
		Endpoint: "products",
		API:      api,
		Strategy: strategy.UpdatedSince{
			Retention: 29 * 24 * time.Hour, // events are kept for 30 days
			Tolerance: 5 * time.Minute,     // they may come late
			Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}},
		},
		Remove: synced.Destroy{},
		Tombstone: func(o remote.Object) bool { // how a single product is shown that was deleted
			deleted, _ := remote.Get[bool](o, "deleted")
			return deleted
		},
	}, err
}
