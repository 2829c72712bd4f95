package positions_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// feeds are the styles with a feed beside the list.
var feeds = []style{stripe, positioned[3], inOrder()}

// inOrder is a feed that is asked from a time, the first event first.
func inOrder() style {
	s := stripe
	s.name, s.fake.Events.NewestFirst, s.config.Feed.NewestFirst = "in order", false, false
	return s
}

// lists returns how often the list was asked for since the log was reset.
func (f *feed) lists() (n int) {
	for _, r := range f.Log() {
		if r.Collection == "rentals" {
			n++
		}
	}
	f.ResetLog()
	return n
}

func TestContract_C192_AFeedTellsWhatChanged(t *testing.T) {
	on(t, feeds, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"}, change{4, "four"})
		f.Advance(time.Hour)
		rentals := harness.Bind(t, b, d)
		require.Equal(t, harness.Counts{Created: 4}, harness.CountsOf(harness.Sync(t, rentals, scope)))
		f.Advance(time.Hour)
		result := harness.Sync(t, rentals, scope)
		require.Zero(t, result.Counts)
		require.Equal(t, 1, result.Requests, "the list is not asked")

		f.change(change{5, "five"}, change{5, "Five"}, change{2, ""}, change{3, "Three"}, change{1, "uno"}, change{3, ""}, change{4, ""}, change{4, "Four"}, change{1, "One"})
		f.Collection("guests").Put(remotetest.Record{"id": 1, "name": "a guest"}, remotetest.Record{"id": 9, "name": "another"})
		f.Collection("guests").Delete(1)
		f.Advance(time.Hour)
		result = harness.Sync(t, rentals, scope)
		require.Equal(t, []string{"One", "Four", "Five"}, harness.Names(t, rentals, scope), "the last event counts, and those of guests do not")
		require.Equal(t, 2, result.Removed)
		require.Equal(t, 1, result.Created)
		f.Advance(time.Hour)
		require.Zero(t, harness.Sync(t, rentals, scope).Counts)

		// Each page tells that it is gone, or that it is back.
		for _, gone := range []bool{true, false, true} {
			if gone {
				f.change(change{1, ""}, change{6, "six"})
			} else {
				f.change(change{1, "once more"}, change{6, "Six"})
			}
		}
		f.Advance(time.Hour)
		require.Equal(t, 1, harness.Sync(t, rentals, scope).Removed)
		require.Equal(t, []string{"Four", "Five", "six"}, harness.Names(t, rentals, scope))
	})
}

// What changes while the list is read, behind the page that is read, is in the feed: it is
// asked from before the list.
func TestContract_C192_NothingIsPassedOverWhileTheListIsRead(t *testing.T) {
	on(t, feeds, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"}, change{4, "four"}, change{5, "five"})
		f.Advance(time.Hour)
		d.Commit = synced.PerPage{Checkpoint: time.Nanosecond}
		rentals := harness.Bind(t, b, d)
		f.OnRequest(func(r remotetest.Request) {
			if r.Collection == "rentals" && r.Page == 2 {
				f.OnRequest(nil)
				f.change(change{1, "One"}, change{2, ""})
				f.Advance(time.Hour)
			}
		})
		f.failAt(f.second() + 1) // and the run dies at the third page
		_, err := rentals.Synchronize(context.Background(), scope)
		require.ErrorContains(t, err, "500")
		require.Equal(t, []string{"one", "two", "three", "four"}, harness.Names(t, rentals, scope))

		result := harness.Sync(t, rentals, scope)
		require.True(t, result.Resumed, "the list is resumed, and where the feed stood is not asked again")
		require.Equal(t, []string{"one", "two", "three", "four", "five"}, harness.Names(t, rentals, scope))
		f.lists()
		result = harness.Sync(t, rentals, scope)
		require.Zero(t, f.lists(), "the feed alone is asked")
		require.Equal(t, []string{"One", "three", "four", "five"}, harness.Names(t, rentals, scope))
		require.Equal(t, 1, result.Removed)
	})
}

// A feed that has forgotten what changed since the last run does not say so: what it
// remembers is declared, and after that everything is asked for.
func TestContract_C192_AFeedForgets(t *testing.T) {
	forgetful := stripe
	forgetful.fake.Clock = func() time.Time { return time.Now().Add(-32 * 24 * time.Hour) }
	on(t, []style{forgetful, positioned[3]}, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, scope)
		f.change(change{1, "One"}, change{2, ""}, change{4, "four"})
		f.Advance(31 * 24 * time.Hour)
		result := harness.Sync(t, rentals, scope)
		require.NotEmpty(t, result.Complete)
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
	})
}

func TestContract_C192_AnotherOfTheFeedsTypesIsAnotherQuestion(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := positioned[3]
		f := newFeed(t, s)
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		harness.Sync(t, harness.Model(t, b, f.declare(t)), synced.In(1))
		f.style.config.Feed.Changed = []string{"rentals.created", "rentals.updated", "rentals.moved"}
		result := harness.Sync(t, harness.Bind(t, b, f.declare(t)), synced.In(1))
		require.Equal(t, "the remote rejected the position of the last run", result.Complete)
	})
}

// Events that have parts of records only, where earlier ones are left out, say too little.
func TestContract_C192_PartsCantBePutTogetherFromTheNewestOn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := newFeed(t, stripe)
		f.change(change{1, "one"})
		d := f.declare(t)
		d.Partial = true
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		f.change(change{1, "One"})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "leave rest.Feed.RecordPath out")
		require.Equal(t, []string{"one"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// named makes the events of a style name records only.
func named(s style) style {
	s.fake.Events.IDOnly = true
	s.config.Feed.ID, s.config.Feed.RecordPath = s.config.Feed.RecordPath+".id", ""
	return s
}

func TestContract_C193_ARecordThatAnEventNamesIsAskedFor(t *testing.T) {
	on(t, []style{named(feeds[0]), named(feeds[1])}, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		for _, atomic := range []bool{false, true} {
			if atomic {
				d.Commit, scope = synced.Atomic{}, synced.In(f.Collection("rentals").Len()+7)
				f = newFeed(t, f.style)
				d.API = f.declare(t).API
			}
			f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
			f.Advance(time.Hour)
			rentals := harness.Bind(t, b, d)
			harness.Sync(t, rentals, scope)
			f.change(change{1, "uno"}, change{4, "four"}, change{2, ""}, change{5, "five"}, change{5, ""}, change{1, "One"})
			require.Equal(t, harness.Counts{Created: 1, Updated: 1, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, scope)))
			require.Equal(t, []string{"One", "three", "four"}, harness.Names(t, rentals, scope))
		}
	})
}

// Deletions need no events of their own: who is asked for and not found, beside one that
// is, is gone.
func TestContract_C193_ANamedRecordThatIsNotFound(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := named(stripe)
		s.config.Feed.Deleted, s.config.Feed.Changed, s.config.Feed.TypePath = nil, nil, ""
		f := newFeed(t, s)
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		f.Advance(time.Hour)
		rentals := harness.Model(t, b, f.declare(t))
		harness.Sync(t, rentals, synced.In(1))
		f.change(change{2, ""}, change{3, "Three"})
		require.Equal(t, harness.Counts{Updated: 1, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"one", "Three"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// One that can't be had now is not passed over: it fails the run, or waits in quarantine and
// is asked for by the next run.
func TestContract_C193_ANamedRecordThatDoesNotCome(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := newFeed(t, named(positioned[3]))
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		d := f.declare(t)
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		f.change(change{1, "One"}, change{2, "Two"})
		down := remotetest.Fault{Collection: "rentals/1", Status: http.StatusInternalServerError, Times: -1}
		f.Fault(down)
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "record 1: the remote told only that the record changed, and asking for it did not bring it")
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			d.Invalid, d.Commit = synced.Quarantine{}, commit
			rentals = harness.Bind(t, b, d)
			f.change(change{1, fmt.Sprintf("One of %T", commit)})
			f.Fault(down)
			for range 2 {
				result := harness.Sync(t, rentals, synced.In(1))
				require.True(t, result.StoredPosition)
				require.Equal(t, []string{"1"}, b.Column(t, "SELECT remote_id FROM synced_quarantine"))
			}
			f.ClearFaults()
			require.NotContains(t, harness.Names(t, rentals, synced.In(1)), fmt.Sprintf("One of %T", commit))
			require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
			require.Equal(t, []string{fmt.Sprintf("One of %T", commit), "Two", "three"}, harness.Names(t, rentals, synced.In(1)))
			require.Empty(t, b.Column(t, "SELECT remote_id FROM synced_quarantine"))
		}
	})
}

// Whatever changes, at whatever page, and wherever a run dies: in the end the rows are the
// remote's records.
func TestContract_C192_AnyChangesAndFailures(t *testing.T) {
	styles := append([]style{named(stripe), named(positioned[3])}, append(positioned, stripe, feeds[2])...)
	for i := range 2 {
		styles[i].name += ", ids only"
	}
	on(t, styles, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		chance := rand.New(rand.NewPCG(1, uint64(len(f.style.name))))
		edit := func() {
			id := 1 + chance.IntN(9)
			if _, exists := f.Collection("rentals").Get(id); exists && chance.IntN(2) == 0 {
				f.change(change{id, ""})
				return
			}
			f.change(change{id, fmt.Sprint("name ", chance.IntN(1000))})
		}
		for range 9 {
			edit()
		}
		d.Commit = synced.PerPage{Checkpoint: time.Nanosecond}
		d.Remove = synced.Destroy{Limit: 1}
		rentals := harness.Bind(t, b, d)
		for round := range 12 {
			var mu sync.Mutex // several records are asked for at once
			left := 20
			f.OnRequest(func(remotetest.Request) {
				mu.Lock()
				defer mu.Unlock()
				for n := min(left, chance.IntN(3)); n > 0; n-- {
					edit()
					left--
				}
			})
			if chance.IntN(2) == 0 {
				f.failAt(1 + chance.IntN(6))
			}
			call := synced.Call{}
			if chance.IntN(6) == 0 {
				call.Strategy = strategy.Full{}
			}
			if chance.IntN(3) == 0 {
				stop := make(chan struct{})
				close(stop)
				call.Stop = stop
			}
			_, err := rentals.Synchronize(context.Background(), scope, call)
			mu.Lock()
			left = 0 // also for requests that nobody waits for any more
			mu.Unlock()
			if err != nil && !errors.Is(err, remote.ErrUnavailable) {
				require.ErrorContains(t, err, "asking for it did not bring it", "round %d", round) // nothing stays to compare it with
			}
			pause := time.Duration(chance.IntN(5)) * time.Hour
			if f.style.strategy == nil {
				pause *= 24
			}
			f.Advance(pause)
		}
		f.OnRequest(nil)
		f.ClearFaults()
		for harness.Sync(t, rentals, scope).Resumed { // what changed on pages that were read before, the next run is told
		}
		var want []string
		for id := 1; id < 10; id++ {
			if r, exists := f.Collection("rentals").Get(id); exists {
				want = append(want, r["name"].(string))
			}
		}
		require.Equal(t, want, harness.Names(t, rentals, scope))
	})
}

// A feed that is not found says nothing of the list, not even where that is one for each
// parent: the list is asked for.
func TestContract_C192_AFeedThatIsNotFound(t *testing.T) {
	on(t, feeds, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, scope)
		f.change(change{1, "One"}, change{2, ""})
		f.Fault(remotetest.Fault{Collection: f.style.config.Feed.Endpoint, Status: http.StatusNotFound})
		result := harness.Sync(t, rentals, scope)
		require.NotEmpty(t, result.Complete)
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
	})
}
