package storetest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Watched is a context that counts how often it is looked at. What is tried again
// and again looks at it again and again, so that a test can tell that it waits.
type Watched struct {
	context.Context
	looks atomic.Int64
}

// Watch returns a context of the test's that is watched.
func Watch(t testing.TB) *Watched { return &Watched{Context: t.Context()} }

// Done implements [context.Context].
func (w *Watched) Done() <-chan struct{} {
	w.looks.Add(1)
	return w.Context.Done()
}

// Err implements [context.Context].
func (w *Watched) Err() error {
	w.looks.Add(1)
	return w.Context.Err()
}

// TriedAgain waits until the context was looked at much more often than by the
// one try with the other context. What waits must not have sent its end.
func (w *Watched) TriedAgain(t testing.TB, one *Watched, end <-chan error) {
	t.Helper()
	for until := time.Now().Add(long); w.looks.Load() <= 3*one.looks.Load()+10; time.Sleep(time.Millisecond) {
		select {
		case err := <-end:
			require.FailNow(t, "it did not wait", "%v", err)
		default:
		}
		require.Less(t, time.Now(), until, "it does not try again")
	}
}
