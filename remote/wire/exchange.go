package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
)

// exchange is one request with its repetitions.
type exchange struct {
	client  *Client
	req     *Request
	answer  *Answer
	permit  *permit   // of the attempt under way
	sent    bool      // by the attempt under way: the remote may have got it
	status  int       // of the last answer
	started time.Time // when the attempt under way was no longer held back
	renewed bool      // the credentials were renewed once
}

// do makes the request, and makes it again where that may help.
func (x *exchange) do(ctx context.Context) error {
	retry, clock := x.client.config.Retry, x.client.config.Clock
	waits := retry.waits()
	end := clock.Now().Add(retry.MaxTime)
	var last error
	for n := 0; ; n++ {
		began, bytes := clock.Now(), x.answer.Bytes
		err := x.attempt(ctx, end)
		if x.req.Stream != nil { // a long body takes no time from what follows it
			end = end.Add(clock.Now().Sub(began))
		}
		if waiting, ok := err.(*remote.WaitError); ok && last != nil {
			waiting.Err = fmt.Errorf("%w: %w", waiting.Err, last)
		}
		wait, again, why := x.again(ctx, n, err, waits, end)
		if x.sent && observe.Watched(ctx) {
			observe.Tell(ctx, observe.RequestMade{Method: x.answer.method, URL: x.client.told.url(x.answer), Attempt: n + 1, Status: x.status, Err: why,
				Took: clock.Now().Sub(x.started), Held: x.started.Sub(began), Wait: wait, Bytes: x.answer.Bytes - bytes})
		}
		if !again {
			return why
		}
		if err := clock.Sleep(ctx, wait); err != nil {
			return x.transport(err)
		}
		last = err
	}
}

// again reports whether the request is made again after attempt no. n from 0, and the wait
// before; or else what the exchange ends with.
func (x *exchange) again(ctx context.Context, n int, err error, waits *waits, end time.Time) (wait time.Duration, again bool, why error) {
	if err == nil || !passing(err) || !x.req.repeatable() && x.sent && !undone(err) {
		return 0, false, err
	}
	retry, now, told := x.client.config.Retry, x.client.config.Clock.Now(), told(err)
	wait = waits.next()
	if told > 0 {
		wait = told
	}
	switch {
	case (n < retry.Max || retry.Max > 0 && told == 0 && limited(err)) && wait <= left(ctx, now, end):
		return wait, true, err
	case told > 0:
		return 0, false, newWaitError(now, wait, err)
	default:
		return 0, false, err
	}
}

// attempt makes the request once, when it is its turn.
func (x *exchange) attempt(ctx context.Context, end time.Time) error {
	config, circuit := &x.client.config, x.client.circuit
	x.sent, x.status = false, 0
	if err := circuit.refuse(config.Clock.Now()); err != nil {
		return x.wait(err)
	}
	permit, err := config.Limiter.acquire(ctx, config.Clock, x.queue(), left(ctx, config.Clock.Now(), end))
	if waiting, ok := err.(*remote.WaitError); ok {
		return x.wait(waiting)
	} else if err != nil {
		return x.transport(err)
	}
	defer permit.release()
	x.permit, x.started = permit, config.Clock.Now()
	err = circuit.do(config.Clock, func() error { return x.fetch(ctx) })
	if waiting, ok := err.(*remote.WaitError); ok {
		return x.wait(waiting)
	}
	if e, ok := errors.AsType[*remote.Error](err); ok && (e.Status == http.StatusTooManyRequests || e.Limited) {
		config.Limiter.limited(ctx, config.Clock.Now(), min(e.RetryAfter, maxHold))
	}
	return err
}

func (x *exchange) queue() *Queue {
	if x.req.Queue == nil {
		return &Queue{}
	}
	return x.req.Queue
}

// left is how long a request may still wait. The context's deadline is real time,
// whatever the clock.
func left(ctx context.Context, now, end time.Time) time.Duration {
	d := end.Sub(now)
	if deadline, ok := ctx.Deadline(); ok {
		d = min(d, time.Until(deadline))
	}
	return max(0, d)
}
