package reports_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// part is a thing of an item.
type part struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	ItemID   int64 `db:"item_id"`
}

// renewing are credentials whose renewal is not found.
type renewing struct{}

func (renewing) Authorize(*http.Request) error { return nil }
func (renewing) Renew(*http.Request) error     { return &remote.Error{Status: http.StatusNotFound} }

// What is asked beside the list of a parent, and is not found, says nothing of that list.
func TestContract_C420_AnotherAddressThatIsNotFoundIsNoListThatIsGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, config := range map[string]rest.Config{
			"the probe":             {Probe: "me"},
			"the list of deletions": {Deleted: rest.Deleted{Endpoint: "%s/deleted", Path: "gone"}},
			"a token":               {Auth: wire.AuthFunc(func(*http.Request) error { return nil })},
			"a renewed token":       {Auth: renewing{}},
		} {
			t.Run(name, func(t *testing.T) {
				b.Execute(t, "DROP TABLE IF EXISTS parts")
				b.Execute(t, "DROP TABLE IF EXISTS items")
				fresh(t, b)
				fails, second := false, false // what is asked now is for the second item
				if name == "a token" {
					config.Auth = wire.AuthFunc(func(r *http.Request) error {
						if fails && r.URL.Path == "/items/2/parts" {
							return &remote.Error{Status: http.StatusNotFound}
						}
						return nil
					})
				}
				api := served(t, config, func(r *http.Request) answer {
					path := r.URL.Path
					if path == "/items" {
						return answer{body: `{"items":[{"id":1,"name":""},{"id":2,"name":""},{"id":3,"name":""}]}`}
					}
					id := strings.Split(path+"/0/0", "/")[2]
					if strings.HasSuffix(path, "/parts") {
						second = id == "2"
					}
					switch {
					case !fails || !second:
					case name == "a renewed token":
						return answer{status: http.StatusUnauthorized}
					case !strings.HasSuffix(path, "/parts"):
						return missing
					case config.Probe != "":
						return answer{body: `{"parts":[]}`}
					}
					return answer{body: `{"parts":[{"id":` + id + `}],"gone":[]}`}
				})
				items := harness.Model(t, b, synced.Synced[item]{Table: "items", API: api, Strategy: strategy.Full{}})
				parts := harness.Model(t, b, synced.Synced[part]{Table: "parts", Scope: "item_id", API: api, Remove: synced.Destroy{},
					Strategy:  strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
					PerParent: synced.Each(items, "items/{synced_id}/parts", synced.EachOptions{InFlight: 1})})
				full := synced.Call{Strategy: strategy.Full{}}
				if config.Deleted.Endpoint != "" {
					full = synced.Call{}
				}
				harness.Sync(t, items, synced.NoScope)
				harness.Sync(t, parts, synced.NoScope, full)
				if config.Deleted.Endpoint != "" {
					harness.Sync(t, parts, synced.NoScope)
				}
				fails = true
				result, err := parts.Synchronize(ctx, synced.NoScope, full)
				require.Error(t, err)
				require.Zero(t, result.Removed, fmt.Sprint(result, err))
				require.Zero(t, result.Parents.Gone)
				require.Equal(t, []string{"1", "2", "3"}, b.Column(t, "SELECT synced_id FROM parts ORDER BY 1"))
				fails = false
				require.Zero(t, harness.Sync(t, parts, synced.NoScope, full).Parents.Failed)
			})
		}
	})
}
