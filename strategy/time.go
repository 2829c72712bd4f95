package strategy

import (
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/remote"
)

// TimeSource is where the time that a run stores is taken from. The zero
// TimeSource is none.
type TimeSource struct {
	name      string
	attribute string
	margin    time.Duration
}

// remoteClock is the time that the first page brings for the purpose.
var remoteClock = TimeSource{name: "remote"}

// ResponseDate is the date of the first response, cut to the second by HTTP. It
// serves where the remote stamps records with the clock of the server that
// answers.
func ResponseDate() TimeSource { return TimeSource{name: "date"} }

// LargestValue is the latest time that any record of the run has in an
// attribute, such as "updated_at". A run without records leaves the stored time
// as it was.
func LargestValue(attribute string) TimeSource {
	return TimeSource{name: "largest", attribute: attribute}
}

// LocalClock is this machine's clock when the first page was asked for, less a
// margin for how far the clocks may be apart.
func LocalClock(margin time.Duration) TimeSource { return TimeSource{name: "local", margin: margin} }

func (s TimeSource) validate() error {
	switch {
	case s.name == "":
		return errors.New("a fallback is the zero TimeSource: use ResponseDate, LargestValue or LocalClock")
	case s.name == "largest" && s.attribute == "":
		return errors.New("LargestValue names no attribute")
	case s.margin < 0:
		return fmt.Errorf("LocalClock margin %s is negative: it moves the stored time back, so give 0 or more", s.margin)
	}
	return nil
}

// String names the source, as it is stored beside the time: "remote", "date",
// "largest updated_at", "local".
func (s TimeSource) String() string {
	if s.attribute != "" {
		return s.name + " " + s.attribute
	}
	return s.name
}

// First is the time that the source has when the first page is in hand, asked
// for at the given time of the local clock. A source that needs the records
// answers later.
func (s TimeSource) First(page *remote.Page, asked time.Time) (at time.Time, later bool) {
	switch s.name {
	case "remote":
		return page.SyncedAt, false
	case "date":
		return page.Date, false
	case "local":
		return asked.Add(-s.margin), false
	default:
		return time.Time{}, true
	}
}

// Record is the time that a record has, for a source that needs the records.
func (s TimeSource) Record(o remote.Object) (time.Time, error) {
	return remote.Get[time.Time](o, s.attribute)
}
