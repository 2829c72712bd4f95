package schedule_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/strategy"
)

// alerts notes what it is told.
type alerts struct {
	mu   sync.Mutex
	list []string
	fail atomic.Bool
}

func (a *alerts) tell(_ context.Context, alert schedule.Alert) error {
	if a.fail.Load() {
		return errors.New("nobody listens")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, alert.String())
	return nil
}

func (a *alerts) told() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.list)
}

// watched runs rentals of account 1 again and again, and notes alerts.
func watched(t *testing.T, b *harness.Bundle, d synced.Synced[harness.Rental], change ...func(*schedule.Options, *schedule.Entry)) (s *schedule.Schedule, stop func(), heard *alerts) {
	t.Helper()
	heard = &alerts{}
	o := options(t)
	o.Alert, o.MaxBackoff = heard.tell, 10*time.Millisecond
	entry := schedule.Every(harness.Model(t, b, d), 10*time.Millisecond, in(1))
	for _, f := range change {
		f(&o, &entry)
	}
	s = plan(t, b, o, entry)
	return s, run(t, s), heard
}

// runsMore waits until a few more runs have ended.
func runsMore(t *testing.T, s *schedule.Schedule) {
	t.Helper()
	for range 4 {
		before := states(t, s, "rentals")[int64(1)].Ended
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Ended.After(before) })
	}
}

func TestContract_C239_FailingOnce(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		s, stop, heard := watched(t, b, rentals(t, b, 1))
		await(t, func() bool { return len(heard.told()) == 1 })
		require.Regexp(t, `^rentals \(1\): failing: [3-9] runs in a row failed: synced: rentals \(account_id 1\): .* 404 `, heard.told()[0])
		runsMore(t, s)

		// A restart, or another process, does not tell again.
		stop()
		run(t, s)
		runsMore(t, s)
		require.Len(t, heard.told(), 1)

		b.Server.ClearFaults()
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer failing", heard.told()[1])
		runsMore(t, s)
		require.Len(t, heard.told(), 2)
	})
}

func TestContract_C239_ToldUntilHeard(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		heard := &alerts{}
		heard.fail.Store(true)
		s, _, _ := watched(t, b, rentals(t, b, 1), func(o *schedule.Options, _ *schedule.Entry) { o.Alert = heard.tell })
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Failures > 5 })
		heard.fail.Store(false)
		await(t, func() bool { return len(heard.told()) == 1 })
	})
}

func TestContract_C239_Consent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		api := d.APIFor
		var refused atomic.Bool
		refused.Store(true)
		d.APIFor = func(ctx context.Context, scope synced.Scope) (remote.API, error) {
			if refused.Load() {
				return nil, remote.ErrConsentNeeded
			}
			return api(ctx, scope)
		}
		s, _, heard := watched(t, b, d)
		await(t, func() bool { return len(heard.told()) == 1 })
		require.Regexp(t, `^rentals \(1\): consent needed: .*the account's owner must consent again`, heard.told()[0])

		// Resumed too early, it is paused again, which nobody needs to be told.
		_, err := s.Resume(t.Context(), "", synced.NoScope)
		require.NoError(t, err)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Paused != "" })
		refused.Store(false)
		_, err = s.Resume(t.Context(), "", synced.NoScope)
		require.NoError(t, err)
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer consent needed", heard.told()[1])
	})
}

func TestContract_C239_RefusedAndNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		d.Strategy, d.Remove = strategy.Full{}, synced.Destroy{}
		s, _, heard := watched(t, b, d)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		list := b.Server.Account(tokenOf(1)).Collection("rentals")
		list.Delete(1)
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, []string{
			"rentals (1): listed nothing: the remote listed nothing, and there are rows: check the credentials",
			"rentals (1): removal refused: 1 of 1 row not removed: the remote listed nothing at all",
		}, heard.told())
		runsMore(t, s)
		require.Len(t, heard.told(), 2)

		list.Put(map[string]any{"id": 1, "name": "back"})
		await(t, func() bool { return len(heard.told()) == 4 })
		require.ElementsMatch(t, []string{"rentals (1): no longer listed nothing", "rentals (1): no longer removal refused"}, heard.told()[2:])
	})
}

func TestContract_C239_Approved(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		d.Strategy, d.Remove = strategy.Full{}, synced.Destroy{Limit: 0.1}
		m := harness.Model(t, b, d)
		list := b.Server.Account(tokenOf(1)).Collection("rentals")
		for id := range 40 {
			list.Put(map[string]any{"id": id, "name": "some"})
		}
		heard := &alerts{}
		o := options(t)
		o.Alert = heard.tell
		s := plan(t, b, o, schedule.Every(m, 10*time.Millisecond, in(1)))
		run(t, s)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		for id := range 30 {
			list.Delete(id)
		}
		await(t, func() bool { return len(heard.told()) == 1 })
		require.Regexp(t, `^rentals \(1\): removal refused: \d+ of \d+ rows not removed: more than 10 % of the scope`, heard.told()[0])
		runsMore(t, s)
		require.Len(t, heard.told(), 1)

		_, err := m.ApproveRemoval(t.Context(), synced.In(1), b.Column(t, "SELECT plan FROM synced_refusals")[0], synced.Call{Wait: time.Minute})
		require.NoError(t, err)
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer removal refused", heard.told()[1])
	})
}

func TestContract_C239_Quarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		d.Invalid = synced.Quarantine{Limit: 1}
		s, _, heard := watched(t, b, d)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		list := b.Server.Account(tokenOf(1)).Collection("rentals")
		list.Put(map[string]any{"id": 2, "name": 7})
		await(t, func() bool { return len(heard.told()) == 1 })
		require.Equal(t, "rentals (1): quarantined: 1 record in quarantine", heard.told()[0])
		runsMore(t, s)
		require.Len(t, heard.told(), 1)
		require.Equal(t, 1, states(t, s, "rentals")[int64(1)].Quarantined)

		list.Put(map[string]any{"id": 2, "name": "seven"})
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer quarantined", heard.told()[1])
	})
}

func TestContract_C239_Stale(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		s, _, heard := watched(t, b, rentals(t, b, 1), func(o *schedule.Options, e *schedule.Entry) {
			o.Failing, e.Stale = 1_000_000, time.Hour
		})
		runsMore(t, s)
		require.Empty(t, heard.told())
		b.Execute(t, "UPDATE synced_schedules SET added_at = ?", time.Now().Add(-2*time.Hour))
		await(t, func() bool { return len(heard.told()) == 1 })
		require.Regexp(t, `^rentals \(1\): stale: no success since .*, for 2h0m\d+s: synced: rentals \(account_id 1\): .* 404 `, heard.told()[0])
		b.Server.ClearFaults()
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer stale", heard.told()[1])
	})
}
