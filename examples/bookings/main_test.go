package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/cli"
	"github.com/syncedgo/synced/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// output may be written and read at once.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func TestService(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]options{
		"SQLite":               {database: filepath.Join(t.TempDir(), "bookings.db")},
		"PostgreSQL and River": {database: testdb.PostgresURL(t), river: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newBookingSystem()
			t.Cleanup(fake.Close)
			o.api, o.listen = fake.URL(), "127.0.0.1:0"
			do := func(command string) string {
				var out bytes.Buffer
				_ = run(t.Context(), o, strings.Fields(command), &out) // check fails while something differs
				return out.String()
			}

			ctx, stop := context.WithCancel(t.Context())
			var out output
			ended := make(chan error)
			go func() { ended <- run(ctx, o, []string{"serve"}, &out) }()
			require.Eventually(t, func() bool {
				return strings.Contains(out.String(), "serving ") && strings.Contains(do("ops status"), "6 scopes, 0 with something wrong\n")
			}, time.Minute, 200*time.Millisecond)
			fake.put(1, 999, "Guest of tomorrow")
			do("ops schedule run bookings --scope 1")
			require.Eventually(t, func() bool {
				return strings.Contains(do("ops check"), "bookings (account_id 1): 6 compared, nothing differs\n")
			}, time.Minute, 500*time.Millisecond)

			address, _, _ := strings.Cut(strings.TrimPrefix(out.String(), "serving "), "/health")
			answer, err := http.Get(address + "/health")
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			require.Equal(t, http.StatusOK, answer.StatusCode)
			answer, err = http.Post(address+"/webhooks/bookings", "application/json", strings.NewReader(`{"account_id": 1, "id": 999}`))
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			require.Equal(t, http.StatusOK, answer.StatusCode)

			stop()
			require.NoError(t, <-ended)
		})
	}
}

func TestWebhook_NotUnderstood(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	(&service{}).routes().ServeHTTP(w, httptest.NewRequest("POST", "/webhooks/bookings", strings.NewReader("x")))
	require.Equal(t, http.StatusBadRequest, w.Code)
}

func TestServe_RiverNeedsPostgreSQL(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), options{database: filepath.Join(t.TempDir(), "bookings.db"), river: true}, []string{"serve"}, new(output))
	require.ErrorContains(t, err, "PostgreSQL")
	require.Equal(t, 2, cli.ExitCode(err))
}
