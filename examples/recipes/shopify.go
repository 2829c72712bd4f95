package recipes

import (
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// ShopifyOrder is an order of one shop.
type ShopifyOrder struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
	Total    string `json:"total_price" db:"total"`
}

// Shopify declares the orders; base is https://SHOP.myshopify.com/admin/api/2025-01.
func Shopify(base, token string) (synced.Synced[ShopifyOrder], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.APIKeyHeader("X-Shopify-Access-Token", token),
		PerPage:    250,
		Pagination: rest.LinkHeader{PerPage: "limit", Stable: true}, // page_info
		Since:      rest.Since{Param: "updated_at_min"},
		Limiter:    wire.NewLimiter(wire.LimiterConfig{PerSecond: 2, Burst: 40}),
	})
	return synced.Synced[ShopifyOrder]{
		Table:    "shopify_orders",
		Endpoint: "orders.json",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"status": {"any"}}}, // open ones only, else
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}
