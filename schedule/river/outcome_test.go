package river_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/schedule/river"
)

// fake is a model whose runs a test writes.
type fake struct {
	run func(ctx context.Context, scope synced.Scope, call synced.Call) (synced.Result, error)

	mu    sync.Mutex
	times map[any]int
}

func (*fake) Name() string      { return "fakes" }
func (*fake) Parents() []string { return nil }

func (f *fake) Synchronize(ctx context.Context, scope synced.Scope, calls ...synced.Call) (synced.Result, error) {
	f.mu.Lock()
	if f.times == nil {
		f.times = map[any]int{}
	}
	f.times[scope.Value()]++
	f.mu.Unlock()
	if f.run == nil {
		return synced.Result{}, nil
	}
	return f.run(ctx, scope, calls[0])
}

func (f *fake) ran(scope int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.times[scope]
}

func (*fake) RefusedRemoval(context.Context, synced.Scope) (*synced.RefusedRemoval, error) {
	return nil, nil //nolint:nilnil // none
}

func (*fake) Quarantined(context.Context, synced.Scope) iter.Seq2[synced.QuarantinedRecord, error] {
	return func(func(synced.QuarantinedRecord, error) bool) {}
}

// jobs reads the jobs that run a scope: their states.
func jobs(t *testing.T, b *harness.Bundle, scope string) []string {
	t.Helper()
	return b.Column(t, "SELECT state::text FROM synced_river.river_job WHERE kind = 'synced_run' AND args->'scopes' = jsonb_build_array(?::text) ORDER BY id", scope)
}

func TestContract_C247_HowRunsEnd(t *testing.T) {
	t.Parallel()
	b, _ := setup(t, 0)
	m := &fake{run: func(_ context.Context, scope synced.Scope, _ synced.Call) (synced.Result, error) {
		switch scope.Value() {
		case int64(1):
			return synced.Result{}, errors.New("the service's own")
		case int64(2):
			return synced.Result{}, &remote.WaitError{Until: time.Now().Add(time.Hour)}
		case int64(3):
			panic("oh no")
		default:
			return synced.Result{}, remote.ErrConsentNeeded
		}
	}}
	s := plan(t, b, schedule.Options{}, schedule.Every(m, never, in(4)))
	work(t, b, s, river.Options{})
	await(t, func() bool {
		return len(b.Column(t, "SELECT 1 FROM synced_river.river_job WHERE kind = 'synced_run' AND state IN ('discarded', 'scheduled')")) == 4
	})
	require.Equal(t, []string{"discarded"}, jobs(t, b, "1"), "what failed is not tried again by River")
	require.Equal(t, []string{"scheduled"}, jobs(t, b, "2"), "what waits is snoozed")
	require.Equal(t, []string{"discarded"}, jobs(t, b, "3"))
	require.Equal(t, []string{"discarded"}, jobs(t, b, "4"))
	require.Equal(t, []string{"the service's own"}, b.Column(t, "SELECT errors[1]->>'error' FROM synced_river.river_job WHERE args->'scopes' = '[\"1\"]'"))

	now := states(t, s, "fakes")
	require.Equal(t, 1, now[int64(1)].Failures)
	require.Equal(t, 0, now[int64(2)].Failures)
	require.Contains(t, now[int64(3)].Error, "panic")
	require.True(t, now[int64(4)].ConsentNeeded)

	// A job that waits is not in the way of RunNow, and that of a paused scope is.
	n, err := s.RunNow(context.Background(), "fakes", synced.NoScope)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	await(t, func() bool { return m.ran(1) == 2 && m.ran(2) == 2 && m.ran(3) == 2 })
	require.Equal(t, 1, m.ran(4))
}

func TestContract_C247_NoSecrets(t *testing.T) {
	t.Parallel()
	b, _ := setup(t, 1)
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error": "what is %s?"}`, r.Header.Get("Authorization"))
	}))
	t.Cleanup(echo.Close)
	d := rentals(echo.URL)
	s := plan(t, b, schedule.Options{}, schedule.Every(harness.Model(t, b, d), never, in(1)))
	work(t, b, s, river.Options{})
	await(t, func() bool {
		return len(b.Column(t, "SELECT 1 FROM synced_river.river_job WHERE errors IS NOT NULL")) > 0
	})
	text := strings.Join(b.Column(t, "SELECT row_to_json(j)::text FROM synced_river.river_job j"), "\n")
	require.Contains(t, text, "what is [redacted]?")
	require.NotContains(t, text, tokenOf(1))
}

func TestContract_C248_Stop(t *testing.T) {
	t.Parallel()
	b, _ := setup(t, 0)
	began := make(chan struct{}, 2)
	m := &fake{run: func(ctx context.Context, scope synced.Scope, call synced.Call) (synced.Result, error) {
		began <- struct{}{}
		<-call.Stop
		if scope == synced.In(1) {
			return synced.Result{Stopped: "the next run goes on"}, nil
		}
		<-ctx.Done()
		return synced.Result{}, ctx.Err()
	}}
	s := plan(t, b, schedule.Options{Grace: time.Second}, schedule.Every(m, never, in(2)))
	stop := work(t, b, s, river.Options{})
	<-began
	<-began
	stop()
	require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*)::text FROM synced_schedules WHERE claimed_by IS NOT NULL"))
	for _, state := range states(t, s, "fakes") {
		require.Zero(t, state.Failures)
		require.Empty(t, state.Error)
	}
	due, err := s.Due(context.Background(), 10)
	require.NoError(t, err)
	require.Len(t, due, 2)
}

// A run that does not end within the time of its job has failed, and others go on.
func TestContract_C248_Timeout(t *testing.T) {
	t.Parallel()
	b, _ := setup(t, 0)
	m := &fake{run: func(ctx context.Context, _ synced.Scope, _ synced.Call) (synced.Result, error) {
		<-ctx.Done()
		return synced.Result{}, ctx.Err()
	}}
	s := plan(t, b, schedule.Options{Slice: 100 * time.Millisecond}, schedule.Every(m, never, in(1)))
	work(t, b, s, river.Options{Timeout: 300 * time.Millisecond})
	await(t, func() bool { return states(t, s, "fakes")[int64(1)].Failures == 1 })
	require.Contains(t, states(t, s, "fakes")[int64(1)].Error, "cut off by the timeout of its job")
}

// What is due goes on at once after another has ended: slices, and children of parents.
func TestContract_C248_Slices(t *testing.T) {
	t.Parallel()
	b, _ := setup(t, 0)
	m := &fake{}
	m.run = func(_ context.Context, _ synced.Scope, call synced.Call) (synced.Result, error) {
		if m.ran(1) < 4 {
			<-call.Stop
			return synced.Result{Stopped: "the next run goes on"}, nil
		}
		return synced.Result{}, nil
	}
	s := plan(t, b, schedule.Options{Slice: 50 * time.Millisecond}, schedule.Every(m, never, in(1)))
	work(t, b, s, river.Options{})
	await(t, func() bool { return !states(t, s, "fakes")[int64(1)].Succeeded.IsZero() })
	require.Equal(t, 4, m.ran(1))
}

func TestContract_C248_Settings(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	ctx := context.Background()
	entry := schedule.Every(&fake{}, never, nil)
	s := plan(t, b, schedule.Options{}, entry)
	require.ErrorContains(t, river.Run(ctx, s, b.Pool, river.Options{}), "call river.Migrate")
	require.ErrorContains(t, river.Run(ctx, s, b.Pool, river.Options{Schema: "x; y"}), "the option Schema is")
	require.ErrorContains(t, river.Migrate(ctx, b.Pool, river.Options{Schema: "Upper"}), "the option Schema is")
	require.ErrorContains(t, river.Run(ctx, s, b.Pool, river.Options{Timeout: time.Minute}), "give more than the schedule's Slice")
	s = plan(t, b, schedule.Options{Slice: -1}, entry)
	require.ErrorContains(t, river.Run(ctx, s, b.Pool, river.Options{}), "Timeout is not given")
	done := make(chan error)
	for range 3 { // processes that start together
		go func() { done <- river.Migrate(ctx, b.Pool, river.Options{}) }()
	}
	for range 3 {
		require.NoError(t, <-done)
	}
}
