package expand_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// world is a shelf that others edit at random, between runs and during them.
type world struct {
	*rand.Rand
	srv    *remotetest.Server
	rev    int
	titles map[int]string // of what exists
	edited map[int]bool   // rows that were edited here, and not mended since
}

// edit changes, creates or deletes a record.
func (w *world) edit() {
	w.rev++
	id := 1 + w.IntN(12)
	if _, exists := w.titles[id]; exists && w.IntN(4) == 0 {
		w.srv.Collection("docs").Delete(id)
		delete(w.titles, id)
		return
	}
	w.titles[id] = fmt.Sprint("r", w.rev)
	put(w.srv, id, w.rev, w.titles[id])
}

// disturb has one request of a run, or none, cancel it or meet an edit.
func (w *world) disturb(cancel func()) {
	left, what, turn := w.IntN(30), w.IntN(3), make(chan struct{}, 1)
	w.srv.OnRequest(func(remotetest.Request) {
		turn <- struct{}{}
		defer func() { <-turn }()
		if left--; left == 0 && what == 0 {
			cancel()
		} else if left == 0 && what == 1 {
			w.edit()
		}
	})
}

// Whatever happens between and during runs, no row goes whose record exists, and an
// undisturbed run brings the rows in step.
func TestContract_C191_AnythingInBetween(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				srv, api, fails := unsteady(t)
				m := docs(t, b, api, func(d *synced.Synced[doc]) {
					d.Strategy, d.Invalid = strategy.UpdatedSince{}, synced.Quarantine{Limit: 1}
				})
				w := &world{Rand: rand.New(rand.NewPCG(seed, 7)), srv: srv, titles: map[int]string{}, edited: map[int]bool{}}
				w.titles[1] = "first"
				put(srv, 1, 0, "first")
				rows := func() map[int]string {
					all := map[int]string{}
					for _, d := range harness.All(t, m) {
						all[int(d.SyncedID)] = d.Title
						if w.edited[int(d.SyncedID)] && d.Title != "local" {
							delete(w.edited, int(d.SyncedID))
						}
					}
					return all
				}
				for range 25 {
					for range w.IntN(5) {
						w.edit()
					}
					if id := 1 + w.IntN(12); rows()[id] != "" && w.IntN(3) == 0 {
						b.Execute(t, "UPDATE docs SET title = 'local' WHERE synced_id = "+strconv.Itoa(id))
						w.edited[id] = true
					}
					var ids []string
					for id := 1; id <= 12 && w.IntN(2) == 0; id++ {
						ids = append(ids, strconv.Itoa(1+w.IntN(12)))
					}
					fails.fail([]int{403, 500, 401}[w.IntN(3)], ids...)
					var call synced.Call
					if w.IntN(2) == 0 {
						call.Strategy = strategy.Full{}
					}
					if w.IntN(2) == 0 {
						call.Commit = synced.Atomic{}
					}
					before := rows()
					ctx, cancel := context.WithCancel(context.Background())
					w.disturb(cancel)
					_, err := m.Synchronize(ctx, synced.NoScope, call)
					cancel()
					srv.OnRequest(nil)
					if err != nil && !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "401") {
						require.NoError(t, err)
					}
					after := rows()
					for id := range before {
						if _, exists := w.titles[id]; exists {
							require.Contains(t, after, id, "the record exists")
						}
					}
				}
				fails.fail(0)
				harness.Sync(t, m, synced.NoScope)
				got := rows()
				for id := range w.edited {
					if _, exists := w.titles[id]; exists {
						require.Equal(t, "local", got[id])
						got[id] = w.titles[id]
					}
				}
				require.Equal(t, w.titles, got, "nothing was passed over")
				harness.Sync(t, m, synced.NoScope, synced.Call{Strategy: strategy.Full{}})
				require.Equal(t, w.titles, rows())
				asked(srv)
				harness.Sync(t, m, synced.NoScope, synced.Call{Strategy: strategy.Full{}})
				require.Empty(t, asked(srv))
			})
		})
	}
}
