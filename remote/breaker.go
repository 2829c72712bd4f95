package remote

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// What the zero values of [Breaker] stand for.
const (
	DefaultBreakerFailures = 10
	DefaultBreakerWait     = 30 * time.Second
)

// Breaker stops asking a host (scheme, name and port) that fails again and again:
// 5xx without Retry-After, connections that break or can't be made, requests that
// take too long. Then requests end at once with a [*WaitError] that matches
// [ErrCircuitOpen], until Wait has passed and one request has gone well. All
// clients of the process that have the same settings share what they know about a
// host. Wait is real time, whatever Config.Clock.
type Breaker struct {
	// Failures is how many in a row open the circuit, repeated requests counted
	// each. Defaults to [DefaultBreakerFailures]; negative turns it off.
	Failures int
	// Wait is how long the host is left alone. Defaults to [DefaultBreakerWait].
	Wait time.Duration
}

func (b Breaker) withDefaults() Breaker {
	setDefault(&b.Failures, DefaultBreakerFailures)
	setDefault(&b.Wait, DefaultBreakerWait)
	return b
}

// circuitKey tells circuits apart.
type circuitKey struct {
	origin  string
	breaker Breaker
}

var (
	circuitsMu sync.Mutex
	circuits   = map[circuitKey]*circuit{}
)

// circuit is what the process knows about a host. Nil lets everything through.
type circuit struct {
	breaker  *gobreaker.CircuitBreaker[*Response]
	failures int
	until    atomic.Pointer[time.Time] // when it opened last, plus Wait
}

// circuit finds the circuit of a host.
func (b Breaker) circuit(u *url.URL) *circuit {
	if b.Failures < 0 {
		return nil
	}
	key := circuitKey{u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port(u), b}
	circuitsMu.Lock()
	defer circuitsMu.Unlock()
	c := circuits[key]
	if c == nil {
		c = &circuit{failures: b.Failures}
		c.until.Store(&time.Time{})
		c.breaker = gobreaker.NewCircuitBreaker[*Response](gobreaker.Settings{
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
		circuits[key] = c
	}
	return c
}

// refuse is the error of a request to a host that is left alone, or nil.
func (c *circuit) refuse(now time.Time) *WaitError {
	if c == nil || c.breaker.State() != gobreaker.StateOpen {
		return nil
	}
	return c.error(now)
}

// do makes a request and learns from it.
func (c *circuit) do(clock Clock, fetch func() (*Response, error)) (*Response, error) {
	if c == nil {
		return fetch()
	}
	resp, err := c.breaker.Execute(fetch)
	if err == gobreaker.ErrOpenState || err == gobreaker.ErrTooManyRequests {
		return nil, c.error(clock.Now())
	}
	return resp, err
}

// error says when to come back: in a second where another request is trying the
// host just now.
func (c *circuit) error(now time.Time) *WaitError {
	wait := max(time.Until(*c.until.Load()), time.Second)
	return newWaitError(now, wait, fmt.Errorf("%w after %d failures in a row", ErrCircuitOpen, c.failures))
}

// hostFailed says whether an outcome speaks against the host.
func hostFailed(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status >= http.StatusInternalServerError && e.RetryAfter == 0
	}
	return err != nil && lost(err)
}

// hostAnswered says whether the host is well: it sent what it means to send.
func hostAnswered(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status < http.StatusInternalServerError
	}
	_, ok := errors.AsType[*FormatError](err)
	return err == nil || ok && !passing(err)
}
