package listing

import (
	"time"

	"github.com/syncedgo/synced/internal/backend"
)

// State is what a checkpoint keeps of a listing, beside the ids that were listed.
type State struct {
	At       time.Time `json:"at,omitzero"`
	Source   string    `json:"source,omitzero"`
	First    int       `json:"first_total"`
	Last     int       `json:"last_total"`
	Totals   bool      `json:"totals"`
	Differs  bool      `json:"differs"`
	Shrank   bool      `json:"shrank,omitzero"`
	Shifting bool      `json:"shifting,omitzero"`
	// Gone are the records that are gone by the remote's own account.
	Gone []string `json:"gone,omitzero"`
}

// State returns what a checkpoint keeps.
func (l *Listing) State() State {
	s := State{At: l.clock.at, Source: l.clock.name(), First: l.totals.first, Last: l.totals.last,
		Totals: l.totals.known, Differs: l.totals.differs, Shrank: l.totals.shrank, Shifting: l.shifting}
	for id := range l.gone {
		s.Gone = append(s.Gone, id.String())
	}
	return s
}

// Resume takes over what a checkpoint kept, before the first page. It reports
// whether the state fits the rules; if not, the listing is as it was. The ids that
// were listed are taken over by Seen.
func (l *Listing) Resume(s State) bool {
	c, ok := restore(l.Sources, s.Source, s.At)
	if !ok {
		return false
	}
	gone := make(map[backend.ID]struct{}, len(s.Gone))
	for _, text := range s.Gone {
		id, err := l.Model.Table.ParseID(text)
		if err != nil {
			return false // ids are of another kind now
		}
		gone[id] = struct{}{}
	}
	l.gone, l.clock, l.shifting, l.resumed = gone, c, s.Shifting, true
	l.totals = totals{first: s.First, last: s.Last, known: s.Totals, differs: s.Differs, shrank: s.Shrank}
	return true
}
