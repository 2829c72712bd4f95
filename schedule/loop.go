package schedule

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
)

// loop claims what is due, has it run, and writes how that went. All of that but the runs
// is done by one goroutine.
type loop struct {
	*Schedule
	by    string
	clock clock
	// running are the targets that run here, and ends gets each at its end. Those in ended
	// are not yet written.
	running map[ledger.Target]bool
	ends    chan *running
	ended   []*running
	// runs is what runs run in, and cancel ends it. Going is done when they are to end at
	// their next page, which ease tells them.
	runs, going  context.Context
	cancel, ease context.CancelFunc
	// tell is called when somebody may have to be told.
	tell func()
	// levels are what this loop runs, of scopes only if they are not nil.
	levels []level
	scopes []string
	// failures is how many turns in a row have failed.
	failures int
}

// newLoop makes a loop. Its runs end when ctx is canceled.
func newLoop(ctx context.Context, s *Schedule) *loop {
	host, _ := os.Hostname()
	l := &loop{Schedule: s, by: fmt.Sprintf("process %d of %s, %s", os.Getpid(), host, uuid.NewString()[:8]),
		running: map[ledger.Target]bool{}, ends: make(chan *running, s.options.Workers), tell: func() {}, levels: s.levels}
	l.runs, l.cancel = context.WithCancel(ctx)
	l.going, l.ease = context.WithCancel(l.runs)
	return l
}

// run loops until ctx ends, and then until all runs have ended.
func (l *loop) run(ctx context.Context) error {
	renew := time.NewTicker(l.options.Lease / 3)
	defer renew.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			continue
		case <-renew.C:
			l.renew(ctx)
			continue
		case r := <-l.ends:
			l.take(r)
		case <-l.changed:
		case <-timer.C:
		}
		timer.Reset(l.turn(ctx))
	}
	return l.stop(context.WithoutCancel(ctx), renew.C)
}

// take takes a run that has ended, and others that have, too.
func (l *loop) take(r *running) {
	for {
		l.ended = append(l.ended, r)
		delete(l.running, r.before.Target)
		select {
		case r = <-l.ends:
		default:
			return
		}
	}
}

// The bounds of the wait between two turns.
const (
	shortestTurn = 5 * time.Millisecond
	longestRest  = 30 * time.Second
)

// turn writes what ended and runs what is due. It returns when to take the next one, if
// nothing happens before.
func (l *loop) turn(ctx context.Context) time.Duration {
	wait, err := l.look(ctx)
	if err == nil && wait <= 0 {
		wait, err = l.claim(ctx, l.options.Workers-len(l.running))
	}
	if err != nil {
		l.failed(ctx, "claim what is due", err)
		l.failures++
		return min(time.Second<<min(l.failures, 10), longestRest)
	}
	l.failures = 0
	return min(max(wait, shortestTurn), l.options.Poll)
}

// look returns how long there is nothing to do. It only reads, as do most turns of a
// schedule with nothing to do. A connection that hangs must not stop the loop.
func (l *loop) look(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, lastWait)
	defer cancel()
	if len(l.ended) > 0 {
		return 0, nil
	}
	wait := l.options.Poll
	if len(l.running) >= l.options.Workers {
		return wait, nil
	}
	if err := l.clock.check(ctx, l.db); err != nil {
		return 0, err
	}
	now := l.clock.now()
	for _, level := range l.levels {
		list, err := ledger.ScheduleCandidates(ctx, l.db, l.wanted(level), now, 1)
		if err != nil {
			return 0, err
		}
		for _, c := range list {
			wait = min(wait, c.Next.Sub(now))
		}
	}
	return wait, nil
}

func (l *loop) wanted(level level) ledger.Wanted {
	w := l.Schedule.wanted(level)
	w.Scopes = l.scopes
	return w
}

// claim writes what ended, and claims and runs what is due, as many as are free. It
// returns when more is due. It comes to its end also when ctx does: of a commit that was
// interrupted, nobody could tell what is claimed.
func (l *loop) claim(ctx context.Context, free int) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
	defer cancel()
	var p picking
	err = backend.InTx(ctx, l.db, func(ctx context.Context, tx backend.Tx) error {
		now, err := ledger.ScheduleTurn(ctx, tx)
		if err != nil {
			return err
		}
		l.clock.set(now)
		for _, r := range l.ended {
			r.end = r.ended(now, l.options.MaxBackoff)
			if err := ledger.EndSchedule(ctx, tx, l.by, now, r.end); err != nil {
				return err
			}
		}
		p = picking{loop: l, now: now, free: free, next: now.Add(l.options.Poll)}
		return p.all(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(l.ended, func(r *running) bool { return r.news(l.options.Failing) }) {
		l.tell()
	}
	l.ended = nil
	for _, c := range p.picked {
		l.start(c, p.now)
	}
	return p.next.Sub(l.clock.now()), nil
}

// start runs what was claimed.
func (l *loop) start(before ledger.Scheduled, now time.Time) {
	l.running[before.Target] = true
	r := &running{entry: l.entries[before.Model], before: before, began: now}
	r.complete = !before.Complete.IsZero() && !before.Complete.After(now)
	go func() {
		slice, done := l.going, context.CancelFunc(func() {})
		if l.options.Slice > 0 {
			slice, done = context.WithTimeout(l.going, l.options.Slice)
		}
		defer done()
		r.run(l.runs, slice.Done())
		l.ends <- r
	}()
}

// renew extends the claims of what runs here.
func (l *loop) renew(ctx context.Context) {
	held := slices.Collect(maps.Keys(l.running))
	for _, r := range l.ended {
		held = append(held, r.before.Target)
	}
	if len(held) == 0 {
		return
	}
	within, cancel := context.WithTimeout(ctx, l.endWait())
	defer cancel()
	err := backend.InTx(within, l.db, func(ctx context.Context, tx backend.Tx) error {
		now, err := ledger.Clock(ctx, tx)
		if err == nil {
			err = ledger.ExtendSchedules(ctx, tx, l.by, now.Add(l.options.Lease), held)
		}
		return err
	})
	if err != nil {
		l.failed(ctx, "extend the claims of what runs", err)
	}
}

// failed logs an error that the next turn may not have.
func (l *loop) failed(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		l.options.Log.WarnContext(ctx, "synced: schedule: "+what, "error", err)
	}
}
