package upload

import (
	"context"
	"math/rand/v2"
	"time"
)

// mostBackoff is the longest that [Client.Run] waits after steps that failed, unless Every is
// longer.
const mostBackoff = 15 * time.Minute

// Run takes steps until ctx is done, and returns why it is. It waits Options.Every between
// them, a quarter more or less, so that clients which began together spread out. Where tables
// differ yet, the next step follows at once. After each step that fails in a row it waits twice
// as long, up to 15 minutes.
//
// Told, which may be nil, is called with what each step did and its error, in the goroutine of
// Run: the next step waits for it. Any number of processes may call Run on one database. Where
// another takes a step of a table, the error is [ErrBusy].
func (c *Client) Run(ctx context.Context, told func(results []Result, err error)) error {
	failures := 0
	for ctx.Err() == nil {
		results, err := c.Step(ctx)
		if ctx.Err() != nil {
			break
		}
		if failures++; err == nil {
			failures = 0
		}
		if told != nil {
			told(results, err)
		}
		if err == nil && !allEqual(results) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause(failures, c.o.Every, rand.Float64())):
		}
	}
	return context.Cause(ctx)
}

func allEqual(results []Result) bool {
	for _, r := range results {
		if !r.Equal {
			return false
		}
	}
	return true
}

// pause returns how long to wait after a number of failures in a row. Random is from 0 to 1.
func pause(failures int, every time.Duration, random float64) time.Duration {
	wait, most := every, max(every, mostBackoff)
	for ; failures > 1 && wait < most; failures-- {
		wait = min(2*wait, most)
	}
	return time.Duration(float64(wait) * (0.75 + random/2))
}
