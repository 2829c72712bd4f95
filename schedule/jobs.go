package schedule

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/ledger"
)

// Due is a scope of a model that can be run now.
type Due struct {
	State
	// Level is 0 for the highest Priority of the schedule's entries, 1 for the next, and so
	// on. Of is how many scopes the model has, about.
	Level, Of int
}

// Ran is how a scope was run.
type Ran struct {
	Model, Scope string // Scope is its key as text, "" for none
	// Error is why the run ended otherwise than well, in one line, without credentials.
	// Failed reports whether that counts as a failure, or needs consent; other runs
	// wait, or were canceled.
	Error  string
	Failed bool
	// Again is how long it is until the scope is due again, 0 for at once.
	Again time.Duration
}

// ticks are what [Schedule.Tick] and [Schedule.Due] know from the last time.
type ticks struct {
	mu       sync.Mutex
	register *register
	asked    time.Time // when scopes were asked for
	news     bool      // whether somebody may have to be told
	counts   map[string]int
	counted  time.Time
}

// Tick does what [Schedule.Run] does beside the runs: it asks for scopes and tells of
// alerts, each Options.Refresh, and of alerts also after a run that has some. It is for
// programs in which the jobs of a queue call [Schedule.RunDue], such as those of package
// schedule/river: call it every few seconds in one of their processes, or in all. Errors
// are logged.
func (s *Schedule) Tick(ctx context.Context) {
	t := &s.ticks
	t.mu.Lock()
	refresh := time.Since(t.asked) >= s.options.Refresh
	if t.register == nil {
		t.register = &register{Schedule: s, known: map[string]map[string]ledger.Plan{}}
	}
	if refresh {
		t.asked = time.Now()
		t.register.refresh(ctx)
	}
	tell := refresh || t.news
	t.news = false
	t.mu.Unlock()
	if !tell || s.options.Alert == nil {
		return
	}
	if err := newTeller(s).look(ctx); err != nil && ctx.Err() == nil {
		s.options.Log.WarnContext(ctx, "synced: schedule: tell of what needs people", "error", err)
	}
}

// Due returns what can be run now, at most so many scopes: by priority, and then what has
// been due for the longest time. Of one credential it returns no more than can run at once.
// It only reads: until somebody runs them, it returns the same again.
func (s *Schedule) Due(ctx context.Context, most int) ([]Due, error) {
	list, err := s.due(ctx, most)
	if err != nil {
		return nil, fmt.Errorf("schedule: look for what is due: %w", err)
	}
	return list, nil
}

func (s *Schedule) due(ctx context.Context, most int) (list []Due, err error) {
	counts, err := s.counts(ctx)
	if err != nil {
		return nil, err
	}
	now, err := ledger.Clock(ctx, s.db)
	for n, level := range s.levels {
		var some []ledger.Scheduled
		if err == nil && most > len(list) {
			some, err = ledger.SchedulesDue(ctx, s.db, s.wanted(level), now, most-len(list))
		}
		for _, one := range some {
			list = append(list, Due{State: stateOf(one, now), Level: n, Of: counts[one.Model]})
		}
	}
	return list, err
}

// counts returns how many scopes the models have, about.
func (s *Schedule) counts(ctx context.Context) (map[string]int, error) {
	t := &s.ticks
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.counted) < s.options.Refresh {
		return t.counts, nil
	}
	counts, err := ledger.CountSchedules(ctx, s.db)
	if err == nil {
		t.counts, t.counted = counts, time.Now()
	}
	return counts, err
}

// RunDue runs scopes of a model, one after another, for as long as Options.Slice in all:
// those that are due, and that nobody else runs. Scopes are given as their String. It
// decides and notes everything as [Schedule.Run] does, and both can go on at once in any
// number of processes.
//
// Once stop is closed, or the slice is over, the run that is under way ends at its next
// page, and no other begins. When ctx is canceled, so is the run, which is due again at
// once. When its deadline passes, the run has failed. The error is the database's: a run's
// is in Ran.
func (s *Schedule) RunDue(ctx context.Context, stop <-chan struct{}, model string, scopes ...string) ([]Ran, error) {
	e, ok := s.entries[model]
	if !ok {
		return nil, fmt.Errorf("schedule: the schedule has no model %q: it has %q", model, s.names)
	}
	l := newLoop(ctx, s)
	defer l.cancel()
	l.levels, l.scopes = []level{{e.Priority, []string{model}}}, scopes
	l.tell = func() {
		s.ticks.mu.Lock()
		s.ticks.news = true
		s.ticks.mu.Unlock()
	}
	ended, err := l.job(ctx, stop)
	if err != nil {
		err = fmt.Errorf("schedule: run %s: %w", model, err)
	}
	var ran []Ran
	for _, r := range ended {
		failed := r.end.Failures > r.before.Failures || r.end.Paused != ""
		ran = append(ran, Ran{Model: model, Scope: r.before.Target.Scope, Error: r.text, Failed: failed, Again: max(r.end.Next.Sub(l.clock.now()), 0)})
	}
	return ran, err
}

// job claims and runs one after another, until nothing is left or time is up. It returns
// what was written.
func (l *loop) job(ctx context.Context, stop <-chan struct{}) (done []*running, err error) {
	renew := time.NewTicker(l.options.Lease / 3)
	defer renew.Stop()
	if l.options.Slice > 0 {
		over := time.AfterFunc(l.options.Slice, l.ease)
		defer over.Stop()
	}
	for {
		free := 1
		if l.going.Err() != nil {
			free = 0
		}
		ended := l.ended
		if _, err := l.claim(ctx, free); err != nil {
			return done, err
		}
		done = append(done, ended...)
		for len(l.running) > 0 {
			select {
			case r := <-l.ends:
				l.take(r)
			case <-renew.C:
				l.renew(context.WithoutCancel(ctx))
			case <-stop:
				l.ease()
				stop = nil
			}
		}
		if len(l.ended) == 0 {
			return done, nil
		}
	}
}
