package rest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that passes only by sleeping.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{now: remotetest.Start} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

// serve runs a handler and returns a client for it. The config's BaseURL is set,
// and requests are not repeated unless it says so.
func serve(t *testing.T, config rest.Config, handler http.HandlerFunc) *rest.Client {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	config.BaseURL = srv.URL + "/api"
	if config.HTTP == nil {
		config.HTTP = srv.Client()
	}
	if config.Retry == (wire.Retry{}) {
		config.Retry.Max = -1
	}
	if config.Clock == nil {
		config.Clock = newClock()
	}
	client, err := rest.NewClient(config)
	require.NoError(t, err)
	return client
}

// answer is a handler with one body.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// collect reads a run to its end, and checks that an error comes once, last.
func collect(t *testing.T, ctx context.Context, api remote.API, req remote.Request) ([]*remote.Page, error) {
	t.Helper()
	var pages []*remote.Page
	var last error
	for page, err := range api.Pages(ctx, req) {
		require.NoError(t, last, "something came after an error")
		if err != nil {
			if page != nil {
				cost := &remote.Page{Number: len(pages) + 1, Requests: page.Requests, Bytes: page.Bytes}
				require.Equal(t, cost, page, "only what it cost")
			}
			last = err
			continue
		}
		pages = append(pages, page)
	}
	return pages, last
}

// rentals reads the endpoint most tests have.
func rentals(t *testing.T, api remote.API) ([]*remote.Page, error) {
	t.Helper()
	return collect(t, t.Context(), api, remote.Request{Endpoint: "rentals"})
}

const noRentals = `{"rentals":[]}`

// script answers the n-th request by the n-th handler, and all further ones by
// the last. It counts them.
func script(handlers ...http.HandlerFunc) (http.HandlerFunc, *atomic.Int64) {
	n := new(atomic.Int64)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", remotetest.Start.Format(http.TimeFormat))
		handlers[min(int(n.Add(1)), len(handlers))-1](w, r)
	}, n
}

// with is an answer with headers: name, value, …
func with(status int, pairs ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			w.Header().Set(pairs[i], pairs[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, noRentals)
	}
}

func sum(ds []time.Duration) time.Duration {
	var total time.Duration
	for _, d := range ds {
		total += d
	}
	return total
}
