package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const jsonType = "application/json"

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
func serve(t *testing.T, config wire.Config, handler http.HandlerFunc) *wire.Client {
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
	client, err := wire.NewClient(config)
	require.NoError(t, err)
	return client
}

// rentals asks for the endpoint most tests have.
func rentals(t *testing.T, client *wire.Client) (*wire.Answer, error) {
	t.Helper()
	return ask(t.Context(), client)
}

// ask asks for the endpoint most tests have, and looks at the answer as a client of
// lists does.
func ask(ctx context.Context, client *wire.Client) (*wire.Answer, error) {
	return client.Do(ctx, &wire.Request{URL: client.URL("rentals"), Check: func(a *wire.Answer) error {
		var list struct{ Rentals []any }
		if err := json.NewDecoder(strings.NewReader(string(a.Body))).Decode(&list); err != nil {
			return a.FormatError(&remote.FormatError{Reason: "no JSON", Err: err}, a.Body)
		}
		if list.Rentals == nil {
			return a.FormatError(&remote.FormatError{Reason: "no list", Err: remote.ErrNoRecords}, a.Body)
		}
		return nil
	}})
}

// answer is a handler with one body.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
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

var good = with(200)

// tripper answers in memory.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// status is an answer in memory.
func status(r *http.Request, code int) *http.Response {
	return &http.Response{
		StatusCode: code, Request: r, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(noRentals)),
	}
}

func sum(ds []time.Duration) time.Duration {
	var total time.Duration
	for _, d := range ds {
		total += d
	}
	return total
}
