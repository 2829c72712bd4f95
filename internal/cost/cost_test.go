package cost_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/remote"
)

// getter answers a record, and tells what that cost, if it counts.
type getter struct{ requests int }

func (g getter) Get(ctx context.Context, _ remote.Request, _ string) (remote.Object, error) {
	for range g.requests {
		cost.Count(ctx, 1, 10)
	}
	return remote.Object{}, errors.New("no")
}

func TestGet(t *testing.T) {
	t.Parallel()
	var c cost.Cost
	for _, g := range []getter{{3}, {0}} { // one does not count
		_, err := c.Get(t.Context(), g, remote.Request{}, "1")
		require.EqualError(t, err, "no")
	}
	require.Equal(t, cost.Cost{Requests: 4, Bytes: 30}, c)
	cost.Count(t.Context(), 1, 1) // no one asked: it goes nowhere
}
