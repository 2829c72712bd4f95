package content_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// Whatever the list becomes, and wherever a run dies, the rows are those of the list after
// the next whole run, equal ones in their number; before it, none goes that is listed.
func TestContract_C188_AnyLists(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				r := rand.New(rand.NewPCG(seed, 3))
				list := &lists{total: seed%2 == 0}
				api := list.client(t, false)
				m := statement(t, b, api, func(d *synced.Synced[line]) {
					d.Remove, d.Commit = synced.Destroy{Limit: 1}, synced.PerPage{Checkpoint: time.Nanosecond}
				})
				counted := func() map[string]int {
					of := map[string]int{}
					for _, text := range texts(t, b) {
						of[text]++
					}
					return of
				}
				held := map[int]int{0: 9} // which text is where in the list
				moved := false            // since the pass began that the next run may resume
				for range 40 {
					for range r.IntN(2) * r.IntN(8) {
						moved = true
						if at := 1 + r.IntN(30); held[at] > 0 {
							delete(held, at)
						} else {
							held[at] = 1 + r.IntN(4)
						}
					}
					list.keys = slices.Sorted(maps.Keys(held))
					want, items := map[string]int{}, []string{}
					for _, key := range list.keys {
						items = append(items, fmt.Sprintf(`{"text":"t%d","amount":1}`, held[key]))
						want[fmt.Sprint("t", held[key])]++
					}
					list.set(items...)
					list.page = 1 + r.IntN(6)
					fails := list.requests + 1 + r.IntN(8)
					list.before = func(n int) int {
						if n == fails {
							return 403
						}
						return 0
					}
					call := synced.Call{}
					if r.IntN(3) == 0 {
						call.Commit = synced.Atomic{}
					}
					before := counted()
					result, err := m.Synchronize(context.Background(), synced.NoScope, call)
					after := counted()
					if !result.Resumed {
						moved = false
					}
					if moved { // one that went while another came is not told from it
						continue
					}
					for text, n := range before {
						require.GreaterOrEqual(t, after[text], min(n, want[text]), text)
					}
					if err == nil {
						require.Nil(t, result.Refused)
						require.Equal(t, want, after, "%v", items)
					}
				}
			})
		})
	}
}
