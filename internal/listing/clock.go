package listing

import (
	"cmp"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
)

// clock finds the time that the run stores.
type clock struct {
	source strategy.TimeSource
	path   attribute.Path // the attribute of a LargestValue; read with the first record
	at     time.Time
	// limit is when the first page was answered, where the time comes from the records:
	// a later one is a date of another kind, or of a change behind the reader, beside
	// which another was passed over.
	limit time.Time
	dated bool // the limit is the remote's
	ahead bool // a record has a time after a limit that is not the remote's
	// next is what is stored where no record has a time.
	next fallback
	has  bool // a record has the attribute
	// unread is why the first of those that can't be read can't, or "".
	unread string
}

// fallback is the time of a source that comes after the first.
type fallback struct {
	At     time.Time `json:"at,omitzero"`
	Source string    `json:"source,omitzero"`
}

// start asks the sources in their order, with the first page in hand, which was asked
// for at the given time of the local clock.
func (c *clock) start(sources []strategy.TimeSource, p *remote.Page, asked time.Time) error {
	*c = clock{}
	for _, source := range sources {
		at := first(source, p, asked)
		_, later := source.(strategy.LargestValue)
		switch {
		case c.source == nil && later:
			if c.source, c.limit, c.dated = source, p.Date, !p.Date.IsZero(); !c.dated {
				c.limit = asked
			}
			c.limit = c.limit.Add(-p.Age)
		case at.IsZero():
		case c.source != nil:
			c.next = fallback{at, source.String()}
			return nil
		default:
			c.source, c.at = source, at
			return nil
		}
	}
	if c.source == nil {
		return report.ErrNoSyncTime
	}
	return nil
}

// first returns the time that a source has when the first page is in hand. Zero is
// none. A page that a cache kept shows nothing later than when it was made; the remote's
// own time was kept with it.
func first(source strategy.TimeSource, p *remote.Page, asked time.Time) time.Time {
	switch s := source.(type) {
	case strategy.RemoteClock:
		return p.SyncedAt
	case strategy.ResponseDate:
		if p.Date.IsZero() {
			return p.Date
		}
		return p.Date.Add(-p.Age)
	case strategy.LocalClock:
		return asked.Add(-s.Margin - p.Age)
	default:
		return time.Time{}
	}
}

// later reports whether the time comes from the records.
func (c *clock) later() bool {
	_, later := c.source.(strategy.LargestValue)
	return later
}

// record looks at a record, where the time comes from the records. One whose time can't
// be read tells none: the others do.
func (c *clock) record(o remote.Object, read func(remote.Value) (time.Time, error)) {
	largest, ok := c.source.(strategy.LargestValue)
	if !ok {
		return
	}
	if c.path.String() != largest.Attribute {
		c.path, _ = attribute.Parse(largest.Attribute) // the strategy was checked
	}
	v, has := c.path.In(o)
	c.has = c.has || has
	if !has || v.Kind() == 'n' {
		return
	}
	at, err := read(v)
	if err != nil {
		c.unread = cmp.Or(c.unread, fmt.Sprintf("%s: %v", largest.Attribute, err))
		return
	}
	if at.After(c.limit) {
		if !c.dated { // this machine's clock may be ahead: the other records know better
			c.ahead = true
			return
		}
		at = c.limit
	}
	if at.After(c.at) {
		c.at = at
	}
}

// readTime reads a time as JSON has it.
func readTime(v remote.Value) (at time.Time, err error) {
	err = json.Unmarshal(v, &at)
	return at, err
}

// check reports an attribute that no record of the first page has, or has as a time.
func (c *clock) check(records int) error {
	largest, ok := c.source.(strategy.LargestValue)
	switch {
	case !ok || records == 0:
		return nil
	case !c.has:
		return fmt.Errorf("the time to store: no record of the first page has the attribute %q: name one that they have in strategy.LargestValue", largest.Attribute)
	case c.at.IsZero() && c.next.At.IsZero() && !c.ahead && c.unread != "":
		return fmt.Errorf("the time to store: no record of the first page has a time that can be read: %s: write in rest.Since.Format how this API spells times, or name another attribute in strategy.LargestValue", c.unread)
	}
	return nil
}

// lacks is why records that were listed told no time, although it comes from them; ""
// where one did.
func (c *clock) lacks(records int) string {
	largest, ok := c.source.(strategy.LargestValue)
	switch {
	case !ok || records == 0 || c.ahead || !c.at.IsZero() || !c.next.At.IsZero():
		return ""
	case c.unread != "":
		return "no record has a time that can be read: " + c.unread
	default:
		return fmt.Sprintf("no record has a time in %q", largest.Attribute)
	}
}

// time returns the time to store and where it came from; zero is none.
func (c *clock) time() (at time.Time, source string) {
	switch {
	case !c.at.IsZero():
		return c.at, c.source.String()
	case !c.next.At.IsZero() || !c.ahead:
		return c.next.At, c.next.Source
	}
	return c.limit, c.source.String()
}

// heard is the remote's time when the first page came.
func (c *clock) heard() time.Time {
	if c.later() {
		return c.limit
	}
	return c.at
}

// longAgo is how old a window is for which no record may still get its time, by whatever
// clock.
const longAgo = 24 * time.Hour

// passes reports whether all that changed until the end of a window is listed, so that
// the end is the time to store: later changes are of another window. Where the time comes
// from records, and there may be none, that is so once the end is long ago.
func (c *clock) passes(at, until time.Time) bool {
	switch {
	case until.IsZero() || c.source == nil:
		return false
	case c.later():
		return at.After(until) || c.dated && c.limit.Sub(until) > longAgo
	default:
		return at.After(until)
	}
}

// name returns the source's name, "" where no time is read.
func (c *clock) name() string {
	if c.source == nil {
		return ""
	}
	return c.source.String()
}

// sourceOf returns the source of a name. Ok is false where the declaration no longer has
// it.
func sourceOf(sources []strategy.TimeSource, name string) (source strategy.TimeSource, ok bool) {
	for _, source := range sources {
		if source.String() == name {
			return source, true
		}
	}
	return nil, len(sources) == 0
}
