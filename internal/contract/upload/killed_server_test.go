package upload_test

import (
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/upload"
)

// tripper is a client's way to a server.
type tripper func(r *http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// begin begins a process that serves, and returns its address.
func (w *world) begin(t *testing.T, kind string) (server *harness.Process, url string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "address")
	server = harness.Begin(t, variable, task{Kind: kind, Place: placeOf(t, w.remote, w.pool), Address: file})
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		url = string(text)
		return err == nil
	}, harness.WaitLong, harness.WaitTick)
	return server, url
}

func TestContract_C378_AServerThatIsKilledDoesNoHarm(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "sqlite", kind)
			exec(t, w.local, villas)
			put(t, w.local, 1, 1200, "first")
			tables := []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}
			for n := range 5 {
				server, url := w.begin(t, kind)
				var once sync.Once
				uploads := 0
				kill := tripper(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodPost {
						uploads++
					}
					if uploads > n {
						once.Do(func() {
							go func() {
								time.Sleep(time.Duration(n) * 3 * time.Millisecond) // at another moment each time
								server.Kill(t)
							}()
						})
					}
					return http.DefaultTransport.RoundTrip(r)
				})
				c := w.client(t, tables, func(o *upload.Options) {
					o.URL, o.HTTP, o.Largest = url, &http.Client{Transport: kill}, 100
				})
				for {
					if _, err := c.Step(t.Context()); err != nil {
						break
					}
					exec(t, w.local, "UPDATE villas SET beds = beds + 1 WHERE id % 7 = ?", n)
				}
				exec(t, w.local, "DELETE FROM villas WHERE id % 97 = ?", n)
			}
			w.finishes(t, tables)
		})
	}
}

func TestContract_C378_AServerIsKilledWithinATransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "postgres")
	exec(t, w.local, villas)
	put(t, w.local, 1, 1000, "first")
	tables := []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}
	for range 3 {
		server, url := w.begin(t, "postgres")
		c := w.client(t, tables, func(o *upload.Options) { o.URL, o.Largest = url, 100 })
		step(t, c)
		stored := func() string { return column(t, w.remote, "SELECT count(*)::text FROM upload_villas")[0] }
		before := stored()
		// The rows are written, and their sums are not: the server waits for this lock.
		tx, err := w.pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "LOCK TABLE upload__sums IN ACCESS EXCLUSIVE MODE")
		require.NoError(t, err)
		failed := make(chan error, 1)
		go func() {
			_, err := c.Step(t.Context())
			failed <- err
		}()
		require.Eventually(t, func() bool {
			return len(column(t, w.remote, "SELECT 1::text FROM pg_locks WHERE relation = 'upload__sums'::regclass AND NOT granted")) > 0
		}, harness.WaitLong, harness.WaitTick)
		server.Kill(t)
		require.Error(t, <-failed)
		require.NoError(t, tx.Rollback(t.Context()))
		require.Equal(t, before, stored(), "a request is stored as a whole, or not at all")
	}
	w.finishes(t, tables)
}

// finishes finishes with a server that lives, when what was killed has let go of its locks.
func (w *world) finishes(t *testing.T, tables []upload.Table) {
	t.Helper()
	w.await(t, w.client(t, tables))
	w.equal(t)
}
