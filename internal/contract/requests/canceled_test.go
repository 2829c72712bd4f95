package requests_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
)

// A run that is canceled has made its requests all the same.
func TestContract_C287_Canceled(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four", "five")
		m := harness.Model(t, b, harness.Rentals())
		for n := range 5 {
			for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
				ctx, cancel := context.WithCancel(t.Context())
				b.Server.ResetLog()
				b.Server.OnRequest(func(remotetest.Request) { cancel() })
				result, err := m.Synchronize(ctx, synced.In(1), synced.Call{Commit: commit})
				require.ErrorIs(t, err, context.Canceled)
				require.Equal(t, 1, result.Requests, fmt.Sprintf("%T, time %d", commit, n))
			}
		}
	})
}
