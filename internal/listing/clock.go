package listing

import (
	"fmt"
	"time"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
)

// clock finds the time that the run stores.
type clock struct {
	source strategy.TimeSource
	at     time.Time
	later  bool // the source needs the records
}

// start asks the sources in their order, with the first page in hand.
func (c *clock) start(sources []strategy.TimeSource, p *remote.Page, asked time.Time) error {
	for _, source := range sources {
		at, later := first(source, p, asked)
		if later || !at.IsZero() {
			*c = clock{source: source, at: at, later: later}
			return nil
		}
	}
	return report.ErrNoSyncTime
}

// first returns the time that a source has when the first page is in hand, asked
// for at the given time of the local clock. A source that needs the records answers
// later.
func first(source strategy.TimeSource, p *remote.Page, asked time.Time) (at time.Time, later bool) {
	switch s := source.(type) {
	case strategy.RemoteClock:
		return p.SyncedAt, false
	case strategy.ResponseDate:
		return p.Date, false
	case strategy.LocalClock:
		return asked.Add(-s.Margin), false
	default:
		return time.Time{}, true
	}
}

// record looks at a record, where the time comes from the records.
func (c *clock) record(o remote.Object) error {
	largest, ok := c.source.(strategy.LargestValue)
	if !ok {
		return nil
	}
	at, err := remote.Get[time.Time](o, largest.Attribute)
	if err != nil {
		return fmt.Errorf("the time to store: %w", err)
	}
	if at.After(c.at) {
		c.at = at
	}
	return nil
}

// name returns the source's name, "" where no time is read.
func (c *clock) name() string {
	if c.source == nil {
		return ""
	}
	return c.source.String()
}

// restore returns the clock that a pass began with, from the name of its source. Ok is
// false where the declaration no longer has the source.
func restore(sources []strategy.TimeSource, name string, at time.Time) (c clock, ok bool) {
	if len(sources) == 0 {
		return clock{}, true
	}
	for _, source := range sources {
		if source.String() == name {
			_, largest := source.(strategy.LargestValue)
			return clock{source: source, at: at, later: largest}, true
		}
	}
	return clock{}, false
}
