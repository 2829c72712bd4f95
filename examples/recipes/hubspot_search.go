package recipes

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// HubSpotDeal is a deal.
type HubSpotDeal struct {
	SyncedID string `json:"id" db:"synced_id"`
	Name     string `json:"properties.dealname" db:"name"`
}

// hubSpotObjects are listed when everything is asked for, and searched for what changed.
type hubSpotObjects struct{ list, search *rest.Client }

// Pages lists or searches. Of more than 10,000 changes a search shows only those, so everything
// is asked for instead.
func (h hubSpotObjects) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	if req.UpdatedSince.IsZero() {
		return h.list.Pages(ctx, req)
	}
	req.Endpoint += "/search"
	return func(yield func(*remote.Page, error) bool) {
		for page, err := range h.search.Pages(ctx, req) {
			if err == nil && page.Number == 1 && page.Total > 10_000 {
				err = fmt.Errorf("%w: %d changes, and a search shows 10,000", remote.ErrSinceRejected, page.Total)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// Get asks for one object.
func (h hubSpotObjects) Get(ctx context.Context, req remote.Request, id string) (remote.Object, error) {
	return h.list.Get(ctx, req, id)
}

// HubSpotSearch declares the deals; base is https://api.hubapi.com/crm/v3/objects.
func HubSpotSearch(base, token string) (synced.Synced[HubSpotDeal], error) {
	config := rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(token),
		PerPage:    100,
		RecordsKey: "results",
		Pagination: rest.Cursor{Param: "after", Path: "paging.next.after", Omitted: true},
		Limiter:    wire.NewLimiter(wire.LimiterConfig{PerSecond: 4, Burst: 4}), // that of searches
	}
	list, err := rest.NewClient(config)
	config.TotalPath = "total"
	config.Parameters = rest.Parameters{JSON: `{"properties":[],"sorts":[{"propertyName":"hs_lastmodifieddate","direction":"ASCENDING"}]}`}
	config.Since = rest.Since{
		Param: "filterGroups", Format: rest.UnixMilli,
		Filter: `[{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"%s"}]}]`,
	}
	search, searchErr := rest.NewClient(config)
	return synced.Synced[HubSpotDeal]{
		Table:    "hubspot_deals",
		Endpoint: "deals",
		API:      hubSpotObjects{list, search},
		Ask:      synced.Ask{Query: url.Values{"properties": {"dealname"}}},
		Strategy: strategy.UpdatedSince{
			Tolerance: 5 * time.Minute, // the index lags
			Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}},
		},
	}, errors.Join(err, searchErr)
}
