package schedule

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/internal/shown"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// running is one run, from its claim to its end.
type running struct {
	entry  Entry
	before ledger.Scheduled // as it was claimed
	began  time.Time        // by the database's clock
	// complete reports whether it is a complete pass that is due.
	complete bool

	// The result, the error and its text in one line, what is at fault, and whether that came
	// of a stop.
	result  synced.Result
	err     error
	text    string
	fault   string
	stopped bool
	found   ledger.Findings
	// end is what was written of it.
	end ledger.RunEnded
}

// run runs until stop is closed, and looks at what that leaves. A panic of the service's
// code is its error.
func (r *running) run(ctx context.Context, stop <-chan struct{}) {
	ctx = secret.Watch(ctx)
	r.err = r.synchronize(ctx, stop)
	if r.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.err = fmt.Errorf("cut off by the timeout of its job, which is too short for one page, or for a list that can't be resumed: %w", r.err)
	}
	r.stopped = r.err != nil && errors.Is(ctx.Err(), context.Canceled)
	r.found = r.before.Findings
	if !r.stopped {
		if err := r.look(ctx); err != nil && r.err == nil {
			r.err = err
		}
	}
	if r.err != nil {
		r.text, r.fault = model.Shown(ctx, r.err), shown.Text(faultOf(r.err, r.before))
	}
}

func (r *running) synchronize(ctx context.Context, stop <-chan struct{}) (err error) {
	defer recovered(&err, r.entry.Model.Name())
	call := synced.Call{Stop: stop}
	if r.complete {
		call.Strategy, call.Remove = strategy.Full{}, r.entry.Remove
	}
	r.result, err = r.entry.Model.Synchronize(ctx, scopeOf(r.before.Kind, r.before.Scope), call)
	return err
}

// look finds what people have to look at.
func (r *running) look(ctx context.Context) (err error) {
	defer recovered(&err, r.entry.Model.Name())
	f := &r.found
	f.Consent = errors.Is(r.err, remote.ErrConsentNeeded) || f.Consent && r.err != nil
	if r.result.Refused != nil {
		f.Refused = r.result.Refused.String()
	}
	counts := r.result.Counts
	for _, below := range r.result.Children {
		counts.Add(below)
	}
	if r.err != nil || r.result.Stopped != "" { // what is committed waits
		f.Quarantined = max(f.Quarantined, counts.Quarantined)
		return nil
	}
	if r.result.Refused == nil && f.Refused != "" && r.approved(ctx) {
		f.Refused = ""
	}
	if counts.Quarantined > 0 || f.Quarantined > 0 && r.mapped(ctx) {
		f.Quarantined = counts.Quarantined
	}
	f.ListedNone = r.result.ListedNothing || f.ListedNone && r.result.Records == 0
	return nil
}

// news reports whether somebody may have to be told, or told of an end.
func (r *running) news(failing int) bool {
	told := split(r.before.Told)
	ended := r.err == nil && (slices.Contains(told, string(Failing)) || slices.Contains(told, string(Stale)))
	return ended || r.found != r.before.Findings || r.err != nil && r.before.Failures+1 == failing
}

// approved reports whether a removal that was refused no longer waits.
func (r *running) approved(ctx context.Context) bool {
	waits, err := r.entry.Model.RefusedRemoval(ctx, scopeOf(r.before.Kind, r.before.Scope))
	if err != nil { // of a model that is listed for each parent, each has its own
		return r.whole()
	}
	return waits == nil
}

// mapped reports whether the quarantine is empty: a run that did not look at it counts
// none, either.
func (r *running) mapped(ctx context.Context) bool {
	for _, err := range r.entry.Model.Quarantined(ctx, scopeOf(r.before.Kind, r.before.Scope)) {
		return err != nil && r.whole()
	}
	return true
}

// whole reports whether the run has looked at everything, as far as that can be had.
func (r *running) whole() bool { return r.complete || r.entry.Complete == 0 }

// The waits that are not a setting's.
const (
	// afterRunning is after how long a scope is tried again that somebody else runs.
	afterRunning = 30 * time.Second
	// afterComplete is after how long a complete pass is tried again.
	afterComplete = time.Hour
	// shortest is the shortest wait that a remote can ask for.
	shortest = time.Second
)

// ended says what is to be written of the run.
func (r *running) ended(now time.Time, mostBackoff time.Duration) ledger.RunEnded {
	e := ledger.RunEnded{Target: r.before.Target, Failures: r.before.Failures, Error: r.text, Fault: r.fault, Findings: r.found}
	until := now
	wait, waits := errors.AsType[*remote.WaitError](r.err)
	if waits {
		until = now.Add(max(time.Until(wait.Until), shortest))
	}
	switch {
	case r.err == nil && r.result.Stopped != "":
		e.Next, e.Failures = now, 0 // after what is due by now
		return e
	case r.err == nil:
		e.Next, e.Succeeded, e.Failures = spread(now, r.entry.Every, r.before.Scope), r.began, 0
		if r.complete {
			e.Complete = completeAfter(now, r.entry, r.before.Scope)
		}
		return e
	case r.stopped:
		e.Next, e.Error, e.Fault = now, r.before.Error, r.before.Fault
		return e
	case errors.Is(r.err, synced.ErrRunning):
		e.Next, e.Error, e.Fault = now.Add(min(r.entry.Every, afterRunning)), r.before.Error, r.before.Fault
		return e
	case errors.Is(r.err, remote.ErrConsentNeeded):
		e.Next, e.Paused = now, r.text
	case waits && !errors.Is(r.err, remote.ErrCircuitOpen):
		e.Next = until
	default: // also where the host has failed so often that it is not asked
		e.Failures++
		e.Next = now.Add(backoff(e.Failures, r.entry.Every, mostBackoff, rand.Float64()))
		if p := r.result.Parents; p.Failed > 0 && p.Failed < p.Asked+p.Skipped && !errors.Is(r.err, remote.ErrUnauthorized) {
			e.Next = spread(now, r.entry.Every, r.before.Scope) // it costs its own rows alone
		}
		if until.After(e.Next) {
			e.Next = until
		}
	}
	if r.complete {
		e.Complete = now.Add(min(r.entry.Complete, afterComplete))
	}
	return e
}

// completeAfter returns when the complete pass of a scope is due after a time; zero for
// never.
func completeAfter(now time.Time, e Entry, scope string) time.Time {
	if e.Complete == 0 {
		return time.Time{}
	}
	return spread(now, e.Complete, e.Model.Name()+" "+scope)
}
