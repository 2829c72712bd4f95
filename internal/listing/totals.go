package listing

import (
	"fmt"

	"github.com/syncedgo/synced/remote"
)

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

// doubt returns why the pages may not have listed everything, given how many
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

// missed returns why a list whose pages shift may have hidden a record that was
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
