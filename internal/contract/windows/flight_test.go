package windows_test

import (
	"context"
	"iter"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// gate is an API whose windows wait for each other: none gives a page before so many were
// asked for.
type gate struct {
	*rest.Client
	mu    sync.Mutex
	wants int
	open  chan struct{}
}

func (g *gate) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		g.mu.Lock()
		if g.wants--; g.wants == 0 {
			close(g.open)
		}
		g.mu.Unlock()
		select {
		case <-g.open:
		case <-ctx.Done():
			yield(nil, ctx.Err())
			return
		}
		g.Client.Pages(ctx, req)(yield)
	}
}

// As many windows as pages may be in flight. What they bring is written in their order.
func TestContract_C182_SeveralWindowsInFlight(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := spanned(t, b, 3, remotetest.Config{})
		s.live(12, 3*day)
		api, err := rest.NewClient(s.config)
		require.NoError(t, err)
		g := &gate{Client: api, wants: 3, open: make(chan struct{})}
		var told []string
		rentals := s.rentals(t, strategy.UpdatedSince{}, func(d *synced.Synced[harness.Rental]) {
			d.API = g
			d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Rental]) error {
				for _, c := range changes {
					told = append(told, c.ID)
				}
				return nil
			}
		})
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}, told)
		require.Equal(t, []string{"window", "window", "window", "remote"}, s.times(t))
	})
}
