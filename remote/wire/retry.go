package wire

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/syncedgo/synced/remote"
)

// Retry says how often and for how long a request is repeated that met trouble
// which may pass: 408, 425, 429 and 5xx, a 202 to a GET, a connection that could not
// be made or broke, a request that took longer than Config.Timeout, a body cut short.
// See [Request] for those that are not repeated.
//
// Where the remote says when to come back (Retry-After), the wait is that long. Otherwise the
// wait is random, between zero and a bound that starts at First and doubles each
// time up to Longest.
type Retry struct {
	// Max is how many times one request is repeated. Defaults to 4; negative is
	// never. A limit that does not say when to come back is repeated as long as
	// MaxTime allows.
	Max int
	// MaxTime limits one request with its waits: a wait that would end later is not
	// begun. So it also bounds the wait for a rate limit, see remote.WaitError.
	// Defaults to 2 minutes.
	MaxTime time.Duration
	// First and Longest bound the first wait and every one. They default to half a
	// second and 30 seconds.
	First, Longest time.Duration
}

func (r Retry) withDefaults() Retry {
	setDefault(&r.Max, 4)
	setDefault(&r.MaxTime, 2*time.Minute)
	setDefault(&r.First, 500*time.Millisecond)
	setDefault(&r.Longest, 30*time.Second)
	return r
}

func (r Retry) validate() error {
	switch {
	case r.MaxTime < 0:
		return fmt.Errorf("retry: max time %v: want more than 0", r.MaxTime)
	case r.First < 0, r.Longest < 0:
		return fmt.Errorf("retry: first %v, longest %v: want more than 0", r.First, r.Longest)
	}
	return nil
}

// waits draws the waits between attempts: each from zero up to a bound that
// doubles (full jitter).
type waits struct{ bound, longest time.Duration }

func (r Retry) waits() *waits { return &waits{min(r.First, r.Longest), r.Longest} }

func (w *waits) next() time.Duration {
	wait := rand.N(max(1, w.bound))
	w.bound = 2 * min(w.bound, w.longest/2)
	return wait
}

// passing reports whether asking again may help.
func passing(err error) bool {
	if _, ok := err.(*remote.WaitError); ok {
		return false
	}
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return passingStatus(e)
	}
	if _, ok := errors.AsType[*transportError](err); ok {
		return lost(err)
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, remote.ErrUnavailable)
}

// passingStatus reports whether the status is one that may pass.
func passingStatus(e *remote.Error) bool {
	return e.Status == http.StatusAccepted || e.Status == http.StatusRequestTimeout || e.Status >= 500 || refusedUnread(e)
}

// refusedUnread reports whether the remote did nothing with the request.
func refusedUnread(e *remote.Error) bool {
	return e.Status == http.StatusTooEarly || e.Status == http.StatusTooManyRequests || e.Limited
}

// limited reports whether the remote blames too many requests.
func limited(err error) bool {
	e, ok := errors.AsType[*remote.Error](err)
	return ok && (e.Status == http.StatusTooManyRequests || e.Limited)
}

// undone reports whether the remote did nothing with a request that was sent, so
// that it can be made again whatever it says.
func undone(err error) bool {
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return refusedUnread(e)
	}
	return unreached(err)
}

// told is how long the remote asks to wait before the request is repeated.
func told(err error) time.Duration {
	if e, ok := errors.AsType[*remote.Error](err); ok && passingStatus(e) {
		return e.RetryAfter
	}
	return 0
}

// newWaitError bounds the wait, so that an absurd one does not stop a service for
// ever.
func newWaitError(now time.Time, wait time.Duration, err error) *remote.WaitError {
	wait = min(wait, maxHold)
	return &remote.WaitError{Until: now.Add(wait), Wait: wait, Err: err}
}
