package wire

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/syncedgo/synced/remote"
)

// maxHold is how long requests are held back at most before the remote is asked
// again, whatever it said.
const maxHold = 24 * time.Hour

// LimiterConfig says how much may be asked. Values below zero count as zero.
type LimiterConfig struct {
	// PerSecond is how many requests may start in a second, on average. Zero is no
	// limit but what the remote tells.
	PerSecond float64
	// Burst is how many may start at once after a pause. Defaults to 1.
	Burst int
	// InFlight is how many may be under way at once. Defaults to 4.
	InFlight int
	// Budget, where set, is a limit that this limiter keeps together with those of other
	// processes, beside its own. Defaults to none.
	Budget Budget
}

// Limiter keeps requests inside a rate limit. There should be one per credential:
// all clients of a process that use the credential share it. It learns from the
// answers (Retry-After with 429, RateLimit, RateLimit-Remaining and -Reset, and the
// same with X-): few requests left are spread over the time to the reset, and at
// none it waits for the reset. Runs take turns, however many pages each asks for.
//
// A Limiter is safe for concurrent use. Its clients have one Clock.
type Limiter struct {
	mu     sync.Mutex
	bucket *rate.Limiter
	free   int // of the requests that may be under way
	queues []*Queue
	turn   bool      // somebody has the turn: it waits for the time to start
	open   int       // requests that have started and are not in quota
	last   time.Time // when a request started
	paused time.Time // nothing starts before
	quota  quota     // what the remote told last
	share  *share    // of the budget, nil where there is none; of whoever has the turn
}

// Queue is where the requests of one run wait. They get their turn in their order,
// and the queues of a limiter one after the other. The zero Queue is empty. It
// belongs to one Limiter, which guards it.
type Queue struct{ waiting []chan struct{} }

// NewLimiter makes a limiter.
func NewLimiter(config LimiterConfig) *Limiter {
	limit := rate.Inf
	if config.PerSecond > 0 {
		limit = rate.Limit(config.PerSecond)
	}
	if config.InFlight <= 0 {
		config.InFlight = 4
	}
	l := &Limiter{bucket: rate.NewLimiter(limit, max(1, config.Burst)), free: config.InFlight}
	if config.Budget != nil {
		l.share = &share{budget: config.Budget}
	}
	return l
}

// acquire waits until a request of the Queue may start. It is a [*remote.WaitError] where
// the wait for the rate would be longer than allowed, and ctx's error where that
// ends. Requests that others have under way are waited for without limit: they
// end.
func (l *Limiter) acquire(ctx context.Context, clock Clock, q *Queue, allowed time.Duration) (*permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	start := clock.Now()
	end := start.Add(allowed)
	turn, err := l.enqueue(q, start, allowed)
	if err != nil {
		return nil, err
	}
	select {
	case <-turn:
	case <-ctx.Done():
		l.leave(q, turn)
		return nil, ctx.Err()
	}
	return l.start(ctx, clock, q, end)
}

// enqueue takes a place in the queue: the channel is closed when it is the turn of
// the request.
func (l *Limiter) enqueue(q *Queue, now time.Time, allowed time.Duration) (chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := max(l.wait(now, allowed), l.rateWait(now, l.ahead(q)+1)); wait > allowed {
		return nil, newWaitError(now, wait, remote.ErrBudgetSpent)
	}
	turn := make(chan struct{})
	if q.waiting = append(q.waiting, turn); len(q.waiting) == 1 {
		l.queues = append(l.queues, q)
	}
	l.next()
	return turn, nil
}

// ahead is how many requests have their turn before a new one of q.
func (l *Limiter) ahead(q *Queue) int {
	n := len(q.waiting)
	for _, other := range l.queues {
		if other != q {
			n += min(len(other.waiting), len(q.waiting)+1)
		}
	}
	if l.turn {
		n++
	}
	return n
}

// next gives the turn to the first request of the first Queue, which goes to the
// end of the line.
func (l *Limiter) next() {
	if l.turn || l.free == 0 || len(l.queues) == 0 {
		return
	}
	q := l.queues[0]
	turn := q.waiting[0]
	q.waiting = q.waiting[1:]
	l.queues = l.queues[1:]
	if len(q.waiting) > 0 {
		l.queues = append(l.queues, q)
	}
	l.turn = true
	close(turn)
}

// leave gives up a place in the queue, or the turn.
func (l *Limiter) leave(q *Queue, turn chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(q.waiting, turn)
	if i < 0 {
		l.pass()
		return
	}
	if q.waiting = slices.Delete(q.waiting, i, i+1); len(q.waiting) == 0 {
		l.queues = slices.DeleteFunc(l.queues, func(other *Queue) bool { return other == q })
	}
}

// pass ends a turn.
func (l *Limiter) pass() {
	l.turn = false
	l.next()
}

// start waits for the time, having the turn, and takes what a request takes.
func (l *Limiter) start(ctx context.Context, clock Clock, q *Queue, end time.Time) (*permit, error) {
	for {
		err := l.draw(ctx, clock, q, end)
		if err != nil {
			return nil, l.failed(err)
		}
		now := clock.Now()
		wait, err := l.take(now, max(0, end.Sub(now)))
		switch {
		case err != nil:
			return nil, err
		case wait == 0:
			return &permit{limiter: l}, nil
		}
		if err := clock.Sleep(ctx, wait); err != nil {
			return nil, l.failed(err)
		}
	}
}

// failed ends a turn that came to nothing.
func (l *Limiter) failed(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pass()
	return err
}

// take starts a request now, or says how long to wait before.
func (l *Limiter) take(now time.Time, allowed time.Duration) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := max(l.wait(now, allowed), l.rateWait(now, 1), l.share.wait(now))
	if wait > allowed {
		l.pass()
		return 0, newWaitError(now, wait, remote.ErrBudgetSpent)
	}
	if wait > 0 {
		return wait, nil
	}
	l.bucket.ReserveN(now, 1)
	l.share.use()
	l.free--
	l.open++
	l.last = now
	l.pass()
	return 0, nil
}

// wait is how long the remote wants nothing to start. Spreading what is left is
// a courtesy: it is not done for longer than allowed.
func (l *Limiter) wait(now time.Time, allowed time.Duration) time.Duration {
	wait := max(0, l.paused.Sub(now))
	spread, empty := l.quota.wait(now, l.last, l.open)
	if empty || spread <= allowed {
		wait = max(wait, spread)
	}
	return wait
}

// rateWait is how long the n-th request from now waits for our own limit. A
// rounding error of the bucket's is no wait.
func (l *Limiter) rateWait(now time.Time, n int) time.Duration {
	limit := l.bucket.Limit()
	missing := float64(n) - l.bucket.TokensAt(now)
	if limit == rate.Inf || missing < 1e-6 {
		return 0
	}
	seconds := missing / float64(limit)
	if seconds > maxHold.Seconds() {
		return maxHold
	}
	return time.Duration(seconds*float64(time.Second)) + 1
}

// pause holds all requests until then.
func (l *Limiter) pause(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.paused) {
		l.paused = until
	}
}
