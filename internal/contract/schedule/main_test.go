package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/schedule"
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

// tokenOf is the token of a scope at the fake API.
func tokenOf(scope any) string { return fmt.Sprintf("token-of-scope-%v", scope) }

// rentals declares rentals of some accounts, each with its own token.
func rentals(t *testing.T, b *harness.Bundle, accounts ...int) synced.Synced[harness.Rental] {
	t.Helper()
	for _, id := range accounts {
		b.Server.Account(tokenOf(id)).Collection("rentals").Put(map[string]any{"id": id, "name": fmt.Sprint("of ", id)})
	}
	d := harness.Rentals()
	d.Strategy = strategy.UpdatedSince{}
	d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
		return harness.Client(t, b.Server, tokenOf(scope.Value())), nil
	}
	d.Log = slog.New(slog.DiscardHandler)
	return d
}

// in are scopes.
func in(ids ...int) schedule.Scopes { return schedule.Fixed(scopes(ids...)...) }

func scopes(ids ...int) []synced.Scope {
	list := make([]synced.Scope, len(ids))
	for i, id := range ids {
		list[i] = synced.In(id)
	}
	return list
}

// changing are scopes that a test changes.
type changing struct {
	mu   sync.Mutex
	list []synced.Scope
	err  error
}

func (c *changing) set(err error, ids ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list, c.err = scopes(ids...), err
}

func (c *changing) all(context.Context) iter.Seq2[synced.Scope, error] {
	return func(yield func(synced.Scope, error) bool) {
		c.mu.Lock()
		list, err := slices.Clone(c.list), c.err
		c.mu.Unlock()
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
		if err != nil {
			yield(synced.Scope{}, err)
		}
	}
}

// options are those of a schedule that looks often.
func options(t *testing.T) schedule.Options {
	return schedule.Options{Poll: 10 * time.Millisecond, Refresh: 10 * time.Millisecond, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

// plan makes a schedule.
func plan(t *testing.T, b *harness.Bundle, o schedule.Options, entries ...schedule.Entry) *schedule.Schedule {
	t.Helper()
	s, err := schedule.New(context.Background(), b.DB, o, entries...)
	require.NoError(t, err)
	return s
}

// run runs a schedule until the test ends, or the function that it returns is called.
func run(t *testing.T, s *schedule.Schedule) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
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

// await waits until something is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	require.Eventually(t, so, 6*harness.WaitLong, harness.WaitTick)
}

// requests counts the requests of a scope.
func requests(b *harness.Bundle, scope any) (n int) {
	for _, r := range b.Server.Log() {
		if r.Token == tokenOf(scope) {
			n++
		}
	}
	return n
}

var errOurs = errors.New("the service's own")
