package upload_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/upload"
)

func TestContract_C350_EachStepMakesTheServerMoreLikeTheTable(t *testing.T) {
	onAll(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		for _, way := range ways {
			exec(t, w.local, "DELETE FROM villas")
			put(t, w.local, 1, 300, "first")
			c := w.client(t, []upload.Table{{Name: "villas", Changes: changesOf(way)}})
			finish(t, c)
			w.equal(t)

			put(t, w.local, 301, 320, "second")
			exec(t, w.local, "UPDATE villas SET name = 'third', version = 800, updated_at = '2026-02-02 03:04:05' WHERE id = 5")
			exec(t, w.local, "DELETE FROM villas WHERE id BETWEEN 10 AND 19")
			r := finish(t, c)
			require.Equal(t, []int{31, 21, 10}, []int{r.Noted, r.Uploaded, r.Removed}, way)
			w.equal(t)

			r = finish(t, c)
			require.Equal(t, []int{0, 1}, []int{r.Noted, r.Requests}, way)
		}
	})
}

func TestContract_C351_WhoIsKilledDoesNoHarm(t *testing.T) {
	t.Parallel()
	for kind, ways := range map[string][]string{"sqlite": {"fingerprints"}, "postgres": {"triggers"}} {
		for _, way := range ways {
			t.Run(kind+" "+way, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, kind, kind)
				exec(t, w.local, villas)
				put(t, w.local, 1, 1500, "first")
				c := w.client(t, []upload.Table{{Name: "villas", Changes: changesOf(way)}})
				for n := range 3 {
					killed, over := make(chan struct{}), make(chan struct{})
					var seen atomic.Int64
					var once sync.Once
					w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
						if seen.Add(1) < int64(3+2*n) {
							return false
						}
						if n%2 == 0 { // the server has done it, and the client does not hear of it
							w.handler.ServeHTTP(httptest.NewRecorder(), r)
						}
						once.Do(func() { close(killed) })
						<-over
						return true
					})
					process := harness.Begin(t, variable, task{Kind: kind, Place: w.place(t), Server: w.server.URL, Changes: way})
					select {
					case <-killed:
					case <-time.After(harness.WaitLong):
						close(over)
						t.Fatal("the process made no requests")
					}
					process.Kill(t)
					close(over)
					w.hook(nil)
					put(t, w.local, 100*n, 100*n+20, "later")
					exec(t, w.local, "DELETE FROM villas WHERE id % 97 = ?", n)
				}
				w.await(t, c)
				w.equal(t)
			})
		}
	}
}

func TestContract_C352_BatchesGrowSlowlyAndHalveAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 2000, "first")
		tables := []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}
		patient := func(o *upload.Options) { o.Target = time.Hour }
		size := func() string { return column(t, w.local, "SELECT CAST(batch AS text) FROM synced_uploads")[0] }
		step(t, w.client(t, tables, patient))
		require.Equal(t, "626", size())
		step(t, w.client(t, tables, patient)) // another process
		require.Equal(t, "783", size())

		w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				rw.WriteHeader(http.StatusBadGateway)
			}
			return r.Method == http.MethodPost
		})
		_, err := w.client(t, tables, patient).Step(t.Context())
		require.ErrorContains(t, err, "502")
		require.Equal(t, "391", size())
		w.hook(nil)

		hasty := w.client(t, tables, func(o *upload.Options) { o.Target = time.Microsecond })
		step(t, hasty)
		require.Equal(t, "16", size())
		finish(t, w.client(t, tables, patient))
		w.equal(t)
	})
}

func TestContract_C353_ARowThatIsRefusedIsSetAside(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 300, "first")
		w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || !strings.Contains(inflate(t, r), "poison") {
				return false
			}
			rw.WriteHeader(http.StatusBadRequest) // a firewall's, that names no row
			return true
		})
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		finish(t, c)
		exec(t, w.local, "UPDATE villas SET name = 'poison' WHERE id IN (7, 250)")
		put(t, w.local, 301, 400, "second")
		r := finish(t, c)
		require.ElementsMatch(t, []upload.Refusal{{Key: "[7]", Why: "Bad Request"}, {Key: "[250]", Why: "Bad Request"}}, r.Refused)
		kept, err := c.Refused(t.Context(), "villas")
		require.NoError(t, err)
		require.Len(t, kept, 2)
		require.Equal(t, []string{"398", "null", "null"}, column(t, w.remote,
			"SELECT CAST(count(*) AS text) FROM upload_villas UNION ALL SELECT CAST(max(id) AS text) FROM upload_villas WHERE id = 7 UNION ALL SELECT CAST(max(id) AS text) FROM upload_villas WHERE id = 250"))
		require.Equal(t, 1, finish(t, c).Requests, "nothing is left to do")

		exec(t, w.local, "UPDATE villas SET name = 'cured' WHERE id = 7")
		exec(t, w.local, "DELETE FROM villas WHERE id = 250")
		finish(t, c)
		w.equal(t)
		kept, err = c.Refused(t.Context(), "villas")
		require.NoError(t, err)
		require.Empty(t, kept)
	})
}

func TestContract_C353_TheServerNamesWhatItCannotStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "postgres")
	exec(t, w.local, villas)
	put(t, w.local, 1, 50, "first")
	exec(t, w.local, "UPDATE villas SET beds = 'many' WHERE id = 3")
	exec(t, w.local, "UPDATE villas SET name = 'a' || char(0) || 'b' WHERE id = 4")
	r := finish(t, w.client(t, []upload.Table{{Name: "villas"}}))
	require.Len(t, r.Refused, 2)
	require.Equal(t, upload.Refusal{Key: "[3]", Why: `column "beds": "many" is not an integer of 64 bits`}, r.Refused[0])
	require.Equal(t, "[4]", r.Refused[1].Key)
	require.Equal(t, []string{"48"}, column(t, w.remote, "SELECT count(*)::text FROM upload_villas"))
}

func TestContract_C354_AServerThatIsDownRefusesNoRow(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 40, "first")
		c := w.client(t, []upload.Table{{Name: "villas"}})
		for _, status := range []int{http.StatusInternalServerError, http.StatusTooManyRequests, 0} {
			w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.Method != http.MethodPost:
					return false
				case status == 0:
					panic(http.ErrAbortHandler) // the connection breaks
				default:
					rw.WriteHeader(status)
				}
				return true
			})
			for range 4 {
				results, err := c.Step(t.Context())
				require.Error(t, err)
				require.Empty(t, results[0].Refused)
			}
		}
		w.hook(nil)
		finish(t, c)
		w.equal(t)
	})
}

func TestContract_C355_ARowThatBreaksTheServerIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 40, "first")
		exec(t, w.local, "UPDATE villas SET name = 'poison' WHERE id = 9")
		w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost && strings.Contains(inflate(t, r), "poison") {
				panic(http.ErrAbortHandler)
			}
			return false
		})
		c := w.client(t, []upload.Table{{Name: "villas"}})
		var refused []upload.Refusal
		for n := 0; len(refused) == 0; n++ {
			require.Less(t, n, 10)
			results, _ := c.Step(t.Context())
			refused = results[0].Refused
		}
		require.Equal(t, "[9]", refused[0].Key)
		finish(t, c)
	})
}

func TestContract_C362_OneStepOfATableAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 200, "first")
		tables := []upload.Table{{Name: "villas"}}
		first, second := w.client(t, tables), w.client(t, tables)
		inside := make(chan error, 1)
		var once sync.Once
		w.hook(func(http.ResponseWriter, *http.Request) bool {
			once.Do(func() {
				_, err := second.Step(context.Background())
				inside <- err
			})
			return false
		})
		step(t, first)
		require.ErrorIs(t, <-inside, upload.ErrBusy)
		finish(t, second)
		w.equal(t)
	})
}

func TestContract_C399_TriggersAreOfWordsThatOlderSQLiteReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "sqlite")
	exec(t, w.local, villas)
	w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
	j, err := journal.Open(t.Context(), w.local, journal.Config{Tables: []journal.Table{{Name: "villas"}}})
	require.NoError(t, err)
	require.NoError(t, j.Install(t.Context()))
	triggers := column(t, w.local, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
	require.Greater(t, len(triggers), 3)
	for _, sql := range triggers { // the whole database is malformed to a program that can't read one
		require.NotRegexp(t, `(?i)INSERT INTO \S+ AS |UPDATE \S+ AS |DELETE FROM \S+ AS |RETURNING|jsonb|'subsec'|concat\(`, sql)
	}
}
