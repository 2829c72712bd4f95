// Package listing keeps what the remote said in one run: which records it listed,
// which it deleted, how many it announced, and what time it is there. It asks no
// database.
package listing

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
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
}

// Listing is what the remote said so far.
type Listing struct {
	Tally
	Rules
	// Conditional reports whether the remote may answer that nothing was modified.
	Conditional bool
	// Evidence is what the pages say of the whole list.
	Evidence proof.List
	// Tombstones is how many records were listed as deleted.
	Tombstones int

	gone      map[backend.ID]struct{} // deleted by the remote's own account, and not listed since
	announced map[backend.ID]struct{} // by lists of deleted ids
	controls  []backend.ID            // listed last
	clock     clock
	pages     int
	resumed   bool
	// validator is the first page's.
	validator   string
	notModified bool
}

// New returns a listing of which no page has come.
func New(rules Rules) *Listing {
	return &Listing{Rules: rules, Evidence: proof.List{Filtered: rules.Filtered}, gone: map[backend.ID]struct{}{}, announced: map[backend.ID]struct{}{}}
}

// errNotAsked is an API that leaves out a list that it was to send.
var errNotAsked = errors.New("the remote says that nothing was modified, which it was not asked")

// Accept takes note of what a page says. Its errors come before anything of the
// page is written; those of the first page, before anything is written at all.
func (l *Listing) Accept(got *page.Received) (*page.Page, error) {
	l.pages++
	if got.NotModified || l.notModified {
		return l.acceptNotModified(got.Page)
	}
	l.Evidence.Page(proof.Page{Total: got.Total, TotalKnown: got.TotalKnown, Shifting: got.Shifting, Partial: got.Partial, Unended: got.Unended})
	if l.pages == 1 {
		if err := l.first(got.Page); err != nil {
			return nil, err
		}
	}
	p := &page.Page{Number: got.Number, Position: got.Cursor, From: got, Records: make([]*page.Record, 0, len(got.Records))}
	var index idindex.Index
	for i := range got.Records {
		r := &got.Records[i]
		if r.Err != nil {
			return nil, &model.RecordError{Record: fmt.Sprintf("no. %d", i+1), Err: r.Err}
		}
		if before, twice := index.Add(r.ID, i); twice {
			if bytes.Equal(r.Object.Raw(), got.Objects[before].Raw()) {
				continue
			}
			return nil, &model.RecordError{Record: r.ID.String(), Err: fmt.Errorf("%w: no. %d and no. %d", report.ErrDuplicateID, before+1, i+1)}
		}
		if err := l.clock.record(r.Object, l.readTime); err != nil {
			return nil, &model.RecordError{Record: r.ID.String(), Err: err}
		}
		l.Add(p, r)
	}
	if l.pages == 1 && !l.resumed {
		if err := l.clock.check(len(got.Records)); err != nil {
			return nil, err
		}
	}
	for i, v := range got.DeletedIDs {
		id, err := l.Model.Plan.ParseID(v)
		if err != nil {
			return nil, fmt.Errorf("deleted id no. %d: %w", i+1, err)
		}
		if _, listed := index.Find(id); !listed {
			l.announce(id)
		}
		l.announced[id] = struct{}{}
	}
	return p, nil
}

// announce takes note of a deleted id. One that was announced before says nothing new:
// some remotes send the same ids with each page, and the record may have been listed
// in between.
func (l *Listing) announce(id backend.ID) {
	if _, before := l.announced[id]; !before {
		l.gone[id] = struct{}{}
	}
}

// first takes note of what only the first page says.
func (l *Listing) first(p *remote.Page) error {
	if !l.resumed {
		l.validator = p.Validator
	}
	l.Tally.keeps = p.Cursor != "" && l.MayResume
	if len(l.Sources) > 0 && !l.resumed {
		if err := l.clock.start(l.Sources, p, l.Asked); err != nil {
			return err
		}
	}
	if l.Removes && l.Since && p.DeletedIDs == nil && l.Model.Tombstone == nil {
		return report.ErrDeletionsUnknown
	}
	return nil
}

// acceptNotModified takes note of a list that is as the last run left it.
func (l *Listing) acceptNotModified(p *remote.Page) (*page.Page, error) {
	if !l.Conditional || l.pages != 1 || len(p.Objects) > 0 {
		return nil, errNotAsked
	}
	l.notModified = true
	if len(l.Sources) > 0 {
		// Without a time, the next run asks for everything again.
		_ = l.clock.start(l.Sources, p, l.Asked)
	}
	return &page.Page{Number: p.Number}, nil
}

// Add takes in one record, and adds it to a page unless the remote says that it is
// deleted. What the remote says last about a record counts: listed after it was
// deleted, it exists; deleted after it was listed, it is gone.
func (l *Listing) Add(p *page.Page, r *page.Record) {
	if first := l.list(r.Key()); !first {
		r.Look = backend.Unseen // the page that listed it before is not written yet
		p.Relisted = append(p.Relisted, r.ID)
		if l.Evidence.Shifting {
			_ = l.Evidence.Again(r.ID.String(), false) // it proves the shift, and is no error
		}
	}
	if l.Deletes(r.Object) {
		l.Tombstones++
		l.gone[r.ID] = struct{}{}
		return
	}
	delete(l.gone, r.ID)
	l.control(r.ID)
	if r.Look == backend.Same {
		p.Same = append(p.Same, r.Key())
		return
	}
	p.Records = append(p.Records, r)
}

// CheckWritten takes note of a written page, before it is counted. In a list that stays
// put, a record that comes again with other bytes is another record, unless it tells
// which of its versions is later.
func (l *Listing) CheckWritten(p *page.Page) error {
	if l.Evidence.Shifting || l.Model.Table.Version != "" { // versions of one record tell themselves
		return nil
	}
	for _, r := range p.Records {
		if r.Outcome.Err == nil && r.Outcome.Change == backend.Updated && l.wasWritten(r.Key()) {
			if err := l.Evidence.Again(r.ID.String(), false); err != nil {
				return &model.RecordError{Record: r.ID.String(), Err: err}
			}
		}
	}
	return nil
}

// Deletes reports whether a listed object says that its record was deleted.
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

// IsGone reports whether the remote said last that it deleted a record.
func (l *Listing) IsGone(id backend.ID) bool {
	_, gone := l.gone[id]
	return gone
}

// AllGone returns the ids that the remote says it deleted.
func (l *Listing) AllGone() []backend.ID { return slices.Collect(maps.Keys(l.gone)) }

// Pages returns how many pages were accepted.
func (l *Listing) Pages() int { return l.pages }

// NotModified reports whether the remote answered that its list is as it was.
func (l *Listing) NotModified() bool { return l.notModified }

// Validator returns what the first page brought to ask with next time, or "".
func (l *Listing) Validator() string { return l.validator }

// KeepsBytes reports whether the listing needs the bytes of records that it has
// accepted, or has shown them to somebody else.
func (l *Listing) KeepsBytes() bool { return l.clock.later() || l.Model.Tombstone != nil }

// Doubt returns why the pages may not have listed everything; "" when nothing speaks
// against it.
func (l *Listing) Doubt() string { return l.Evidence.Doubt(l.Size()) }

// farAhead is how far the remote's clock may be ahead of ours. A time after it would
// make later runs ask for nothing, for as long.
const farAhead = 24 * time.Hour

// Time returns the time to store and where it came from; zero is none. Refused is why
// it may not be stored; "" when it may.
func (l *Listing) Time() (at time.Time, source, refused string) {
	at, source = l.clock.time()
	switch {
	case at.IsZero():
	case at.After(time.Now().Add(farAhead)):
		refused = fmt.Sprintf("the remote's time, %s, is more than a day ahead of this machine's clock", at.Format(time.RFC3339))
	case !l.notModified:
		refused = l.Evidence.NotStored(l.Size())
	}
	return at, source, refused
}

// readTime reads a time as the API spells times.
func (l *Listing) readTime(v remote.Value) (time.Time, error) {
	if l.Times != nil {
		return l.Times.ReadTime(v)
	}
	return readTime(v)
}
