// Package listing keeps what the remote said in one run: which records it listed,
// which it deleted, how many it announced, and what time it is there. It asks no
// database.
package listing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// Rules are what a run makes of what the remote says. They are settled before its
// first page.
type Rules struct {
	// Model reads ids and tombstones.
	Model *model.Model
	// Removes reports whether removal is on.
	Removes bool
	// Since reports whether the remote was asked for what changed, so that what it
	// does not list may exist.
	Since bool
	// Changes reports whether the list tells changes up to a position, so that a record may
	// come again as it became later.
	Changes bool
	// Sources are where the time to store is taken from. Without any, none is.
	Sources []strategy.TimeSource
	// Times reads the times of records, nil where they are as JSON has them.
	Times remote.TimeReader
	// Asked is when the first page was asked for, by the local clock.
	Asked time.Time
	// MayResume reports whether a later run may resume the pass.
	MayResume bool
	// Filtered reports whether the request may leave out records that exist.
	Filtered bool
	// Until is the end of the time that was asked for, zero where it has none.
	Until time.Time
	// Old reports whether a list of later changes was written before, so that what the
	// remote calls deleted may have been created again.
	Old bool
	// Earlier is why the time of a window before is not stored, so that this one's is not
	// either; "" where it is.
	Earlier string
	// Moves reports whether a record may come again on a later page, as it became meanwhile.
	Moves bool
	// Whole reports whether the run asks for all records, so that an attribute that none
	// of them has is worth telling.
	Whole bool
}

// Listing is what the remote said so far.
type Listing struct {
	Tally
	Rules
	// Conditional reports whether the remote may answer that nothing was modified.
	Conditional bool
	// Evidence is what the pages say of the whole list.
	Evidence proof.List
	// Said is what single pages say of the whole list.
	Said Said
	// Tombstones is how many records were listed as deleted.
	Tombstones int

	gone        map[backend.ID]struct{} // deleted by the remote's own account, and not listed since
	announced   map[backend.ID]struct{} // by lists of deleted ids
	controls    []backend.ID            // listed last
	clock       clock
	watch       attribute.Watch // of the attributes that no record has had
	pages       int
	resumed     bool
	notModified bool
}

// New returns a listing of which no page has come.
func New(rules Rules) *Listing {
	l := &Listing{Rules: rules, Evidence: proof.List{Filtered: rules.Filtered}, gone: map[backend.ID]struct{}{}, announced: map[backend.ID]struct{}{}}
	if rules.Whole {
		l.watch = attribute.NewWatch(rules.Model.Expected())
	}
	return l
}

// Add takes in one record, and adds it to a page unless the remote calls it
// deleted. What the remote says last about a record counts: listed after it was
// deleted, it exists; deleted after it was listed, it is gone.
func (l *Listing) Add(p *page.Page, r *page.Record) {
	if first := l.list(r.Key()); !first {
		r.Look = backend.Unseen // the page that listed it before is not written yet
		p.Relisted = append(p.Relisted, r.ID)
		if l.Evidence.Shifting && !l.Changes {
			_ = l.Evidence.Again(r.ID.String(), false) // it proves the shift, and is no error
		}
	}
	if l.Deletes(r.Object) {
		l.Tombstones++
		l.gone[r.ID] = struct{}{}
		return
	}
	if !l.watch.Done() {
		l.watch.Look(r.Object)
	}
	delete(l.gone, r.ID)
	l.control(r.ID)
	if r.Look == backend.Same {
		p.Same = append(p.Same, r.Key())
		if r.Nested != nil {
			p.Families = append(p.Families, r)
		}
		return
	}
	p.Records = append(p.Records, r)
}

// CheckWritten takes note of a written page, before it is counted. In a list that stays
// put, a record that comes again with other bytes is another record, unless it tells
// which of its versions is later.
func (l *Listing) CheckWritten(p *page.Page) error {
	if l.Changes || l.Moves || l.Evidence.Shifting || l.Model.Table.Version != "" { // versions of one record tell themselves
		return nil
	}
	for _, r := range p.Records {
		if r.Listed() {
			continue // another change of it
		}
		if r.Outcome.Err == nil && r.Outcome.Change == backend.Updated && l.wasWritten(r.Key()) {
			if err := l.Evidence.Again(r.ID.String(), false); err != nil {
				return &model.RecordError{Record: r.ID.String(), Err: err}
			}
		}
	}
	return nil
}

// Deletes reports whether a listed object is the tombstone of a deleted record.
func (l *Listing) Deletes(o remote.Object) bool {
	return l.Model.Tombstone != nil && l.Model.Tombstone(o)
}

// maxControls is how many controls a listing knows: some may be deleted meanwhile.
const maxControls = 3

// control keeps a record that exists: those that were listed last.
func (l *Listing) control(id backend.ID) {
	if len(l.controls) == maxControls {
		copy(l.controls, l.controls[1:])
		l.controls = l.controls[:maxControls-1]
	}
	l.controls = append(l.controls, id)
}

// Controls returns records that exist as far as the list tells, the last first.
func (l *Listing) Controls() []backend.ID {
	var list []backend.ID
	for _, id := range slices.Backward(l.controls) {
		if !l.IsGone(id) && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// Gone takes note of a record that the remote does not have.
func (l *Listing) Gone(id backend.ID) { l.gone[id] = struct{}{} }

// Retract takes back that the remote deleted records.
func Retract(l *Listing) { clear(l.gone) }

// IsGone reports whether the remote said last that it deleted a record.
func (l *Listing) IsGone(id backend.ID) bool {
	_, gone := l.gone[id]
	return gone
}

// AllGone returns the ids that the remote says it deleted.
func (l *Listing) AllGone() []backend.ID { return slices.Collect(maps.Keys(l.gone)) }

// Unknown lists the attributes that the model reads and that no record had. It is empty
// where the run did not list all records, or none.
func (l *Listing) Unknown() []string {
	if l.resumed || l.notModified {
		return nil
	}
	return l.watch.Missing()
}

// Pages returns how many pages were accepted.
func (l *Listing) Pages() int { return l.pages }

// NotModified reports whether the remote answered that its list is as it was.
func (l *Listing) NotModified() bool { return l.notModified }

// Validator returns what the first page brought to ask with next time, or "".
func (l *Listing) Validator() string { return l.Said.validator }

// KeepsBytes reports whether the listing needs the bytes of records that it has
// accepted, or has shown them to somebody else.
func (l *Listing) KeepsBytes() bool { return l.clock.later() || l.Model.Tombstone != nil }

// Doubt returns why the pages may not have listed everything; "" when nothing speaks
// against it.
func (l *Listing) Doubt() string { return l.Evidence.Doubt(l.Size()) }

// Time returns the time to store and where it came from; zero is none. Refused is why
// it may not be stored; "" when it may.
func (l *Listing) Time() (at time.Time, source, refused string) {
	told, source := l.clock.time()
	at = told
	if l.clock.passes(told, l.Until) {
		at, source = l.Until, "window"
	}
	switch {
	case l.Evidence.Reset:
		refused = proof.WasReset
	case l.Earlier != "":
		refused = l.Earlier
	case told.IsZero() && !l.notModified && l.clock.lacks(l.Size()) != "":
		refused = l.clock.lacks(l.Size())
	case at.IsZero():
	case proof.FarAhead(told):
		refused = fmt.Sprintf("the remote's time, %s, is more than a day ahead of this machine's clock", told.Format(time.RFC3339))
	case !l.notModified:
		refused = l.Evidence.NotStored(l.Size())
	}
	return at, source, refused
}

// maxPosition is how long a position may be, in bytes.
const maxPosition = 8 << 10

// Position returns the position to store. Refused is why none may be stored; "" when one
// may.
func (l *Listing) Position() (position, refused string) {
	switch refused = l.Evidence.NotStored(l.Size()); {
	case refused != "":
	case l.Said.position == "":
		refused = "the last page gives no position to ask from: check rest.Config.Position, or use another strategy"
	case len(l.Said.position) > maxPosition:
		refused = "the position that the last page gives is longer than 8 KiB"
	case !utf8.ValidString(l.Said.position) || strings.ContainsFunc(l.Said.position, unicode.IsControl):
		refused = "the position that the last page gives is no text"
	}
	return l.Said.position, refused
}

// readTime reads a time as the API spells times.
func (l *Listing) readTime(v remote.Value) (time.Time, error) {
	if l.Times != nil {
		return l.Times.ReadTime(v)
	}
	return readTime(v)
}
