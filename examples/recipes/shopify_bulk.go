package recipes

import (
	"bytes"
	"net/http"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// ShopifyVariant is a product's variant.
type ShopifyVariant struct {
	SyncedID string `json:"id" db:"synced_id"` // gid://shopify/ProductVariant/1
	SKU      string `json:"sku" db:"sku"`
}

// ShopifyBulk declares the variants, which a bulk operation exports; base is
// https://SHOP.myshopify.com/admin/api/2025-01, files https://storage.googleapis.com.
func ShopifyBulk(base, token, files string) (synced.Synced[ShopifyVariant], error) {
	job := func(document string) rest.Step {
		return rest.Step{Path: "graphql.json", Param: "id", Parameters: rest.Parameters{GraphQL: document}}
	}
	api, err := rest.NewClient(rest.Config{
		BaseURL: base,
		Auth:    wire.APIKeyHeader("X-Shopify-Access-Token", token),
		Parameters: rest.Parameters{
			GraphQL: `mutation($query: String!) { bulkOperationRunQuery(query: $query) { bulkOperation { id createdAt } userErrors { message } } }`,
			JSON:    `{"query":"{ productVariants { edges { node { id sku } } } }"}`,
		},
		Since: rest.Since{Param: "query", Filter: `{ productVariants(query: "updated_at:>='%s'") { edges { node { id sku } } } }`},
		Body:  rest.NDJSON{},
		Export: &rest.Export{
			Job:   "data.bulkOperationRunQuery.bulkOperation.id",
			Poll:  job(`query($id: ID!) { node(id: $id) { ... on BulkOperation { status errorCode url rootObjectCount } } }`),
			State: "data.node.status", Done: []string{"COMPLETED"}, Failed: []string{"FAILED", "CANCELED", "EXPIRED"}, Reason: "data.node.errorCode",
			Files:   "data.node.url",
			Hosts:   []string{files},
			MaxTime: 6 * time.Hour,
			Cancel:  job(`mutation($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }`),
		},
		TotalPath:    "data.node.rootObjectCount",
		SyncedAtPath: "data.bulkOperationRunQuery.bulkOperation.createdAt",
		// One operation at a time: another is waited for.
		Limited: func(_ int, _ http.Header, body []byte) bool {
			return bytes.Contains(body, []byte("bulk query operation for this app and shop is already in progress"))
		},
		Retry: wire.Retry{MaxTime: 10 * time.Minute},
	})
	return synced.Synced[ShopifyVariant]{
		Table:    "shopify_variants",
		Endpoint: "graphql.json",
		API:      api,
		Strategy: strategy.UpdatedSince{Tolerance: 5 * time.Minute},
	}, err
}
