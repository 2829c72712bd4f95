package recipes

import (
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// ShopifyProduct is a product of one shop.
type ShopifyProduct struct {
	SyncedID string `json:"id" db:"synced_id"` // gid://shopify/Product/1
	Title    string `json:"title" db:"title"`
}

// ShopifyGraphQL declares the products; base is https://SHOP.myshopify.com/admin/api/2025-01.
func ShopifyGraphQL(base, token string) (synced.Synced[ShopifyProduct], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL: base,
		Auth:    wire.APIKeyHeader("X-Shopify-Access-Token", token),
		PerPage: 100,
		Parameters: rest.Parameters{GraphQL: `query($first: Int, $after: String, $query: String) {
			products(first: $first, after: $after, query: $query, sortKey: ID) {
				nodes { id title }
				pageInfo { endCursor hasNextPage }
			}
		}`},
		RecordsKey: "data.products.nodes",
		Pagination: rest.Cursor{Param: "after", PerPage: "first", Path: "data.products.pageInfo.endCursor", MorePath: "data.products.pageInfo.hasNextPage"},
		Since:      rest.Since{Param: "query", Filter: "updated_at:>='%s'", And: " AND "},
	})
	return synced.Synced[ShopifyProduct]{
		Table:    "shopify_products",
		Endpoint: "graphql.json",
		API:      api,
		Strategy: strategy.UpdatedSince{Tolerance: 5 * time.Minute, Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}
