package schedule_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
)

// gate holds requests until it is opened, and counts them.
type gate struct {
	mu     sync.Mutex
	within map[string]int // by token
	opened chan struct{}
}

func newGate(b *harness.Bundle) *gate {
	g := &gate{within: map[string]int{}, opened: make(chan struct{})}
	b.Server.OnRequest(func(r remotetest.Request) {
		g.mu.Lock()
		g.within[r.Token]++
		g.mu.Unlock()
		<-g.opened
	})
	return g
}

// open lets the requests go, and all later ones. It may be called twice.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
	default:
		close(g.opened)
	}
}

// count counts the requests so far, of some scopes or of all.
func (g *gate) count(scopes ...int) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for token, some := range g.within {
		ours := len(scopes) == 0
		for _, s := range scopes {
			ours = ours || token == tokenOf(s)
		}
		if ours {
			n += some
		}
	}
	return n
}

func TestContract_C233_Bounds(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		accounts := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		d := rentals(t, b, accounts...)
		m := harness.Model(t, b, d)
		g := newGate(b)
		t.Cleanup(g.open)
		o := options(t)
		o.Workers, o.PerCredential = 4, 2
		entry := schedule.Every(m, never, in(accounts...))
		entry.Credential = func(s synced.Scope) string {
			if s.Value().(int64) <= 5 {
				return "one token"
			}
			return ""
		}
		run(t, plan(t, b, o, entry))
		await(t, func() bool { return g.count() == 4 })
		require.LessOrEqual(t, g.count(1, 2, 3, 4, 5), 2)

		// Another process adds its own workers, and shares the credential.
		other := b.Other(t)
		entry.Model = harness.Bind(t, other, d)
		run(t, plan(t, other, o, entry))
		await(t, func() bool { return g.count() == 7 })
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, 7, g.count())
		require.Equal(t, 2, g.count(1, 2, 3, 4, 5))
		require.Equal(t, []string{"7"}, b.Column(t, "SELECT count(*) FROM synced_schedules WHERE claimed_by IS NOT NULL"))

		g.open()
		await(t, func() bool { return g.count() == 10 })
	})
}

// Many of a credential that is used up hide no other.
func TestContract_C233_NobodyIsHidden(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var accounts []int
		for i := range 30 {
			accounts = append(accounts, i+1)
		}
		m := harness.Model(t, b, rentals(t, b, accounts...))
		entry := schedule.Every(m, never, in(accounts...))
		entry.Credential = func(s synced.Scope) string { return map[bool]string{true: "a", false: "b"}[s == synced.In(30)] }
		o := options(t)
		o.Workers, o.PerCredential = 2, 1
		s := plan(t, b, o, entry)
		stop := run(t, s)
		await(t, func() bool { return b.Server.Requests() == 30 })
		stop()
		b.Execute(t, "UPDATE synced_schedules SET next_at = ?", time.Unix(0, 0))
		b.Execute(t, "UPDATE synced_schedules SET next_at = ? WHERE scope_id = '30'", time.Unix(1, 0))
		g := newGate(b)
		t.Cleanup(g.open)
		run(t, s)
		await(t, func() bool { return g.count() == 2 && g.count(30) == 1 })
		g.open()
	})
}

// Processes that look at the same time don't run more with one credential than they may.
func TestContract_C233_AtTheSameTime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		accounts := []int{1, 2, 3, 4, 5, 6, 7, 8}
		d := rentals(t, b, accounts...)
		harness.Model(t, b, d)
		var within, most, all atomic.Int64
		b.Server.OnRequest(func(remotetest.Request) {
			now := within.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(time.Millisecond)
			within.Add(-1)
			all.Add(1)
		})
		for range 4 {
			other := b.Other(t)
			entry := schedule.Every(harness.Bind(t, other, d), time.Millisecond, in(accounts...))
			entry.Credential = func(synced.Scope) string { return "all" }
			o := options(t)
			o.Poll, o.PerCredential = time.Millisecond, 1
			run(t, plan(t, other, o, entry))
		}
		await(t, func() bool { return all.Load() > 100 })
		require.Equal(t, int64(1), most.Load())
	})
}

func TestContract_C233_Priority(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2, 3))
		cabins := rentals(t, b)
		cabins.Table = "cabins"
		for _, id := range []int{1, 2, 3} {
			b.Server.Account(tokenOf(id)).Collection("cabins")
		}
		second := schedule.Every(m, never, in(1, 2, 3))
		first := schedule.Every(harness.Model(t, b, cabins), never, in(1, 2, 3))
		first.Priority = 1
		o := options(t)
		o.Workers = 1
		s := plan(t, b, o, second, first)
		stop := run(t, s)
		await(t, func() bool { return b.Server.Requests() == 6 })
		stop()
		b.Server.ResetLog()
		n, err := s.RunNow(t.Context(), "", synced.NoScope)
		require.NoError(t, err)
		require.Equal(t, 6, n)
		run(t, s)
		await(t, func() bool { return b.Server.Requests() == 6 })
		for i, r := range b.Server.Log() {
			require.Equal(t, []string{"cabins", "rentals"}[i/3], r.Collection)
		}
	})
}

// photo is listed for each rental.
type photo struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	RentalID int64 `db:"rental_id"`
}

// family schedules rentals of account 1 and the photos of each, children first.
func family(t *testing.T, b *harness.Bundle) *schedule.Schedule {
	t.Helper()
	d := rentals(t, b, 1)
	m := harness.Model(t, b, d)
	b.Server.Account(tokenOf(1)).Collection("rentals/1/photos").Put(remotetest.Record{"id": 7})
	photos := harness.Model(t, b, synced.Synced[photo]{Table: "photos", Scope: "rental_id", APIFor: d.APIFor, Log: d.Log,
		PerParent: synced.Each(m, "rentals/{synced_id}/photos")})
	return plan(t, b, options(t), schedule.Every(photos, never, in(1)), schedule.Every(m, never, in(1)))
}

func TestContract_C232_ParentsFirst(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := family(t, b)
		run(t, s)
		await(t, func() bool { return !states(t, s, "photos")[int64(1)].Succeeded.IsZero() })
		require.Equal(t, []string{"7"}, b.Column(t, "SELECT synced_id FROM photos"), "the child ran once, after its parent")

		// Whatever is asked for first.
		for range 5 {
			b.Server.ResetLog()
			b.Execute(t, "UPDATE synced_schedules SET next_at = ?", time.Unix(0, 0))
			await(t, func() bool { return b.Server.Requests() == 2 })
			require.Equal(t, "rentals", b.Server.Log()[0].Collection)
			await(t, func() bool { return !states(t, s, "photos")[int64(1)].Running })
		}
	})
}

func TestContract_C232_NotForEver(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := family(t, b)
		b.Server.Fault(remotetest.Fault{Collection: "rentals", Status: 404, Times: -1})
		run(t, s)
		await(t, func() bool { return !states(t, s, "photos")[int64(1)].Succeeded.IsZero() })
		require.Equal(t, 1, states(t, s, "rentals")[int64(1)].Failures)
		require.Zero(t, states(t, s, "rentals")[int64(1)].Succeeded)
	})
}

// A parent that waits, as the remote has told, still comes first.
func TestContract_C232_BeforeTheFirstSuccess(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := family(t, b)
		b.Server.Fault(remotetest.Fault{Collection: "rentals", Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Times: -1})
		run(t, s)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Error != "" })
		time.Sleep(100 * time.Millisecond)
		require.Zero(t, states(t, s, "photos")[int64(1)].Began)
		b.Server.ClearFaults()
		_, err := s.RunNow(t.Context(), "rentals", synced.NoScope)
		require.NoError(t, err)
		await(t, func() bool { return !states(t, s, "photos")[int64(1)].Succeeded.IsZero() })
		require.Equal(t, []string{"7"}, b.Column(t, "SELECT synced_id FROM photos"))
	})
}

func TestContract_C232_Paused(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := family(t, b)
		stop := run(t, s)
		await(t, func() bool { return !states(t, s, "photos")[int64(1)].Succeeded.IsZero() })
		stop()
		_, err := s.Pause(t.Context(), "rentals", synced.NoScope, "")
		require.NoError(t, err)
		b.Execute(t, "UPDATE synced_schedules SET next_at = ?, succeeded_at = NULL", time.Unix(0, 0))
		run(t, s)
		await(t, func() bool { return !states(t, s, "photos")[int64(1)].Succeeded.IsZero() })
		require.Zero(t, states(t, s, "rentals")[int64(1)].Succeeded)
	})
}
