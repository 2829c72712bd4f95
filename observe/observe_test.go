package observe_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/observe"
)

type key struct{}

// adding returns an observer that adds a letter to what the context has.
func adding(letter string) observe.Observer {
	return observe.Func(func(ctx context.Context, _ observe.Event) context.Context {
		before, _ := ctx.Value(key{}).(string)
		return context.WithValue(ctx, key{}, before+letter)
	})
}

func told(o observe.Observer) any {
	return observe.Tell(observe.With(context.Background(), o), observe.WriteStarted{}).Value(key{})
}

func TestJoin(t *testing.T) {
	t.Parallel()
	a, b, c := adding("a"), adding("b"), adding("c")
	require.Equal(t, "abc", told(observe.Join(a, nil, observe.Join(b, a), c)), "in their order, each once")
	require.Equal(t, a, observe.Join(nil, a))
	require.Nil(t, observe.Join())
	require.Nil(t, observe.Join(nil, (*pointer)(nil)))
}

type pointer struct{}

func (*pointer) Observe(ctx context.Context, _ observe.Event) context.Context { return ctx }

// pair can't be compared.
type pair []string

func (p pair) Observe(context.Context, observe.Event) context.Context { panic(p[0]) }

func TestWith(t *testing.T) {
	t.Parallel()
	a := adding("a")
	ctx := observe.With(context.Background(), a)
	require.Equal(t, ctx, observe.With(ctx, a, nil))
	require.False(t, observe.Watched(observe.With(context.Background(), nil)))
	require.Equal(t, "ab", observe.Tell(observe.With(ctx, adding("b")), observe.WriteStarted{}).Value(key{}))
	require.Nil(t, observe.Tell(context.Background(), observe.WriteStarted{}).Value(key{}))
	require.True(t, observe.Watched(observe.With(ctx, pair{"x"}, pair{"y"})))
}

func TestTell_KnowsTheRun(t *testing.T) {
	t.Parallel()
	_, ok := observe.RunOf(observe.With(context.Background(), adding("a")))
	require.False(t, ok)
	run := observe.Run{Model: "rentals", Scope: []int{1}, Call: "SyncOne"}
	ctx := observe.Tell(observe.With(context.Background(), adding("a")), observe.RunStarted{Run: run})
	got, ok := observe.RunOf(observe.With(ctx, adding("b")))
	require.True(t, ok)
	require.Equal(t, run, got)
}

// The others are told of a panic, and the event.
func TestTell_Panics(t *testing.T) {
	t.Parallel()
	var troubles []error
	seen := observe.Func(func(ctx context.Context, e observe.Event) context.Context {
		if e, ok := e.(observe.Trouble); ok {
			troubles = append(troubles, e.Err)
		}
		return ctx
	})
	require.Equal(t, "ab", told(observe.Join(adding("a"), pair{"first"}, seen, pair{"second"}, adding("b"))))
	require.Len(t, troubles, 2, "and a panic about a panic is none of its own")
	require.True(t, errors.Is(troubles[0], observe.ErrPanicked))
	require.ErrorContains(t, troubles[0], "an observer panicked at observe.WriteStarted: first")
}
