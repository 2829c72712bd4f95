package wire

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/syncedgo/synced/remote"
)

// Breaker stops asking a host (scheme, name and port) that fails again and again:
// 5xx without Retry-After, connections that break or can't be made, requests that
// take too long. Then requests end at once with a [*remote.WaitError] that matches
// [remote.ErrCircuitOpen], until Wait has passed and one request has gone well. All
// clients of the process that have the same settings share what they know about a
// host. Wait is real time, whatever Config.Clock.
type Breaker struct {
	// Failures is how many failures in a row open the circuit; each repeated request
	// counts. Defaults to 10; negative turns it off.
	Failures int
	// Wait is how long the host is not asked. Defaults to 30 seconds.
	Wait time.Duration
}

func (b Breaker) withDefaults() Breaker {
	setDefault(&b.Failures, 10)
	setDefault(&b.Wait, 30*time.Second)
	return b
}

// circuit is what the process knows about a host. Nil lets everything through.
type circuit struct {
	breaker  *gobreaker.CircuitBreaker[struct{}]
	failures int
	until    atomic.Pointer[time.Time] // when it opened last, plus Wait
}

func newCircuit(b Breaker) *circuit {
	c := &circuit{failures: b.Failures}
	c.until.Store(&time.Time{})
	c.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      b.Wait,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return int64(n.ConsecutiveFailures) >= int64(b.Failures) },
		IsSuccessful: func(err error) bool { return !hostFailed(err) },
		IsExcluded:   func(err error) bool { return !hostFailed(err) && !hostAnswered(err) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				until := time.Now().Add(b.Wait)
				c.until.Store(&until)
			}
		},
	})
	return c
}

// refuse returns the error of a request to a host that is not asked now, or nil.
func (c *circuit) refuse(now time.Time) *remote.WaitError {
	if c == nil || c.breaker.State() != gobreaker.StateOpen {
		return nil
	}
	return c.error(now)
}

// do makes a request and learns from it.
func (c *circuit) do(clock Clock, fetch func() error) error {
	if c == nil {
		return fetch()
	}
	_, err := c.breaker.Execute(func() (struct{}, error) { return struct{}{}, fetch() })
	if err == gobreaker.ErrOpenState || err == gobreaker.ErrTooManyRequests {
		return c.error(clock.Now())
	}
	return err
}

// error says when to come back: in a second where another request is trying the
// host just now.
func (c *circuit) error(now time.Time) *remote.WaitError {
	wait := max(time.Until(*c.until.Load()), time.Second)
	return newWaitError(now, wait, fmt.Errorf("%w after %d failures in a row", remote.ErrCircuitOpen, c.failures))
}

// hostFailed reports whether an outcome speaks against the host.
func hostFailed(err error) bool {
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return e.Status >= http.StatusInternalServerError && e.RetryAfter == 0
	}
	return err != nil && lost(err)
}

// hostAnswered reports whether the host is well: it sent what it means to send.
func hostAnswered(err error) bool {
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return e.Status < http.StatusInternalServerError
	}
	if _, ok := errors.AsType[*transportError](err); ok {
		return false
	}
	return err == nil || !passing(err)
}
