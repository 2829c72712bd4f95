package expand_test

import (
	"encoding/json"
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
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// library lists summaries, and whole documents by their ids.
type library struct {
	mu           sync.Mutex
	revs         []int // by id, from 1
	whole        func(id int) bool
	lists, ones  int
	leavesOut    int
	refusesLists bool
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	show := func(id int, whole bool) string {
		if whole {
			return fmt.Sprintf(`{"id":%d,"rev":%d,"title":"t%d-%d","size":%d}`, id, l.revs[id-1], id, l.revs[id-1], 10*id)
		}
		return fmt.Sprintf(`{"id":%d,"rev":%d}`, id, l.revs[id-1])
	}
	if text, one := strings.CutPrefix(r.URL.Path, "/docs/"); one {
		l.ones++
		id, _ := strconv.Atoi(text)
		fmt.Fprint(w, show(id, true))
		return
	}
	items := []json.RawMessage{}
	if ids := r.URL.Query().Get("ids"); ids != "" {
		if l.lists++; l.refusesLists {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		for text := range strings.SplitSeq(ids, ",") {
			if id, _ := strconv.Atoi(text); id != l.leavesOut {
				items = append(items, json.RawMessage(show(id, l.whole(id))))
			}
		}
	} else {
		for id := range l.revs {
			items = append(items, json.RawMessage(show(id+1, false)))
		}
	}
	_ = json.NewEncoder(w).Encode(items)
}

// takeAsked returns how many lists of ids and single records were asked for since.
func (l *library) takeAsked() [2]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := [2]int{l.lists, l.ones}
	l.lists, l.ones = 0, 0
	return asked
}

func (l *library) revise(ids ...int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.revs[id-1]++
	}
}

// Lists of ids are used where they bring whole records, and nothing is taken for whole that
// is not.
func TestContract_C190_ListsOfIDs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		lib := &library{revs: make([]int, 120), whole: func(int) bool { return true }}
		srv := httptest.NewServer(lib)
		t.Cleanup(srv.Close)
		api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), RecordsKey: rest.Root, Pagination: rest.OnePage{}, Retry: wire.Retry{Max: -1}, IDs: rest.IDs{Param: "ids"}})
		require.NoError(t, err)
		m := harness.Model(t, b, synced.Synced[doc]{Table: "docs", API: api, Expand: 4, Strategy: strategy.Full{}})
		check := func() {
			t.Helper()
			for _, d := range harness.All(t, m) {
				require.Equal(t, fmt.Sprintf("t%d-%d", d.SyncedID, lib.revs[d.SyncedID-1]), d.Title)
				require.Equal(t, int(10*d.SyncedID), d.Size)
			}
		}
		require.Equal(t, 120, harness.Sync(t, m, synced.NoScope).Created)
		require.Equal(t, [2]int{3, 0}, lib.takeAsked())
		check()
		require.Equal(t, 120, harness.Sync(t, m, synced.NoScope).Unchanged)
		require.Equal(t, [2]int{}, lib.takeAsked())

		lib.revise(1, 2, 3)
		lib.leavesOut = 2 // it has no room for it
		require.Equal(t, 3, harness.Sync(t, m, synced.NoScope).Updated)
		require.Equal(t, [2]int{1, 1}, lib.takeAsked())
		check()

		lib.revise(1, 2, 3)
		lib.whole, lib.leavesOut = func(int) bool { return false }, 0
		require.Equal(t, 3, harness.Sync(t, m, synced.NoScope).Updated)
		require.Equal(t, [2]int{1, 3}, lib.takeAsked(), "the list of ids shows summaries, too")
		check()

		lib.revise(1, 2, 3)
		lib.refusesLists = true
		require.Equal(t, 3, harness.Sync(t, m, synced.NoScope).Updated)
		require.Equal(t, [2]int{1, 3}, lib.takeAsked())
		check()
	})
}
