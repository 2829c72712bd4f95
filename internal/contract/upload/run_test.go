package upload_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

func TestContract_C370_RunTakesStepsUntilItIsStopped(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 100, "first")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}, func(o *upload.Options) { o.Every, o.Largest = time.Millisecond, 30 })
		type taken struct {
			equal bool
			err   error
		}
		ctx, stop := context.WithCancelCause(t.Context())
		defer stop(nil)
		steps, ended := make(chan taken), make(chan error, 1)
		go func() {
			ended <- c.Run(ctx, func(results []upload.Result, err error) {
				select {
				case steps <- taken{results[0].Equal, err}:
				case <-ctx.Done():
				}
			})
		}()
		// until awaits a step, and returns how many came before it.
		until := func(wanted func(taken) bool) (before int) {
			t.Helper()
			for !wanted(<-steps) {
				before++
				require.Less(t, before, 20)
			}
			return before
		}
		equal := func(s taken) bool { return s.err == nil && s.equal }
		require.GreaterOrEqual(t, until(equal), 4, "batches of 30")
		w.equal(t)

		w.hook(func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return true
		})
		until(func(s taken) bool { return s.err != nil })
		require.ErrorContains(t, (<-steps).err, "503", "it goes on")
		put(t, w.local, 101, 110, "second")
		w.hook(nil)
		until(equal)
		until(equal) // that one began after the table changed
		w.equal(t)

		stop(context.DeadlineExceeded)
		require.ErrorIs(t, <-ended, context.DeadlineExceeded)
	})
}
