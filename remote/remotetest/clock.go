package remotetest

import (
	"sync"
	"time"
)

// clock is the server's time: a source and what was added to it.
type clock struct {
	source func() time.Time // nil for the virtual clock
	tick   time.Duration

	mu    sync.Mutex
	added time.Duration
}

// now is the time in UTC.
func (c *clock) now() time.Time {
	at := Start
	if c.source != nil {
		at = c.source() // outside the lock: it is the user's
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(c.added).UTC()
}

// request is the time of a request, different for each where the clock ticks.
func (c *clock) request() time.Time {
	if c.source != nil || c.tick < 0 {
		return c.now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := Start.Add(c.added)
	c.added += c.tick
	return at
}

// advance moves the clock by d.
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.added += d
}

// stamp is how records say when they changed: to the second. Less would be told
// differently by the record and by updated_since.
func stamp(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }
