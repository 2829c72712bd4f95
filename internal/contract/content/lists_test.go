package content_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/rest"
)

// lists is an API with one list, in pages that are cut by position or by a cursor that
// stays put.
type lists struct {
	mu       sync.Mutex
	items    []string // JSON
	keys     []int    // of the items in their order, where cursors stay put; or nil
	requests int
	page     int
	total    bool
	// before, where set, is called with the number of each request, before the answer is made.
	before func(request int) (status int)
}

func (l *lists) set(items ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = items
}

func (l *lists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.requests++
	n, before := l.requests, l.before
	l.mu.Unlock()
	if before != nil {
		if status := before(n); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("from"), "after "))
	if l.keys != nil {
		from, _ = slices.BinarySearch(l.keys, from)
	}
	size := cmp.Or(l.page, len(l.items)+1)
	upTo := min(from+size, len(l.items))
	answer := map[string]any{"rows": []json.RawMessage{}}
	rows := make([]json.RawMessage, 0, size)
	for _, item := range l.items[min(from, upTo):upTo] {
		rows = append(rows, json.RawMessage(item))
	}
	answer["rows"] = rows
	if upTo < len(l.items) {
		next := upTo
		if l.keys != nil {
			next = l.keys[upTo]
		}
		answer["next"] = fmt.Sprint("after ", next)
	}
	if l.total {
		answer["total"] = len(l.items)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// client returns a client of the list. Shifting reports whether its pages are cut by position.
func (l *lists) client(t *testing.T, shifting bool) *rest.Client {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	config := rest.Config{BaseURL: server.URL, HTTP: server.Client(), RecordsKey: "rows",
		Pagination: rest.Cursor{Param: "from", Path: "next", Omitted: true, Shifting: shifting}}
	if l.total {
		config.TotalPath = "total"
	}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	return api
}
