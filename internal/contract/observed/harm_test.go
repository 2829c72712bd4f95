package observed_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/store"
)

// An observer can't harm a run: neither by a panic, nor by returning no context.
func TestContract_C221_AnObserverThatPanics(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		seen, log := &recorder{}, &bytes.Buffer{}
		b.Put("1", "2", "3", "4")
		d := harness.Rentals()
		d.Log = slog.New(slog.NewTextHandler(log, nil))
		d.Observer = observe.Join(observe.Func(func(_ context.Context, e observe.Event) context.Context {
			if _, ok := e.(observe.PageReceived); ok {
				panic("no pages, please")
			}
			return nil
		}), seen)
		result := harness.Sync(t, harness.Model(t, b, d), synced.In(1))
		require.Equal(t, 4, result.Created)
		lines := seen.events()
		require.Equal(t, []string{"started Synchronize of rentals, 1", "run trouble: an observer panicked at observe.PageReceived: no pages, please", "run page 1: 3 records"}, lines[:3])
		require.Equal(t, "run ended 4+0~0-", lines[len(lines)-1])
		require.Contains(t, log.String(), `level=ERROR msg="synced: an observer panicked at observe.PageReceived: no pages, please`)
		require.Contains(t, log.String(), "model=rentals scope=1")
	})
}

// A run that ends with a panic of the service's is told as ended.
func TestContract_C221_AServiceThatPanics(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		seen := &recorder{}
		b.Put("1")
		d := harness.Rentals()
		d.Observer = seen
		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { panic("of the service") }
		rentals := harness.Model(t, b, d)
		require.PanicsWithValue(t, "of the service", func() { _, _ = rentals.Synchronize(context.Background(), synced.In(1)) })
		lines := seen.events()
		require.Equal(t, "run failed: a function of the service's panicked", lines[len(lines)-1])
	})
}

// A context's observers watch calls of any model, beside the declared ones. Who is both is
// told once, also of a run within a run.
func TestContract_C222_ObserversOfAContext(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		declared, given := &recorder{}, &recorder{}
		b.Put("1")
		d := harness.Rentals()
		d.Observer = declared
		rentals := harness.Model(t, b, d)
		d.Table, d.Endpoint = "others", "rentals"
		d.Observer = observe.Join(declared, nil, declared)
		others := harness.Model(t, b, d)
		ctx := observe.With(context.Background(), given, declared)
		for _, m := range []*synced.Handle{rentals.Handle, others.Handle} {
			_, err := m.Synchronize(ctx, synced.In(1))
			require.NoError(t, err)
		}
		for _, seen := range []*recorder{given, declared} {
			started := slices.DeleteFunc(seen.events(), func(line string) bool { return !strings.Contains(line, "started") })
			require.Len(t, started, 2, "each run is told once")
		}

		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.NotEmpty(t, declared.events())
		require.Empty(t, given.events())
	})
}
