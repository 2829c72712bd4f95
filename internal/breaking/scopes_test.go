package breaking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// TestScopes lets fifty goroutines synchronize ten scopes of one model, while the
// remote changes: C70, C73. Five are at the same scope at a time.
func TestScopes(t *testing.T) {
	onBoth(t, func(t *testing.T, kind string) {
		ctx := context.Background()
		r := seeded(t)
		db := opened(t, kind, database(t, kind))
		require.NoError(t, create(ctx, db))
		m, err := bind(db, settings{})
		require.NoError(t, err)
		srv := newRemote(t, r, 0, perPage)
		const scopes = 10
		var apis [scopes]remote.API
		var lists [scopes]*remotetest.Collection
		for i := range scopes {
			account := srv.Account(fmt.Sprintf("token-of-%d", i))
			lists[i] = account.Collection("villas")
			fill(lists[i], r, 25)
			apis[i] = client(t, srv, account.Token())
		}
		var wg sync.WaitGroup
		for g := range 5 * scopes {
			own := rand.New(rand.NewPCG(r.Uint64(), 0))
			wg.Go(func() {
				i := g % scopes
				for range 2 {
					if g < scopes { // one of them edits
						edit(srv, lists[i], own)
					}
					_, err := m.Synchronize(ctx, synced.In(i+1), synced.Call{API: apis[i]})
					if err != nil && !errors.Is(err, synced.ErrRunning) {
						t.Errorf("goroutine %d: %v", g, err)
					}
				}
			})
		}
		wg.Wait()
		want := families{}
		for i := range scopes {
			// Complete: the pages shifted while they were read, and where one record
			// went and another came, nothing tells of a third between them.
			_, err := m.Synchronize(ctx, synced.In(i+1), synced.Call{API: apis[i], Strategy: strategy.Full{}})
			require.NoError(t, err)
			want = want.with(expected(t, int64(i+1), lists[i]))
		}
		require.Empty(t, want.diff(read(t, db)))
		replica := newReplica()
		replica.follow(t, db)
	})
}
