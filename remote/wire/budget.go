package wire

import (
	"context"
	"math"
	"time"

	"github.com/syncedgo/synced/remote"
)

// Budget is how many requests of one credential may start, in all processes together.
// Package [github.com/syncedgo/synced/remote/budget] keeps one in the database. It is safe
// for concurrent use.
type Budget interface {
	// Lease reserves the next n requests for the caller, after those that anybody has
	// reserved before, or as many of them as can start within allowed. It only looks where n
	// is 0.
	Lease(ctx context.Context, n int, allowed time.Duration) (Portion, error)
	// Return gives back the last n requests of a portion, where nobody has reserved others
	// after them.
	Return(ctx context.Context, p Portion, n int) error
	// Hold lets nothing start for a while, in any process: the remote said so.
	Hold(ctx context.Context, wait time.Duration) error
}

// Portion is a part of a budget: requests that may start at certain times. A request that
// has not started two seconds after its time is not started for this portion.
type Portion struct {
	// N is how many requests were reserved.
	N int
	// Wait is how long until the first may start, and Step how long from each to the next.
	// Where it is below zero, some may start at once.
	Wait, Step time.Duration
	// Held is how long nothing may start, also what was reserved before.
	Held time.Duration
	// End is where the portion ends, as the budget that made it counts.
	End int64
}

const (
	// span is how long what one run reserves at once lasts, at most, and how late it may
	// be used. What a process that dies has reserved is lost to the others.
	span = 2 * time.Second
	// fresh is how long a portion is used without looking whether others were told to wait.
	fresh = time.Second
)

// share is what a process has of a budget. It belongs to whoever has the turn. A nil one is
// of a limiter without a budget.
type share struct {
	budget Budget
	// next is when the first of the left requests may start, and step how long from each
	// to the next. The others of the portion are used.
	next       time.Time
	step       time.Duration
	left, used int
	portion    Portion
	// leased is when the portion was reserved, and seen when the budget was last asked.
	leased, seen time.Time
}

// wait is how long until the next request may start.
func (s *share) wait(now time.Time) time.Duration {
	if s == nil {
		return 0
	}
	return max(0, s.next.Sub(now))
}

// use takes a request of the portion.
func (s *share) use() {
	if s == nil {
		return
	}
	s.left--
	s.used++
	s.next = s.next.Add(s.step)
}

// expire drops requests that were not used in their time, and those of a time at which
// nothing may start.
func (s *share) expire(now, paused time.Time) {
	late := now.After(s.leased.Add(span))
	held := paused.After(s.leased)
	for s.left > 0 && (late && now.After(s.next.Add(span)) || held && s.next.Before(paused)) {
		s.left--
		s.next = s.next.Add(s.step)
	}
}

// size is how many requests to reserve for the runs that wait: one for each, and more
// where the last portion was used. So all runs of all processes take turns, and few
// requests ask the database where many are allowed.
func (s *share) size(runs int) int {
	most := runs
	if s.step > 0 {
		most = max(runs, runs*int(span/s.step))
	}
	return min(max(runs, 2*s.used), most)
}

// draw makes sure that the share has a request to start, sooner or later. The caller has
// the turn.
func (l *Limiter) draw(ctx context.Context, clock Clock, q *Queue, end time.Time) error {
	s := l.share
	if s == nil {
		return nil
	}
	now := clock.Now()
	runs, paused := l.waiting(q)
	s.expire(now, paused)
	n := 0
	if s.left == 0 {
		n = s.size(runs)
	} else if now.Sub(s.seen) < fresh {
		return nil
	}
	p, err := s.budget.Lease(ctx, n, max(0, end.Sub(now)))
	if err != nil {
		return err
	}
	now = clock.Now()
	s.seen = now
	if n > 0 {
		s.next, s.step, s.left, s.used, s.portion, s.leased = now.Add(p.Wait), p.Step, p.N, 0, p, now
	}
	l.pause(now.Add(min(p.Held, maxHold)))
	if n > 0 && p.N == 0 {
		return newWaitError(now, max(p.Wait, p.Held), remote.ErrBudgetSpent)
	}
	return nil
}

// Close gives back what the limiter has leased of a budget and not used, so that other
// processes need not wait for it: call it when a process ends. It waits for its turn among
// the requests. A limiter without a Budget has nothing to give back. Requests that come later
// lease again.
func (l *Limiter) Close(ctx context.Context) error {
	if l.share == nil {
		return nil
	}
	q := &Queue{}
	turn, err := l.enqueue(q, time.Now(), math.MaxInt64)
	if err != nil {
		return err
	}
	select {
	case <-turn:
	case <-ctx.Done():
		l.leave(q, turn)
		return ctx.Err()
	}
	s := l.share
	if s.left > 0 {
		err = s.budget.Return(ctx, s.portion, s.left)
		s.left = 0
	}
	return l.failed(err)
}

// waiting returns how many runs have requests that wait, that of q among them, and until
// when nothing may start.
func (l *Limiter) waiting(q *Queue) (runs int, paused time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	runs = len(l.queues)
	if len(q.waiting) == 0 {
		runs++ // only the request that has the turn
	}
	return runs, l.paused
}

// patience is how long it may take to tell others that the remote wants a pause.
const patience = 5 * time.Second

// limited holds all requests that use the credential, as the remote said.
func (l *Limiter) limited(ctx context.Context, now time.Time, wait time.Duration) {
	l.pause(now.Add(wait))
	if l.share == nil || wait <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_ = l.share.budget.Hold(ctx, wait) // the answer is the error; others will be told by the remote
}
