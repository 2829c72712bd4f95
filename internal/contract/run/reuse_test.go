package run_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// reusing is an API of 40 pages of 5 records of some size, which differ from those of
// another version, and reports how an object is written.
func reusing(t *testing.T, version *int) (*rest.Client, func(id int) string) {
	const pages, perPage = 40, 5
	object := func(id int) string {
		name := fmt.Sprintf(`"rental %d, version %d"`, id, *version)
		if id%50 == 49 {
			name = strconv.Itoa(1_000_000*(*version+1) + id) // no text
		}
		return fmt.Sprintf(`{"id":%d,"name":%s,"more":"%s"}`, id, name, strings.Repeat(string(rune('a'+(id+*version)%26)), 1000+id%7))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var list []string
		for id := (max(1, page)-1)*perPage + 1; id <= min(max(1, page), pages)*perPage; id++ {
			list = append(list, object(id))
		}
		w.Header().Set("X-Total-Count", strconv.Itoa(pages*perPage))
		_, _ = w.Write([]byte(`{"rentals":[` + strings.Join(list, ",") + `],"meta":{"deleted_ids":[]}}`))
	}))
	t.Cleanup(server.Close)
	api, err := rest.NewClient(rest.Config{BaseURL: server.URL, PerPage: perPage, InFlight: 3, Pagination: rest.PageNumber{}, RecordsKey: "rentals", TotalHeader: "X-Total-Count"})
	require.NoError(t, err)
	return api, object
}

// given is what a function of the service's was given, and keeps.
type given struct {
	sync.Mutex
	bytes [][]byte
	were  []string
}

func (g *given) keep(bytes []byte) {
	g.Lock()
	defer g.Unlock()
	g.bytes, g.were = append(g.bytes, bytes), append(g.were, string(bytes))
}

// The memory of a page is used for another once its rows are committed, unless somebody may
// still have something of it: what handlers, Map and observers were given stays as it was.
func TestContract_C432_MemoryIsUsedAgainOnlyWhereNobodyHasIt(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, declare := range map[string]func(*synced.Synced[harness.Rental], *given){
			"nobody": func(*synced.Synced[harness.Rental], *given) {},
			"a handler": func(d *synced.Synced[harness.Rental], g *given) {
				d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Rental]) error {
					for _, c := range changes {
						g.keep(c.New.SyncedData)
					}
					return nil
				}
			},
			"Map": func(d *synced.Synced[harness.Rental], g *given) {
				d.Map = func(o remote.Object, _ *harness.Rental) error {
					g.keep(o.Raw())
					return nil
				}
			},
		} {
			version := 0
			api, object := reusing(t, &version)
			d := harness.Rentals()
			d.API, d.Table, d.Invalid = api, strings.ReplaceAll(name, " ", "_"), synced.Quarantine{Limit: 0.1}
			var told []string
			d.Observer = observe.Func(func(ctx context.Context, e observe.Event) context.Context {
				if q, ok := e.(observe.Quarantined); ok {
					told = append(told, q.Reason)
				}
				return ctx
			})
			var g given
			declare(&d, &g)
			m := harness.Model(t, b, d)
			for version = range 3 {
				told = nil
				result := harness.Sync(t, m, synced.In(1), synced.Call{Changes: 1000})
				require.Equal(t, 196, result.Created+result.Updated, name)
				require.Len(t, result.Changes, 196, name)
				listed := map[string]bool{}
				for _, c := range result.Changes {
					listed[c.ID] = true
				}
				require.Len(t, listed, 196, name)
				require.Len(t, told, 4, name)
				for i, reason := range told {
					require.Contains(t, reason, fmt.Sprint(1_000_000*(version+1)+i*50+49), name)
				}
				rows := harness.All(t, m)
				require.Len(t, rows, 196, name)
				for _, row := range rows {
					require.Equal(t, fmt.Sprintf("rental %d, version %d", row.SyncedID, version), row.Name, name)
					require.JSONEq(t, object(int(row.SyncedID)), string(row.SyncedData), name)
				}
				for i, bytes := range g.bytes {
					require.Equal(t, g.were[i], string(bytes), name)
				}
			}
		}
	})
}

// keyed is a rental whose remote id is made of its object.
type keyed struct {
	ID         int64       `db:"id"`
	SyncedID   string      `db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	More       string      `json:"more" db:"more"`
	SyncedData synced.Data `db:"synced_data"`
}

// So does what IDOf was given, also of records that did not change.
func TestContract_C432_MemoryThatIDOfHasSeen(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		version := 0
		api, _ := reusing(t, &version)
		var g given
		m := harness.Model(t, b, synced.Synced[keyed]{Table: "keyed", Scope: "account_id", Strategy: strategy.Full{}, API: api, IDOf: func(o remote.Object) (string, error) {
			g.keep(o.Raw())
			id, _ := o.Lookup("id")
			return "no. " + string(id), nil
		}})
		require.Equal(t, 200, harness.Sync(t, m, synced.In(1)).Created)
		require.Equal(t, 200, harness.Sync(t, m, synced.In(1)).Unchanged)
		for i, bytes := range g.bytes {
			require.Equal(t, g.were[i], string(bytes))
		}
	})
}
