package recipes

import (
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// WooProduct is a product.
type WooProduct struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
	Price    string `json:"price" db:"price"`
}

// WooCommerce declares the products; base is https://SHOP/wp-json/wc/v3.
func WooCommerce(base, key, secret string) (synced.Synced[WooProduct], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:     base,
		Auth:        wire.Basic(key, secret),
		PerPage:     100,
		RecordsKey:  rest.Root,
		Pagination:  rest.PageNumber{TotalPagesHeader: "X-WP-TotalPages"},
		TotalHeader: "X-WP-Total",
		Since:       rest.Since{Param: "modified_after", Format: "2006-01-02T15:04:05", Exclusive: true},
		IDs:         rest.IDs{Param: "include"},
	})
	return synced.Synced[WooProduct]{
		Table:    "woo_products",
		Endpoint: "products",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"dates_are_gmt": {"true"}, "orderby": {"id"}, "order": {"asc"}}},
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}
