package engine

import (
	"fmt"
	"time"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// clock finds the time that the run stores.
type clock struct {
	source strategy.TimeSource
	at     time.Time
	later  bool // the source needs the records
}

// start asks the sources in their order, with the first page in hand.
func (c *clock) start(sources []strategy.TimeSource, page *remote.Page, asked time.Time) error {
	for _, source := range sources {
		at, later := source.First(page, asked)
		if later || !at.IsZero() {
			*c = clock{source: source, at: at, later: later}
			return nil
		}
	}
	return report.ErrNoSyncTime
}

// record looks at a record, where the time comes from the records.
func (c *clock) record(o remote.Object) error {
	if !c.later {
		return nil
	}
	at, err := c.source.Record(o)
	if err != nil {
		return fmt.Errorf("the time to store: %w", err)
	}
	if at.After(c.at) {
		c.at = at
	}
	return nil
}

// stamp is the time to store, and whether there is one.
func (c *clock) stamp() (timestamp.Stamp, bool) {
	return timestamp.Stamp{At: c.at, Source: c.source.String()}, !c.at.IsZero()
}

// totals watches what the remote says about the size of the list.
type totals struct {
	first, last    int
	known, differs bool
	shrank         bool
}

func (t *totals) add(p *remote.Page) {
	if !p.TotalKnown {
		return
	}
	t.shrank = t.shrank || t.known && p.Total < t.last
	if t.known && p.Total != t.first {
		t.differs = true
	}
	if !t.known {
		t.first = p.Total
	}
	t.last, t.known = p.Total, true
}

// doubt says why the pages may not have listed everything, given how many
// records were seen; "" when nothing speaks against it.
func (t *totals) doubt(seen int) string {
	switch {
	case t.differs:
		return fmt.Sprintf("the remote's list changed while it was read: it had %d records at first and %d in the end", t.first, t.last)
	case t.known && seen < t.last:
		return fmt.Sprintf("the remote says it has %d records and listed %d", t.last, seen)
	default:
		return ""
	}
}

// missed says why a list whose pages shift may have hidden a record that was
// there from the beginning; "" when nothing speaks for it. A list that only grew
// hides none: what came to it changed after the time that is stored.
func (t *totals) missed(seen int) string {
	switch {
	case t.shrank:
		return "the remote's list shrank while it was read, so that a record may have moved to a page that was read already"
	case t.known && seen < t.first:
		return fmt.Sprintf("the remote said that it has %d records and listed %d", t.first, seen)
	default:
		return ""
	}
}
