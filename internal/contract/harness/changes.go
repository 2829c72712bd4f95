package harness

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/store"
)

// Noting returns a handler that notes each change in events.
func Noting[T any](events *[]string, what string) func(context.Context, store.Tx, []synced.Change[T]) error {
	return func(_ context.Context, _ store.Tx, changes []synced.Change[T]) error {
		for _, c := range changes {
			*events = append(*events, fmt.Sprint(c.Kind, " ", what, " ", c.ID))
		}
		return nil
	}
}

// Deliver reads up to most changes of the outbox, or all if most is below 0. Only
// if it reads all does it acknowledge the last one.
func Deliver(t testing.TB, b *Bundle, consumer string, most int, models ...string) []outbox.Change {
	t.Helper()
	var list []outbox.Change
	for c, err := range outbox.Changes(context.Background(), b.DB, consumer, models...) {
		require.NoError(t, err)
		list = append(list, c)
		if len(list) == most {
			break
		}
	}
	return list
}

// Told lists changes of the outbox as [Noting] notes them.
func Told(list []outbox.Change) []string {
	said := []string{}
	for _, c := range list {
		said = append(said, fmt.Sprint(c.Kind, " ", c.Model, " ", c.RemoteID))
	}
	return said
}
