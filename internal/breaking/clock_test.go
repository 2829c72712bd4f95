package breaking_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// TestClock lets the remote's clock jump by an hour, forth and back, between and
// within runs, twenty years from this machine's: C21, C24. With a tolerance of an
// hour no change is missed, and each time that is stored is the remote's.
//
// Not promised: a change that the remote stamps with a time before the stored one
// less the tolerance, because its clock went further back than that, is not asked
// for until a complete run, which finds it.
func TestClock(t *testing.T) {
	inBothModes(t, func(t *testing.T, kind string, atomic bool) {
		r := seeded(t)
		v := newVictim(t, r, kind, database(t, kind), settings{Atomic: atomic}, "first")
		v.srv.Advance(-20 * 365 * 24 * time.Hour)
		remote := v.srv.Collection("villas")
		m := v.model(t)
		call := synced.Call{API: client(t, v.srv, token), Strategy: strategy.UpdatedSince{Tolerance: time.Hour}}
		ahead := false
		jump := func() {
			if r.IntN(2) == 0 {
				return
			}
			by := time.Hour
			if ahead {
				by = -time.Hour
			}
			ahead = !ahead
			v.srv.Advance(by)
		}
		for range 8 {
			jump()
			editSome(v.srv, remote, r)
			jump()
			page := 1 + r.IntN(3)
			var first, last time.Time
			v.srv.OnRequest(func(req remotetest.Request) {
				if req.Page == 1 {
					first = req.At.Truncate(time.Second)
				}
				if req.Page == page {
					jump()
				}
			})
			_, last = v.sample(t)
			result, err := m.Synchronize(context.Background(), synced.In(1), call)
			require.NoError(t, err)
			v.srv.OnRequest(nil)
			require.Equal(t, first, result.StoredTime)
			require.Equal(t, "remote", result.TimeSource)
			now, stored := v.sample(t)
			require.Equal(t, later(first, last), stored, "the stored time never goes back")
			v.after = v.before.with(expected(t, 1, remote))
			require.Empty(t, v.after.diff(now))
		}
	})
}

// A clock that goes back by more than the tolerance: the change is found by the
// next complete run.
func TestClock_BackByMoreThanTheTolerance(t *testing.T) {
	onBoth(t, func(t *testing.T, kind string) {
		v := newVictim(t, seeded(t), kind, database(t, kind), settings{}, "first")
		remote := v.srv.Collection("villas")
		m := v.model(t)
		v.finish(t, m)
		v.srv.Advance(-2 * time.Hour)
		remote.Update(1, remotetest.Record{"name": "changed"})
		v.after = v.after.with(expected(t, 1, remote))
		call := synced.Call{API: client(t, v.srv, token), Strategy: strategy.Full{}}
		_, err := m.Synchronize(context.Background(), synced.In(1), call)
		require.NoError(t, err)
		v.settled(t)
	})
}

// editSome is edit by a clock that stands still.
func editSome(srv *remotetest.Server, c *remotetest.Collection, r *rand.Rand) {
	edit(srv, c, r)
	srv.Advance(-2 * time.Minute)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
