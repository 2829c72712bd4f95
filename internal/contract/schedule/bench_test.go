package schedule_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
)

// idle is a model whose runs do nothing, and have no lock.
type idle struct {
	runs atomic.Int64
	// during, where set, is called in each run.
	during func(scope synced.Scope)
}

func (*idle) Name() string      { return "idle" }
func (*idle) Parents() []string { return nil }

func (i *idle) Synchronize(_ context.Context, scope synced.Scope, _ ...synced.Call) (synced.Result, error) {
	i.runs.Add(1)
	if i.during != nil {
		i.during(scope)
	}
	return synced.Result{}, nil
}

func (*idle) RefusedRemoval(context.Context, synced.Scope) (*synced.RefusedRemoval, error) {
	return nil, nil
}

func (*idle) Quarantined(context.Context, synced.Scope) iter.Seq2[synced.QuarantinedRecord, error] {
	return func(func(synced.QuarantinedRecord, error) bool) {}
}

// many yields the scopes from 1 to n.
func many(n int) schedule.Scopes {
	all := make([]synced.Scope, n)
	for i := range all {
		all[i] = synced.In(i + 1)
	}
	return schedule.Fixed(all...)
}

// BenchmarkRegister makes 10,000 scopes known, of which nothing was known, and runs the
// first.
func BenchmarkRegister(b *testing.B) {
	onBoth(b, func(b *testing.B, db *harness.Bundle) {
		for b.Loop() {
			b.StopTimer()
			db.Execute(b, "DELETE FROM synced_schedules")
			m := &idle{}
			s, err := schedule.New(b.Context(), db.DB, schedule.Options{Workers: 1}, schedule.Every(m, never, many(10_000)))
			require.NoError(b, err)
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan error, 1)
			b.StartTimer()
			go func() { done <- s.Run(ctx) }()
			for m.runs.Load() == 0 {
				time.Sleep(time.Millisecond)
			}
			b.StopTimer()
			cancel()
			require.NoError(b, <-done)
			b.StartTimer()
		}
	})
}

// BenchmarkClaims runs scopes that do nothing, 10,000 of which are due.
func BenchmarkClaims(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			onBoth(b, func(b *testing.B, db *harness.Bundle) {
				m := &idle{}
				s, err := schedule.New(b.Context(), db.DB, schedule.Options{Workers: workers, Log: slog.Default()}, schedule.Every(m, time.Millisecond, many(10_000)))
				require.NoError(b, err)
				ctx, cancel := context.WithCancel(b.Context())
				done := make(chan error, 1)
				go func() { done <- s.Run(ctx) }()
				for m.runs.Load() < 10 {
					time.Sleep(time.Millisecond)
				}
				for b.Loop() {
					for before := m.runs.Load(); m.runs.Load() < before+100; {
						time.Sleep(100 * time.Microsecond)
					}
				}
				b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "runs/s")
				cancel()
				require.NoError(b, <-done)
			})
		})
	}
}

func onBoth(b *testing.B, bench func(b *testing.B, db *harness.Bundle)) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) { bench(b, harness.Setup(b, kind)) })
	}
}
