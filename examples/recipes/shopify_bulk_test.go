package recipes

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/strategy"
)

// shopifyBulk answers what the recipe asks; an operation is done when it is asked for the
// second time, and its file is on a host that takes a signed URL and no credentials.
func shopifyBulk(files string) func(f *fake, w http.ResponseWriter, r *http.Request) {
	return func(f *fake, w http.ResponseWriter, r *http.Request) {
		var body struct {
			Query     string
			Variables struct{ ID, Query string }
		}
		err := json.NewDecoder(r.Body).Decode(&body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/graphql.json" {
			answer(w, object{"errors": []object{{"message": "bad query"}}})
			return
		}
		w.Header().Set("Retry-After", "0.01") // so that the test need not wait
		operation := f.job(body.Variables.ID)
		switch {
		case strings.Contains(body.Query, "bulkOperationRunQuery"):
			for _, j := range f.jobs {
				if j.state == "CREATED" || j.state == "RUNNING" {
					answer(w, object{"data": object{"bulkOperationRunQuery": object{"bulkOperation": nil, "userErrors": []object{
						{"message": "A bulk query operation for this app and shop is already in progress: gid://shopify/BulkOperation/1."}}}}})
					return
				}
			}
			var after time.Time
			query := body.Variables.Query
			if _, search, filtered := strings.Cut(query, "updated_at:>='"); filtered {
				search, _, _ = strings.Cut(search, "'")
				after, err = time.Parse(time.RFC3339, search)
				query = strings.Replace(query, `(query: "updated_at:>='`+search+`'")`, "", 1)
			}
			if err != nil || query != "{ productVariants { edges { node { id sku } } } }" {
				answer(w, object{"data": object{"bulkOperationRunQuery": object{"bulkOperation": nil, "userErrors": []object{{"message": "Invalid bulk query"}}}}})
				return
			}
			id := f.start("CREATED", f.live(after))
			answer(w, object{"data": object{"bulkOperationRunQuery": object{"userErrors": []object{}, "bulkOperation": object{
				"id": fmt.Sprintf("gid://shopify/BulkOperation/%04d", id), "createdAt": f.now.Format(time.RFC3339)}}}})
		case operation == nil:
			answer(w, object{"data": object{"node": nil}})
		case strings.Contains(body.Query, "bulkOperationCancel"):
			operation.state = "CANCELED"
			answer(w, object{"data": object{"bulkOperationCancel": object{"userErrors": []object{}}}})
		default:
			node := object{"status": operation.state, "errorCode": nil, "url": nil, "rootObjectCount": "0"}
			if operation.state == "COMPLETED" && len(operation.found) > 0 {
				node["url"] = fmt.Sprintf("%s/shopify/%s?Expires=1&Signature=ok", files, body.Variables.ID[len(body.Variables.ID)-4:])
				node["rootObjectCount"] = strconv.Itoa(len(operation.found))
			}
			operation.state = map[string]string{"CREATED": "RUNNING", "RUNNING": "COMPLETED"}[operation.state]
			if operation.state == "" {
				operation.state = "COMPLETED"
			}
			answer(w, object{"data": object{"node": node}})
		}
	}
}

func TestShopifyBulk(t *testing.T) {
	a := api{header: "X-Shopify-Access-Token", credentials: "secret"}
	against(t, a, func(t *testing.T, f *fake) {
		files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Shopify-Access-Token") != "" || r.URL.Query().Get("Signature") != "ok" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			for _, e := range f.job(r.URL.Path).found {
				answer(w, object{"id": fmt.Sprint("gid://shopify/ProductVariant/", e.id), "sku": e.name})
			}
		}))
		t.Cleanup(files.Close)
		f.serve = shopifyBulk(files.URL)
		other := f.start("RUNNING", nil) // another operation of the shop's, which ends soon
		served := f.serve
		f.serve = func(f *fake, w http.ResponseWriter, r *http.Request) {
			served(f, w, r)
			f.jobs[other-1].state = "COMPLETED"
		}
		nightly := synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{Verify: synced.VerifyNever}}
		follow(t, f, must(ShopifyBulk(f.url, "secret", files.URL))(t), nightly)
		require.Len(t, f.jobs, 6, "and five of the recipe's")
	})
}
