package full_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// kept is bytes that somebody holds, and what they were at first.
type kept struct {
	held []byte
	was  string
}

func (k *kept) requireSame(t *testing.T) {
	t.Helper()
	require.Equal(t, k.was, string(k.held))
}

// TestPages_AreNotOverwritten: the memory of pages is used again, but not of what
// somebody may hold: a handler, or whoever wraps the client.
func TestPages_AreNotOverwritten(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var all []string
		for i := range 12 {
			all = append(all, strings.Repeat(string(rune('a'+i)), 40))
		}
		b.Put(all...)
		var holds []*kept
		hold := func(b []byte) { holds = append(holds, &kept{b, string(b)}) }
		d := harness.Rentals()
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Rental]) error {
			for _, c := range changes {
				hold(c.New.SyncedData)
			}
			return nil
		}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		for round := range 4 {
			// Page 1 is unchanged and its memory free, 3 is not.
			b.Server.Collection("rentals").Update(8, remotetest.Record{"name": fmt.Sprint("changed ", round, strings.Repeat("x", 30))})
			require.Equal(t, harness.Counts{Updated: 1, Unchanged: 11}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
			require.Equal(t, harness.Counts{Unchanged: 12}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		}
		require.Len(t, holds, 12+4)
		for _, k := range holds {
			k.requireSame(t)
		}

		d.OnChange = nil
		holds = nil
		d.API = remote.Func(func(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
			return func(yield func(*remote.Page, error) bool) {
				for page, err := range b.API.Pages(ctx, req) {
					for _, o := range page.Objects {
						hold(o.Raw())
					}
					if !yield(page, err) {
						return
					}
				}
			}
		})
		require.Equal(t, harness.Counts{Unchanged: 12}, harness.CountsOf(harness.Sync(t, harness.Bind(t, b, d), synced.In(1))))
		require.Len(t, holds, 12)
		for _, k := range holds {
			k.requireSame(t)
		}
	})
}
