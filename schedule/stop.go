package schedule

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// lastWait is how long canceled runs have to end, where the lease is not shorter, and the
// last transaction.
const lastWait = 10 * time.Second

// endWait is how long what was canceled has to end. After its lease, nobody waits for a
// process that is gone.
func (s *Schedule) endWait() time.Duration { return min(lastWait, s.options.Lease) }

// stop has the runs that are under way end at their next page, and waits for that, and
// then for the end of what is canceled.
func (l *loop) stop(ctx context.Context, renew <-chan time.Time) error {
	l.ease()
	grace := time.NewTimer(max(l.options.Grace, 0))
	defer grace.Stop()
	for canceled := false; len(l.running) > 0; {
		l.flush(ctx) // others can have what ended
		select {
		case r := <-l.ends:
			l.take(r)
		case <-renew:
			l.renew(ctx)
		case <-grace.C:
			if canceled {
				return l.left()
			}
			l.cancel()
			canceled = true
			grace.Reset(l.endWait())
		}
	}
	l.flush(ctx)
	return nil
}

// flush writes what ended. Where that can't be, the claims run out.
func (l *loop) flush(ctx context.Context) {
	if len(l.ended) == 0 {
		return
	}
	if _, err := l.claim(ctx, 0); err != nil {
		l.failed(ctx, "note how runs ended", err)
	}
}

// left is the error of runs that don't end.
func (l *loop) left() error {
	var names []string
	for t := range maps.Keys(l.running) {
		names = append(names, strings.TrimSuffix(t.Model+" "+t.Scope, " "))
	}
	slices.Sort(names)
	return fmt.Errorf("%d of the runs have not ended %v after they were canceled (%s): look for a handler or an API that does not heed its context", len(names), l.endWait(), strings.Join(names, ", "))
}
