package listing

import (
	"time"

	"github.com/syncedgo/synced/remote"
)

// Said is what single pages say of a whole list.
type Said struct {
	// Now is the remote's time when the first page came, as far as the source of the time
	// to store tells; zero where it does not.
	Now time.Time
	// Names reports whether pages have ids of what changed, to be asked for.
	Names bool

	validator string // the first page's
	events    bool   // the pages are events in their order
	position  string // where the changes stand: that of the first page, or else the last page's
	early     bool   // it is that of the first page, of before the list
}

// changes takes note of how a page tells of changes, and up to where.
func (s *Said) changes(p *remote.Page, first bool) {
	if first {
		s.early = p.Position != ""
	}
	if first || !s.early {
		s.position = p.Position
	}
	s.events = s.events || p.Events == remote.EventsInOrder
	s.Names = s.Names || p.ChangedIDs != nil
}

// before returns the position of before the list, "" where there was none.
func (s *Said) before() string {
	if s.early {
		return s.position
	}
	return ""
}
