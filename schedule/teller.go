package schedule

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

const (
	// patience is how long an alert may take.
	patience = 30 * time.Second
	// tellersLock is the name of the lock of who tells.
	tellersLock = "synced schedule alerts"
)

// teller tells people of causes, once each. What they were told of is in the database.
type teller struct {
	*Schedule
	now chan struct{}
}

func newTeller(s *Schedule) *teller { return &teller{Schedule: s, now: make(chan struct{}, 1)} }

// soon makes it look now.
func (t *teller) soon() {
	select {
	case t.now <- struct{}{}:
	default:
	}
}

func (t *teller) run(ctx context.Context) {
	if t.options.Alert == nil {
		return
	}
	ticker := time.NewTicker(t.options.Refresh)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := t.look(ctx); err != nil && ctx.Err() == nil {
			t.options.Log.WarnContext(ctx, "synced: schedule: tell of what needs people", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-t.now:
		}
	}
}

// look tells what is to be told. While another process does, it tells nothing.
func (t *teller) look(ctx context.Context) error {
	if list, _, err := t.news(ctx); err != nil || len(list) == 0 {
		return err
	}
	lock, err := t.db.Lock(ctx, tellersLock, 0)
	if errors.Is(err, store.ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release(ctx) }() // a process that is gone leaves it, too
	list, open, err := t.news(ctx)
	for _, n := range list {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = t.tell(ctx, n, open)
		}
	}
	return err
}

// news are what is to be told of one target, and what somebody was told of.
type news struct {
	target ledger.Scheduled
	told   told
	alerts []Alert
}

// news reads what is to be told, and how many alerts of each group have not ended.
func (t *teller) news(ctx context.Context) (list []news, open map[string]int, err error) {
	now, err := ledger.Clock(ctx, t.db)
	if err != nil {
		return nil, nil, err
	}
	since := map[string]time.Time{}
	for name, e := range t.entries {
		since[name] = now.Add(-e.Stale)
	}
	rows, err := ledger.SchedulesToTell(ctx, t.db, since, t.options.Failing)
	open = map[string]int{}
	for _, row := range rows {
		state := stateOf(row, now)
		found := causes(state, row.Added, now, t.entries[row.Model].Stale, t.options.Failing)
		if row.Gone {
			clear(found) // a run may have ended since, and noted how
		}
		n := news{target: row, told: toldOf(row)}
		for _, cause := range slices.Sorted(maps.Keys(found)) {
			if n.told.of(cause) < 0 {
				n.alerts = append(n.alerts, Alert{Cause: cause, Group: groupOf(cause, row), Text: found[cause], State: state})
			}
		}
		for _, told := range n.told {
			open[told.group]++
			if _, goesOn := found[told.cause]; !goesOn {
				n.alerts = append(n.alerts, Alert{Cause: told.cause, Group: told.group, Ended: true, State: state})
			}
		}
		if len(n.alerts) > 0 {
			list = append(list, n)
		}
	}
	return list, open, err
}

// tell tells of one target, and notes what was told. Open counts the alerts of each group.
// An error of the service's is logged, and told again later.
func (t *teller) tell(ctx context.Context, n news, open map[string]int) error {
	told := slices.Clone(n.told)
	for _, a := range n.alerts {
		a.Others = open[a.Group]
		if a.Ended {
			a.Others--
		}
		if err := t.call(ctx, a); err != nil {
			t.options.Log.WarnContext(ctx, "synced: schedule: Options.Alert", "alert", a.String(), "error", err)
			continue
		}
		if i := told.of(a.Cause); a.Ended {
			told = slices.Delete(told, i, i+1)
			open[a.Group]--
		} else {
			told = append(told, grouped{a.Cause, a.Group})
			open[a.Group]++
		}
	}
	if slices.Equal(told, n.told) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
	defer cancel()
	causes, groups := told.texts()
	err := backend.InTx(ctx, t.db, func(ctx context.Context, tx backend.Tx) error {
		return ledger.TellSchedule(ctx, tx, n.target, causes, groups)
	})
	if err != nil {
		return fmt.Errorf("note what was told of %s %s: %w", n.target.Model, n.target.Scope, err)
	}
	return nil
}

func (t *teller) call(ctx context.Context, a Alert) (err error) {
	defer recovered(&err, "Options.Alert")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return t.options.Alert(ctx, a)
}
