package model

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/strategy"
)

func TestAsks(t *testing.T) {
	t.Parallel()
	now := time.Now()
	hour := now.Add(-time.Hour)
	day := now.Add(-24 * time.Hour)
	for name, c := range map[string]struct {
		strategy strategy.Strategy
		stored   time.Time
		since    time.Time
		complete bool // in spite of a stored time
	}{
		"full":                    {strategy: strategy.Full{}, stored: hour},
		"a first run":             {strategy: strategy.UpdatedSince{Tolerance: time.Minute}},
		"less a few seconds":      {strategy: strategy.UpdatedSince{}, stored: hour, since: hour.Add(-5 * time.Second)},
		"a pointer":               {strategy: &strategy.UpdatedSince{Tolerance: -1}, stored: hour, since: hour},
		"the stored time":         {strategy: strategy.UpdatedSince{Tolerance: -1}, stored: hour, since: hour},
		"less the tolerance":      {strategy: strategy.UpdatedSince{Tolerance: time.Minute}, stored: hour, since: hour.Add(-time.Minute)},
		"initial":                 {strategy: strategy.UpdatedSince{Initial: day, Tolerance: time.Minute}, since: day.Add(-time.Minute)},
		"initial, by default":     {strategy: strategy.UpdatedSince{Initial: day}, since: day.Add(-5 * time.Second)},
		"later than initial":      {strategy: strategy.UpdatedSince{Initial: day, Tolerance: time.Minute}, stored: hour, since: hour.Add(-time.Minute)},
		"earlier than initial":    {strategy: strategy.UpdatedSince{Tolerance: -1, Initial: hour}, stored: day, since: hour},
		"initial by scope":        {strategy: strategy.UpdatedSince{Tolerance: -1, InitialFor: func(any) time.Time { return day }}, since: day},
		"within the retention":    {strategy: strategy.UpdatedSince{Retention: 2 * time.Hour}, stored: hour, since: hour.Add(-5 * time.Second)},
		"beyond the retention":    {strategy: strategy.UpdatedSince{Retention: 2 * time.Hour}, stored: day, complete: true},
		"beyond by the tolerance": {strategy: strategy.UpdatedSince{Retention: 61 * time.Minute, Tolerance: 2 * time.Minute}, stored: hour, complete: true},
		"initial, long ago":       {strategy: strategy.UpdatedSince{Tolerance: -1, Retention: 2 * time.Hour, Initial: day}, since: day},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask := Asks(c.strategy, c.stored, nil)
			require.True(t, c.since.Equal(ask.Since), ask.Since)
			require.Equal(t, c.complete, ask.Complete != "")
			require.False(t, ask.Compares)
		})
	}
	require.True(t, Asks(strategy.Check{}, hour, nil).Compares)
	require.True(t, Asks(&strategy.Check{}, hour, nil).Compares)
	ask := Asks(strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}, hour, nil)
	require.Equal(t, []strategy.TimeSource{strategy.RemoteClock{}, strategy.ResponseDate{}}, ask.Sources)
}
