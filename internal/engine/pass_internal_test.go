package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
)

func TestRecent(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for age, want := range map[time.Duration]bool{0: true, day: true, day + 1: false, 2 * day: false, -day: true, -day - 1: false} {
		require.Equal(t, want, recent(age), age)
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	since := model.Ask{Since: time.Now()}
	for _, c := range []struct {
		call Call
		ask  model.Ask
		want kind
	}{
		{Call{}, model.Ask{}, complete},
		{Call{}, since, incremental},
		{Call{Given: true}, model.Ask{}, given},
		{Call{DryRun: true}, since, comparison},
		{Call{DryRun: true, Given: true}, model.Ask{}, comparison},
		{Call{}, model.Ask{Compares: true}, comparison},
	} {
		require.Equal(t, c.want, kindOf(&c.call, &c.ask), "%+v %+v", c.call, c.ask)
	}
}

// What another run may take over depends on what was asked for and how objects
// become rows.
func TestShape(t *testing.T) {
	t.Parallel()
	m := &model.Model{Plan: planOf(t)}
	of := func(m *model.Model, c Call) string {
		text, err := shape(m, &c, &model.Ask{})
		require.NoError(t, err)
		return text
	}
	first := of(m, Call{})
	require.Equal(t, first, of(m, Call{Wait: time.Hour, Checkpoint: time.Second, Scope: int64(1)}))
	tombstone := *m
	tombstone.Tombstone = func(remote.Object) bool { return false }
	seen := map[string]bool{first: true}
	for _, other := range []string{
		of(m, Call{Request: remote.Request{Endpoint: "rentals"}}),
		of(m, Call{Request: remote.Request{Fields: []string{"a"}}}),
		of(m, Call{Request: remote.Request{Include: []string{"a"}}}),
		of(m, Call{Request: remote.Request{Query: map[string][]string{"a": {"\xff"}}}}),
		of(m, Call{Removal: model.Removal{Kind: model.Destroy}}),
		of(m, Call{Removal: model.Removal{Kind: model.Cancel, Column: "canceled_at"}}),
		of(&tombstone, Call{}),
	} {
		require.False(t, seen[other])
		seen[other] = true
	}
}
