package schedule

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
)

// TestEnded looks at when a target is due again, by how its run ended.
func TestEnded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	entry := Entry{Model: (*synced.Handle)(nil), Every: time.Hour}
	soon := &remote.WaitError{Until: time.Now().Add(10 * time.Minute), Err: errors.New("slow down")}
	open := &remote.WaitError{Until: time.Now().Add(10 * time.Minute), Err: remote.ErrCircuitOpen}
	for name, c := range map[string]struct {
		err      error
		stopped  bool
		min, max time.Duration
		failures int
		text     string
		paused   bool
	}{
		"well":                {min: 1, max: time.Hour},
		"failed":              {err: errors.New("bad"), min: 4 * time.Minute * 3 / 4, max: 4 * time.Minute * 5 / 4, failures: 3, text: "bad"},
		"told to wait":        {err: fmt.Errorf("page 1: %w", soon), min: 9 * time.Minute, max: 10 * time.Minute, failures: 2, text: "told"},
		"not asked":           {err: open, min: 9 * time.Minute, max: 10 * time.Minute, failures: 3, text: "open"},
		"a wait that is over": {err: &remote.WaitError{Err: errors.New("slow down")}, min: time.Second, max: time.Second, failures: 2, text: "over"},
		"running elsewhere":   {err: synced.ErrRunning, min: 30 * time.Second, max: 30 * time.Second, failures: 2, text: "before"},
		"stopped":             {err: context.Canceled, stopped: true, failures: 2, text: "before"},
		"consent":             {err: fmt.Errorf("token: %w", remote.ErrConsentNeeded), failures: 2, text: "consent", paused: true},
	} {
		r := &running{entry: entry, before: ledger.Scheduled{Failures: 2, Error: "before"}, began: now.Add(-time.Minute), err: c.err, stopped: c.stopped, text: c.text}
		e := r.ended(now, time.Hour)
		require.WithinRange(t, e.Next, now.Add(c.min), now.Add(c.max), name)
		require.Equal(t, c.failures, e.Failures, name)
		require.Equal(t, c.text, e.Error, name)
		require.Equal(t, c.paused, e.Paused != "", name)
		require.Equal(t, c.err == nil, e.Succeeded.Equal(r.began), name)
		require.Zero(t, e.Complete, name)
	}
}
