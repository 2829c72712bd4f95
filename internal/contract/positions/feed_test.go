package positions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// object is a member of a JSON object by its name.
type object = map[string]any

// change is what became of a record.
type change struct {
	id   int
	name string // "" where it was deleted
}

// feed is a remote that keeps what changed, two a page. A position is how many changes
// there were.
type feed struct {
	*httptest.Server
	style style

	mu      sync.Mutex
	changes []change
	lost    string // a position that it no longer knows
	asked   []string
	fail    string // what the query holds that is answered by 500
	silent  bool   // no position is given
}

// style is how an API spells a feed.
type style struct {
	config     rest.Config
	endpoint   string
	tombstone  string // the member that a deleted record has
	page       func(f *feed, changes []change, from, next int, more bool) object
	start      func(q map[string][]string) (from, next string)
	everything bool // a first list has all changes, those of deleted records among them
}

func first(q map[string][]string, name string) string {
	if len(q[name]) == 0 {
		return ""
	}
	return q[name][0]
}

// objects are changes as records.
func objects(changes []change, gone object) []object {
	list := []object{}
	for _, c := range changes {
		o := object{"id": c.id, "name": c.name}
		if c.name == "" {
			o = object{"id": c.id}
			for name, v := range gone {
				o[name] = v
			}
		}
		list = append(list, o)
	}
	return list
}

// styles are those of docs/apis.md.
var styles = map[string]style{
	"google": {
		config: rest.Config{RecordsKey: "items", Pagination: rest.Cursor{Param: "pageToken", PerPage: "maxResults", Path: "nextPageToken", Omitted: true},
			Position: rest.Position{Path: "nextSyncToken", Param: "syncToken"}},
		endpoint: "calendars/primary/events", tombstone: "status",
		start: func(q map[string][]string) (string, string) { return first(q, "syncToken"), first(q, "pageToken") },
		page: func(_ *feed, changes []change, _, next int, more bool) object {
			o := object{"items": objects(changes, object{"status": "cancelled"})}
			if more {
				o["nextPageToken"] = strconv.Itoa(next) + "-p"
			} else {
				o["nextSyncToken"] = strconv.Itoa(next)
			}
			return o
		},
	},
	"graph": {
		config: rest.Config{RecordsKey: "value", Pagination: rest.NextURL{Path: "@odata.nextLink", Omitted: true, Stable: true},
			Position: rest.Position{Path: "@odata.deltaLink"}},
		endpoint: "users/delta", tombstone: "@removed",
		start: func(q map[string][]string) (string, string) { return first(q, "$deltatoken"), first(q, "$skiptoken") },
		page: func(f *feed, changes []change, from, next int, more bool) object {
			o := object{"value": objects(changes, object{"@removed": object{"reason": "deleted"}})}
			if more {
				o["@odata.nextLink"] = fmt.Sprintf("%s/users/delta?$skiptoken=%d-%d", f.URL, next, from)
			} else {
				o["@odata.deltaLink"] = fmt.Sprintf("%s/users/delta?$deltatoken=%d", f.URL, next)
			}
			return o
		},
	},
	"couchdb": {
		config:   rest.Config{RecordsKey: "results", Pagination: rest.Sequence{}, Position: rest.Position{Path: "last_seq", Param: "since"}},
		endpoint: "_changes", tombstone: "deleted", everything: true,
		start: func(q map[string][]string) (string, string) { return first(q, "since"), "" },
		page: func(f *feed, changes []change, _, next int, _ bool) object {
			return object{"results": objects(changes, object{"deleted": true}), "last_seq": strconv.Itoa(next), "pending": len(f.changes) - next}
		},
	},
}

// serve answers one page.
func (f *feed) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	from, next := f.style.start(q)
	f.asked = append(f.asked, from)
	if f.fail != "" && (next != "" && next[:1] == f.fail || f.style.everything && from == f.fail) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if from != "" && from == f.lost {
		w.WriteHeader(http.StatusGone)
		return
	}
	begin, _ := strconv.Atoi(from)
	at := begin
	if next != "" {
		_, _ = fmt.Sscanf(next, "%d-%d", &at, &begin) // Graph's links tell where the run began
	}
	list, end := f.after(at, begin == 0)
	body := f.style.page(f, list, begin, end, end < len(f.changes))
	if f.silent {
		delete(body, f.style.config.Position.Path)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// after returns two changes after a position, and the position after them. A complete list
// and a style's own have a record once, as it is.
func (f *feed) after(at int, complete bool) (list []change, end int) {
	for i := at; i < len(f.changes); i++ {
		c := f.changes[i]
		again := slices.ContainsFunc(f.changes[i+1:], func(later change) bool { return later.id == c.id })
		if again && (complete || f.style.everything) || complete && !f.style.everything && c.name == "" {
			continue
		}
		if len(list) == 2 {
			return list, end
		}
		list, end = append(list, c), i+1
	}
	return list, len(f.changes)
}

func (f *feed) change(changes ...change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = append(f.changes, changes...)
}

// takeAsked returns the positions that were asked from.
func (f *feed) takeAsked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

// onEach runs a test for each style of feed, on both stores. Each has a scope of its own.
func onEach(t *testing.T, test func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope)) {
	t.Helper()
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		require.NoError(t, harness.Rentals().CreateTable(context.Background(), b.DB))
		for i, name := range []string{"google", "graph", "couchdb"} {
			t.Run(name, func(t *testing.T) {
				f := &feed{style: styles[name]}
				f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
				t.Cleanup(f.Close)
				config := f.style.config
				config.BaseURL, config.HTTP, config.Retry = f.URL, f.Client(), wire.Retry{Max: -1}
				api, err := rest.NewClient(config)
				require.NoError(t, err)
				d := harness.Rentals()
				d.API, d.Endpoint, d.Strategy, d.Remove = api, f.style.endpoint, strategy.Position{}, synced.Destroy{}
				d.Tombstone = func(o remote.Object) bool {
					_, gone := o.Lookup(f.style.tombstone)
					return gone
				}
				test(t, b, f, d, synced.In(i+1))
			})
		}
	})
}
