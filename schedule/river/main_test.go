package river_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/schedule/river"
	"github.com/syncedgo/synced/strategy"
)

// TestMain is also the main function of the processes that are killed.
func TestMain(m *testing.M) {
	if text := os.Getenv(taskVariable); text != "" {
		os.Exit(program(text))
	}
	os.Exit(testdb.Main(m))
}

// never is an interval that does not pass while a test runs.
const never = 1000 * time.Hour

func tokenOf(scope any) string { return fmt.Sprintf("token-of-scope-%v", scope) }

// rentals declares rentals of accounts, each with its own token.
func rentals(url string) synced.Synced[harness.Rental] {
	d := harness.Rentals()
	d.Strategy = strategy.UpdatedSince{}
	d.Log = slog.New(slog.DiscardHandler)
	d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
		return rest.NewClient(rest.Config{BaseURL: url, Auth: wire.Bearer(tokenOf(scope.Value())), Retry: wire.Retry{Max: -1}})
	}
	return d
}

// setup makes a database with River's tables, and an API with one rental an account.
func setup(t *testing.T, accounts int) (*harness.Bundle, *synced.Model[harness.Rental]) {
	t.Helper()
	b := harness.Setup(t, "postgres")
	require.NoError(t, river.Migrate(context.Background(), b.Pool, river.Options{}))
	for id := range accounts {
		b.Server.Account(tokenOf(id + 1)).Collection("rentals").Put(map[string]any{"id": id + 1, "name": fmt.Sprint("of ", id+1)})
	}
	return b, harness.Model(t, b, rentals(b.Server.URL()))
}

// in are scopes from 1 on.
func in(n int) schedule.Scopes {
	list := make([]synced.Scope, n)
	for i := range list {
		list[i] = synced.In(i + 1)
	}
	return schedule.Fixed(list...)
}

// plan makes a schedule that looks often.
func plan(t *testing.T, b *harness.Bundle, o schedule.Options, entries ...schedule.Entry) *schedule.Schedule {
	t.Helper()
	o.Poll, o.Refresh, o.Log = 200*time.Millisecond, 200*time.Millisecond, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	s, err := schedule.New(context.Background(), b.DB, o, entries...)
	require.NoError(t, err)
	return s
}

// work runs a schedule's jobs until the test ends, or what it returns is called.
func work(t *testing.T, b *harness.Bundle, s *schedule.Schedule, o river.Options) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- river.Run(ctx, s, b.Pool, o) }()
	stopped := false
	stop = func() {
		if cancel(); !stopped {
			stopped = true
			require.NoError(t, <-done)
		}
	}
	t.Cleanup(stop)
	return stop
}

// states reads what is scheduled, by scope.
func states(t *testing.T, s *schedule.Schedule, model string) map[any]schedule.State {
	t.Helper()
	found := map[any]schedule.State{}
	for state, err := range s.List(context.Background(), model, synced.NoScope) {
		require.NoError(t, err)
		found[state.Scope.Value()] = state
	}
	return found
}

func await(t *testing.T, so func() bool) {
	t.Helper()
	require.Eventually(t, so, 9*harness.WaitLong, 10*harness.WaitTick)
}

// requests counts the requests of each scope.
func requests(b *harness.Bundle) map[string]int {
	n := map[string]int{}
	for _, r := range b.Server.Log() {
		n[r.Token]++
	}
	return n
}
