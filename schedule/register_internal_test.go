package schedule

import (
	"context"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/store/sqlite"
)

// idle is a model whose runs do nothing.
type idle struct {
	name string
	ran  chan struct{}
}

func (i idle) Name() string    { return i.name }
func (idle) Parents() []string { return nil }

func (i idle) Synchronize(context.Context, synced.Scope, ...synced.Call) (synced.Result, error) {
	close(i.ran)
	return synced.Result{}, nil
}

func (idle) RefusedRemoval(context.Context, synced.Scope) (*synced.RefusedRemoval, error) {
	return nil, nil
}

func (idle) Quarantined(context.Context, synced.Scope) iter.Seq2[synced.QuarantinedRecord, error] {
	return func(func(synced.QuarantinedRecord, error) bool) {}
}

// An iterator that hangs keeps the scopes of other models waiting for a while only.
func TestRegister_Hangs(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(t.Context(), t.TempDir()+"/a.db", sqlite.Options{})
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.Migrate(t.Context()))
	hanging := Every(idle{name: "hanging"}, time.Hour, func(ctx context.Context) iter.Seq2[synced.Scope, error] {
		return func(func(synced.Scope, error) bool) { <-ctx.Done() }
	})
	other := idle{"other", make(chan struct{})}
	s, err := New(t.Context(), db, Options{Refresh: time.Millisecond, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}, hanging, Every(other, time.Hour, nil))
	require.NoError(t, err)
	s.asking = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	<-other.ran
	cancel()
	require.NoError(t, <-done)
}

// Two keys that are one as text are an error, and not one scope of either type.
func TestRegister_KeysOfTwoTypes(t *testing.T) {
	t.Parallel()
	r := &register{Schedule: &Schedule{asking: time.Minute}}
	_, err := r.plans(t.Context(), Entry{Model: idle{}, Scopes: Fixed(synced.In(7), synced.In("7")), Credential: synced.Scope.String})
	require.ErrorContains(t, err, "scopes: there are two of key 7, one of them text and the other an integer")
	plans, err := r.plans(t.Context(), Entry{Model: idle{}, Scopes: Fixed(synced.In(7), synced.In(7)), Credential: synced.Scope.String})
	require.NoError(t, err)
	require.Len(t, plans, 1)
}
