package recipes

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// shopifyGraphQL answers the one query that the recipe asks.
func shopifyGraphQL(f *fake, w http.ResponseWriter, r *http.Request) {
	var body struct {
		Query     string
		Variables struct {
			First        int
			After, Query string
		}
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	if err != nil || r.Method != http.MethodPost || !strings.Contains(body.Query, "hasNextPage") || body.Variables.First > 250 {
		answer(w, object{"errors": []object{{"message": "bad query"}}})
		return
	}
	after := time.Time{}
	if body.Variables.Query != "" {
		if after, err = time.Parse("updated_at:>='"+time.RFC3339+"'", body.Variables.Query); err != nil {
			after = time.Time{} // ignored, with a warning
		}
	}
	text, _ := base64.StdEncoding.DecodeString(body.Variables.After)
	var cursor struct {
		LastID int `json:"last_id"`
	}
	_ = json.Unmarshal(text, &cursor)
	var listed []entry
	for _, e := range f.live(after) {
		if e.id > cursor.LastID {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	info := object{"hasNextPage": more, "endCursor": nil}
	if len(part) > 0 {
		id := part[len(part)-1].id
		info["endCursor"] = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"last_id":%d,"last_value":"%d"}`, id, id))
	}
	answer(w, object{
		"data": object{"products": object{"pageInfo": info, "nodes": shown(part, func(e entry) object {
			return object{"id": fmt.Sprint("gid://shopify/Product/", e.id), "title": e.name}
		})}},
		"extensions": object{"cost": object{"requestedQueryCost": 12, "throttleStatus": object{"maximumAvailable": 2000, "currentlyAvailable": 1988, "restoreRate": 100}}},
	})
}

func TestShopifyGraphQL(t *testing.T) {
	against(t, api{header: "X-Shopify-Access-Token", credentials: "secret", serve: shopifyGraphQL, limited: tooMany(http.StatusOK, nil, object{
		"errors":     []object{{"message": "Throttled", "extensions": object{"code": "THROTTLED"}}},
		"extensions": object{"cost": object{"requestedQueryCost": 12, "actualQueryCost": nil, "throttleStatus": object{"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100}}},
	})}, func(t *testing.T, f *fake) {
		follow(t, f, must(ShopifyGraphQL(f.url, "secret"))(t), Nightly)
	})
}
