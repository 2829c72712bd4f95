package remotetest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock is the server's clock. A client that waits by it does not really wait: its
// waits move the clock. It is safe for concurrent use.
type Clock struct {
	source func() time.Time // nil for the virtual clock
	tick   time.Duration

	mu    sync.Mutex
	added time.Duration
	slept []time.Duration
}

// Now returns the time in UTC.
func (c *Clock) Now() time.Time {
	at := Start
	if c.source != nil {
		at = c.source() // outside the lock: it is the user's
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(c.added).UTC()
}

// Sleep moves the clock by d and returns immediately. If the context has ended, it
// returns the context's error and leaves the clock alone.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.added += max(0, d)
	return nil
}

// Slept lists the arguments of all calls of Sleep, in order.
func (c *Clock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.slept)
}

// request is the time of a request, different for each where the clock ticks.
func (c *Clock) request() time.Time {
	if c.source != nil || c.tick < 0 {
		return c.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := Start.Add(c.added)
	c.added += c.tick
	return at
}

// advance moves the clock by d.
func (c *Clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.added += d
}

// stamp is how records say when they changed: to the second. Less would be told
// differently by the record and by updated_since.
func stamp(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }
