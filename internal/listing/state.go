package listing

import (
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/proof"
)

// State is what a checkpoint keeps of a listing, beside the ids that were listed.
type State struct {
	At     time.Time `json:"at,omitzero"`
	Source string    `json:"source,omitzero"`
	// Limit is the latest time that may be stored, and Next what is where no record
	// has one.
	Limit time.Time `json:"limit,omitzero"`
	Next  fallback  `json:"next,omitzero"`
	// Position is where the remote's changes stood before the list, "" where that was not
	// told.
	Position string `json:"position,omitzero"`
	// Evidence is what the pages said of the whole list.
	Evidence proof.List `json:"evidence"`
	// Gone are the records that are gone by the remote's own account.
	Gone []string `json:"gone,omitzero"`
	// Announced are those that lists of deleted ids named, gone or listed since.
	Announced []string `json:"announced,omitzero"`
}

// State returns what a checkpoint keeps.
func (l *Listing) State() State {
	s := State{At: l.clock.at, Source: l.clock.name(), Limit: l.clock.limit, Next: l.clock.next, Evidence: l.Evidence}
	s.Position = l.Said.before()
	s.Gone, s.Announced = texts(l.gone), texts(l.announced)
	return s
}

// Resume takes over what a checkpoint kept, before the first page. It reports
// whether the state fits the rules; if not, the listing is as it was. The ids that
// were listed are taken over by Seen.
func (l *Listing) Resume(s State) bool {
	source, ok := sourceOf(l.Sources, s.Source)
	if !ok {
		return false
	}
	gone, ok := l.parsed(s.Gone)
	announced, fits := l.parsed(s.Announced)
	if !ok || !fits {
		return false // ids are of another kind now
	}
	l.gone, l.announced, l.resumed = gone, announced, true
	if l.clock = (clock{}); source != nil { // else a run that stores no time resumes the pass
		l.clock = clock{source: source, at: s.At, limit: s.Limit, next: s.Next}
	}
	l.Said.position, l.Said.early = s.Position, s.Position != ""
	l.Evidence = s.Evidence
	l.Evidence.Filtered = l.Filtered
	return true
}

// texts returns ids as a checkpoint keeps them.
func texts(ids map[backend.ID]struct{}) []string {
	var list []string
	for id := range ids {
		list = append(list, id.String())
	}
	return list
}

// parsed reads ids that a checkpoint kept. Ok is false where one can't be read.
func (l *Listing) parsed(list []string) (ids map[backend.ID]struct{}, ok bool) {
	ids = make(map[backend.ID]struct{}, len(list))
	for _, text := range list {
		id, err := l.Model.Table.ParseID(text)
		if err != nil {
			return nil, false
		}
		ids[id] = struct{}{}
	}
	return ids, true
}
