package schedule_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
)

func TestContract_C238_StopsGracefully(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2, 3))
		g := newGate(b)
		t.Cleanup(g.open)
		o := options(t)
		o.Workers = 2
		s := plan(t, b, o, schedule.Every(m, never, in(1, 2, 3)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		await(t, func() bool { return g.count() == 2 })
		require.ErrorContains(t, s.Run(ctx), "schedule: Run is under way already")
		cancel()
		time.Sleep(50 * time.Millisecond)
		require.Empty(t, done, "it waits for its runs")
		g.open()
		require.NoError(t, <-done)
		require.Equal(t, 2, g.count(), "and begins no other")
		require.Equal(t, []string{"2"}, b.Column(t, "SELECT count(*) FROM synced_schedules WHERE succeeded_at IS NOT NULL"))
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_schedules WHERE claimed_by IS NOT NULL"))
	})
}

func TestContract_C238_CancelsAfterGrace(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		g := newGate(b)
		t.Cleanup(g.open)
		o := options(t)
		o.Grace = time.Millisecond
		s := plan(t, b, o, schedule.Every(m, never, in(1)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		await(t, func() bool { return g.count() == 1 })
		cancel()
		require.NoError(t, <-done)
		now := states(t, s, "rentals")[int64(1)]
		require.False(t, now.Running)
		require.Zero(t, now.Failures, "a stop is no failure")
		require.Empty(t, now.Error)
		g.open()
		// It is due at once, for whoever comes next.
		run(t, s)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
	})
}

// A run that heeds no context keeps nobody waiting for ever, and the error names it.
func TestContract_C238_Hangs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		hang := make(chan struct{})
		t.Cleanup(func() { close(hang) })
		m := &idle{during: func(synced.Scope) { <-hang }}
		o := options(t)
		o.Grace, o.Lease = -1, time.Second
		s := plan(t, b, o, schedule.Every(m, never, in(1)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		await(t, func() bool { return m.runs.Load() == 1 })
		cancel()
		require.ErrorContains(t, <-done, "schedule: 1 of the runs have not ended 1s after they were canceled (idle 1): look for a handler")
	})
}

func TestContract_C238_TheIteratorHangs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		hang, came := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { close(hang) })
		o := options(t)
		o.Lease = time.Second
		s := plan(t, b, o, schedule.Every(&idle{}, never, func(context.Context) iter.Seq2[synced.Scope, error] {
			return func(func(synced.Scope, error) bool) {
				close(came)
				<-hang
			}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		<-came
		cancel()
		require.ErrorContains(t, <-done, "schedule: an iterator of scopes, or Options.Alert, has not ended 1s after it was canceled")
	})
}

func TestContract_C243_TheDatabaseComesBack(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		s := plan(t, b, options(t), schedule.Every(m, 10*time.Millisecond, in(1)))
		run(t, s)
		await(t, func() bool { return b.Server.Requests() > 2 })
		b.Execute(t, "ALTER TABLE synced_schedules RENAME TO away")
		time.Sleep(100 * time.Millisecond)
		b.Execute(t, "ALTER TABLE away RENAME TO synced_schedules")
		before := b.Server.Requests()
		await(t, func() bool { return b.Server.Requests() > before+2 })
		require.Zero(t, states(t, s, "rentals")[int64(1)].Failures)
	})
}

func TestContract_C242_StaysWhereItWas(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		entries := []schedule.Entry{schedule.Every(m, never, in(1, 2))}
		s := plan(t, b, options(t), entries...)
		stop := run(t, s)
		await(t, func() bool { return b.Server.Requests() == 2 })
		stop()
		before := states(t, s, "")

		// A restart runs nothing that is not due, and a schedule with nothing to do writes
		// nothing.
		written := b.Written(t, "synced_schedules")
		locks := b.Written(t, "synced_locks")
		s = plan(t, b.Other(t), options(t), entries...)
		stop = run(t, s)
		time.Sleep(200 * time.Millisecond)
		stop()
		require.Equal(t, before, states(t, s, ""))
		require.Equal(t, 2, b.Server.Requests())
		require.Equal(t, written, b.Written(t, "synced_schedules"))
		require.Equal(t, locks, b.Written(t, "synced_locks"))
	})
}

// A row of a model that this process has no entry for is another process's.
func TestModelsOfOthers(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		s := plan(t, b, options(t), schedule.Every(m, 10*time.Millisecond, in(1)))
		b.Execute(t, "INSERT INTO synced_schedules (model, scope_id, scope_kind, every, complete_every, priority, credential, added_at, next_at) VALUES ('cabins', '1', 'integer', 1, 0, 0, '', ?, ?)", time.Unix(0, 0), time.Unix(0, 0))
		run(t, s)
		await(t, func() bool { return b.Server.Requests() > 3 })
		require.Equal(t, []string{"null"}, b.Column(t, "SELECT began_at FROM synced_schedules WHERE model = 'cabins'"))
		require.Len(t, states(t, s, ""), 1)
	})
}

func TestNew(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		good := schedule.Every(m, time.Minute, in(1))
		for want, given := range map[string]struct {
			o       schedule.Options
			entries []schedule.Entry
		}{
			"schedule: there is no entry":                            {},
			"schedule: an entry has no Model":                        {entries: []schedule.Entry{{Every: time.Minute}}},
			"schedule: rentals has two entries":                      {entries: []schedule.Entry{good, good}},
			"schedule: rentals: Every is 0s: give the interval":      {entries: []schedule.Entry{{Model: m}}},
			"schedule: rentals: Complete is 1s, less than Every":     {entries: []schedule.Entry{{Model: m, Every: time.Minute, Complete: time.Second}}},
			"schedule: rentals: Remove is for complete passes":       {entries: []schedule.Entry{{Model: m, Every: time.Minute, Remove: synced.Destroy{}}}},
			"schedule: rentals: Complete is -1s":                     {entries: []schedule.Entry{{Model: m, Every: time.Minute, Complete: -time.Second}}},
			"schedule: the option Workers is -1":                     {o: schedule.Options{Workers: -1}, entries: []schedule.Entry{good}},
			"schedule: the option Poll is -1s":                       {o: schedule.Options{Poll: -time.Second}, entries: []schedule.Entry{good}},
			"schedule: the option Lease is 1ms: give at least a sec": {o: schedule.Options{Lease: time.Millisecond}, entries: []schedule.Entry{good}},
		} {
			_, err := schedule.New(t.Context(), b.DB, given.o, given.entries...)
			require.ErrorContains(t, err, want)
		}
		_, err := schedule.New(t.Context(), nil, schedule.Options{}, good)
		require.ErrorContains(t, err, "schedule: no database")
		b.Execute(t, "DROP TABLE synced_schedules")
		_, err = schedule.New(t.Context(), b.DB, schedule.Options{}, good)
		require.ErrorContains(t, err, "schedule: the database has no table synced_schedules: call Migrate on the store first")
	})
}
