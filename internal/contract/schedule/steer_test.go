package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
)

func TestContract_C236_PauseAndResume(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := t.Context()
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		s := plan(t, b, options(t), schedule.Every(m, 10*time.Millisecond, in(1, 2)))
		stop := run(t, s)
		await(t, func() bool { return requests(b, 1) > 1 && requests(b, 2) > 1 })

		// Another process pauses it.
		other := plan(t, b.Other(t), options(t), schedule.Every(m, 10*time.Millisecond, in(1, 2)))
		n, err := other.Pause(ctx, "rentals", synced.In(1), "they asked us to")
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, err = other.Pause(ctx, "", synced.In(1), "another reason")
		require.NoError(t, err)
		require.Zero(t, n)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Running })
		before := requests(b, 1)
		others := requests(b, 2)
		await(t, func() bool { return requests(b, 2) > others+3 })
		stop() // and a restart changes nothing
		run(t, s)
		others = requests(b, 2)
		await(t, func() bool { return requests(b, 2) > others+3 })
		require.Equal(t, before, requests(b, 1))
		require.Equal(t, "they asked us to", states(t, s, "rentals")[int64(1)].Paused)
		n, err = s.RunNow(ctx, "", synced.In(1))
		require.NoError(t, err)
		require.Zero(t, n)

		n, err = other.Resume(ctx, "rentals", synced.NoScope)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		await(t, func() bool { return requests(b, 1) > before })
	})
}

func TestContract_C236_RunNow(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := t.Context()
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		s := plan(t, b, options(t), schedule.Every(m, never, in(1, 2)))
		run(t, s)
		run(t, plan(t, b.Other(t), options(t), schedule.Every(m, never, in(1, 2))))
		await(t, func() bool {
			return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() && !states(t, s, "rentals")[int64(2)].Succeeded.IsZero()
		})

		// What runs already runs once more after that, and not beside it.
		came, goOn := make(chan struct{}, 10), make(chan struct{})
		b.Server.OnRequest(func(remotetest.Request) {
			came <- struct{}{}
			<-goOn
		})
		n, err := s.RunNow(ctx, "rentals", synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		<-came
		running := states(t, s, "rentals")[int64(1)]
		require.True(t, running.Running)
		n, err = s.RunNow(ctx, "rentals", synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		time.Sleep(100 * time.Millisecond)
		require.Empty(t, came)
		now := states(t, s, "rentals")[int64(1)]
		require.Equal(t, running.Began, now.Began)
		require.Equal(t, running.By, now.By)
		goOn <- struct{}{}
		<-came
		goOn <- struct{}{}
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Running })
		time.Sleep(50 * time.Millisecond)
		require.Empty(t, came)
		require.Equal(t, 3, requests(b, 1))
		require.Equal(t, 1, requests(b, 2))

		for _, err := range []error{
			func() error { _, err := s.RunNow(ctx, "rentls", synced.NoScope); return err }(),
			func() error { _, err := s.Pause(ctx, "rentls", synced.NoScope, ""); return err }(),
			func() error { _, err := s.Resume(ctx, "rentls", synced.NoScope); return err }(),
			func() error {
				for _, err := range s.List(ctx, "rentls", synced.NoScope) {
					return err
				}
				return nil
			}(),
		} {
			require.ErrorContains(t, err, `the schedule has no model "rentls": it has ["rentals"]`)
		}
		_, err = s.RunNow(ctx, "", synced.In(1.5))
		require.ErrorContains(t, err, "schedule: run now: the scope: one has no key")
		_, err = s.Forget(ctx, "rentals")
		require.ErrorContains(t, err, "it has an entry")
	})
}

func TestContract_C236_Forget(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1, 2)
		m := harness.Model(t, b, d)
		d.Table = "cabins"
		d.Endpoint = "rentals"
		cabins := harness.Model(t, b, d)
		s := plan(t, b, options(t), schedule.Every(m, never, in(1, 2)))
		stop := run(t, s)
		await(t, func() bool { return len(states(t, s, "")) == 2 })
		stop()
		s = plan(t, b, options(t), schedule.Every(cabins, never, in(1, 2)))
		n, err := s.Forget(t.Context(), "rentals")
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_schedules"))
	})
}
