package rest_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// gate holds the requests that come to it until they are let through.
type gate struct {
	came chan string // the page or offset of a request that waits
	mu   sync.Mutex
	held map[string]chan struct{}
}

func newGate() *gate { return &gate{came: make(chan string, 100), held: map[string]chan struct{}{}} }

// wait holds a request until it is let through or goes away.
func (g *gate) wait(r *http.Request, key string) {
	g.came <- key
	select {
	case <-g.of(key):
	case <-r.Context().Done():
	}
}

func (g *gate) of(key string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held[key] == nil {
		g.held[key] = make(chan struct{})
	}
	return g.held[key]
}

// open lets requests through.
func (g *gate) open(keys ...string) {
	for _, key := range keys {
		close(g.of(key))
	}
}

// keys are the next n requests that came, in any order.
func (g *gate) keys(n int) []string {
	var keys []string
	for range n {
		keys = append(keys, <-g.came)
	}
	return keys
}

func TestInFlight_ManyAtOnceInOrder(t *testing.T) {
	t.Parallel()
	g := newGate()
	var underWay, most atomic.Int32
	client := serve(t, rest.Config{Pagination: rest.PageNumber{}, TotalHeader: "X-Total-Count", InFlight: 3}, func(w http.ResponseWriter, r *http.Request) {
		n := underWay.Add(1)
		defer underWay.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		g.wait(r, r.URL.Query().Get("page"))
		w.Header().Set("X-Total-Count", "55")
		byNumber(shelf{55, 10}, 1, nil)(w, r)
	})
	g.open("1")
	var pages []*remote.Page
	for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
		require.NoError(t, err)
		require.Equal(t, 1, page.Requests)
		pages = append(pages, page)
		switch page.Number {
		case 1:
			require.Equal(t, []string{"1"}, g.keys(1))
			// Three are under way at once, none of them answered.
			require.ElementsMatch(t, []string{"2", "3", "4"}, g.keys(3))
			g.open("4", "3", "2") // the last first
		case 2:
			require.Equal(t, []string{"5"}, g.keys(1))
			g.open("6", "5")
		}
	}
	requireAll(t, 55, pages)
	require.Len(t, pages, 6)
	require.Equal(t, []string{"6"}, g.keys(1))
	require.Empty(t, g.came, "nothing past the total")
	require.EqualValues(t, 3, most.Load())
}

func TestInFlight_BreakAndCancelReleaseEverything(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(cancel context.CancelFunc) (stop bool){
		"break":  func(context.CancelFunc) bool { return true },
		"cancel": func(cancel context.CancelFunc) bool { cancel(); return false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate()
			var gone sync.WaitGroup
			gone.Add(4)
			client := serve(t, rest.Config{Pagination: rest.Offset{}, PerPage: 10, InFlight: 4, Timeout: time.Hour}, func(w http.ResponseWriter, r *http.Request) {
				if offset := r.URL.Query().Get("offset"); offset != "" {
					defer gone.Done()
					g.wait(r, offset)
				}
				byOffset(shelf{100, 10}, 100)(w, r)
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var last error
			for _, err := range client.Pages(ctx, remote.Request{Endpoint: "rentals"}) {
				if last = err; err != nil {
					continue
				}
				require.ElementsMatch(t, []string{"10", "20", "30", "40"}, g.keys(4))
				if leave(cancel) {
					break
				}
			}
			gone.Wait() // the server saw them end
			if name == "cancel" {
				require.ErrorIs(t, last, context.Canceled)
			}
		})
	}
}

// A page that is shorter than the guess ends what was asked ahead, and the run asks
// on from where it is. What the guesses cost is told with a later page.
func TestInFlight_WrongGuesses(t *testing.T) {
	t.Parallel()
	g := newGate()
	g.open("5", "6", "12", "18", "24")
	var asked atomic.Int32
	client := serve(t, rest.Config{Pagination: rest.Offset{}, TotalHeader: "X-Total-Count", InFlight: 3}, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		size := 6
		if offset := r.URL.Query().Get("offset"); offset != "" {
			g.wait(r, offset)
			if offset == "6" {
				size = 5 // where 12 and 18 are under way, and 18 never answered
			}
		}
		byOffset(shelf{30, size}, 30)(w, r)
	})
	var pages []*remote.Page
	requests := 0
	for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
		require.NoError(t, err)
		pages = append(pages, page)
		requests += page.Requests
		switch page.Number {
		case 1:
			require.ElementsMatch(t, []string{"6", "12", "18"}, g.keys(3))
		case 2:
			require.Equal(t, 3, page.Requests, "itself and two in vain")
			require.ElementsMatch(t, []string{"11", "16", "21"}, g.keys(3))
			g.open("11", "16", "21", "17", "22", "23", "27", "28", "29")
		}
	}
	requireAll(t, 30, pages)
	require.EqualValues(t, asked.Load(), requests)
}

// The error of a guess counts only where the guess was right.
func TestInFlight_ErrorsInTheirPlace(t *testing.T) {
	t.Parallel()
	failing := func(fails, n int) *rest.Client {
		return serve(t, rest.Config{Pagination: rest.PageNumber{}, InFlight: 8}, func(w http.ResponseWriter, r *http.Request) {
			if param(r, "page", 1) >= fails {
				answer(503, jsonType, `{}`)(w, r)
				return
			}
			byNumber(shelf{n, 10}, 1, nil)(w, r)
		})
	}
	pages, err := rentals(t, failing(4, 100))
	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.ErrorContains(t, err, "page=4")
	require.Len(t, pages, 3)

	pages, err = rentals(t, failing(4, 20)) // page 3 is empty, and 4 was a guess
	require.NoError(t, err)
	requireAll(t, 20, pages)
	requests := 0
	for _, page := range pages {
		requests += page.Requests
	}
	require.Greater(t, requests, 3)
	require.LessOrEqual(t, requests, 3+8)
}

func TestInFlight_StaysWithinMaxPages(t *testing.T) {
	t.Parallel()
	var last atomic.Int32
	client := serve(t, rest.Config{Pagination: rest.PageNumber{}, InFlight: 8, MaxPages: 5}, func(w http.ResponseWriter, r *http.Request) {
		for n, old := int32(param(r, "page", 1)), last.Load(); n > old && !last.CompareAndSwap(old, n); old = last.Load() {
		}
		byNumber(shelf{100, 10}, 1, nil)(w, r)
	})
	pages, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrTooManyPages)
	require.Len(t, pages, 5)
	require.EqualValues(t, 5, last.Load())
}

// A style that can't tell the pages to come is asked one by one.
func TestInFlight_OtherPaginationIsLazy(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	client := serve(t, rest.Config{InFlight: 8}, linked(func(r *http.Request) string {
		asked.Add(1)
		return map[string]string{"": "?page=2", "page=2": "?page=3"}[r.URL.RawQuery]
	}))
	n := int32(0)
	for _, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
		n++
		require.NoError(t, err)
		require.Equal(t, n, asked.Load())
	}
	require.EqualValues(t, 3, n)
}

// What Auth puts in the query does not stand in the way of a guess.
func TestInFlight_AuthInTheQuery(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string]int{}
	config := rest.Config{Pagination: rest.PageNumber{TotalPagesPath: "pages"}, InFlight: 3, Auth: queryAuth}
	client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Query().Get("page")]++
		mu.Unlock()
		if !r.URL.Query().Has("appid") {
			t.Error("no credentials")
		}
		byNumber(shelf{50, 10}, 1, func(http.Header, int) string { return `"pages":5` })(w, r)
	})
	pages, err := rentals(t, client)
	require.NoError(t, err)
	requireAll(t, 50, pages)
	require.Equal(t, map[string]int{"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}, asked)
}
