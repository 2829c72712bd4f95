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
	// Asked is when the first page was asked for, by the local clock.
	Asked time.Time
	// MayResume reports whether a later run may resume the pass.
	MayResume bool
}

// Listing is what the remote said so far.
type Listing struct {
	Tally
	Rules
	// Conditional reports whether the remote may answer that nothing was modified.
	Conditional bool

	gone     map[backend.ID]struct{} // deleted by the remote's own account, and not listed since
	clock    clock
	totals   totals
	shifting bool
	pages    int
	resumed  bool
	// validator is the first page's.
	validator   string
	notModified bool
}

// New returns a listing of which no page has come.
func New(rules Rules) *Listing {
	return &Listing{Rules: rules, gone: map[backend.ID]struct{}{}}
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
	l.totals.add(got.Page)
	l.shifting = l.shifting || got.Shifting
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
		if err := l.clock.record(r.Object); err != nil {
			return nil, &model.RecordError{Record: r.ID.String(), Err: err}
		}
		l.Add(p, r)
	}
	for i, v := range got.DeletedIDs {
		id, err := l.Model.Plan.ParseID(v)
		if err != nil {
			return nil, fmt.Errorf("deleted id no. %d: %w", i+1, err)
		}
		if _, both := index.Find(id); !both {
			l.gone[id] = struct{}{}
		}
	}
	return p, nil
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
	}
	if l.Deletes(r.Object) {
		l.gone[r.ID] = struct{}{}
		return
	}
	delete(l.gone, r.ID)
	if r.Look == backend.Same {
		p.Same = append(p.Same, r.Key())
		return
	}
	p.Records = append(p.Records, r)
}

// Deletes reports whether a listed object says that its record was deleted, where
// removal is on.
func (l *Listing) Deletes(o remote.Object) bool {
	return l.Removes && l.Model.Tombstone != nil && l.Model.Tombstone(o)
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

// Shifting reports whether the pages are cut by position: what others do to the
// list while it is read may hide a record.
func (l *Listing) Shifting() bool { return l.shifting }

// Validator returns what the first page brought to ask with next time, or "".
func (l *Listing) Validator() string { return l.validator }

// KeepsBytes reports whether the listing needs the bytes of records that it has
// accepted, or has shown them to somebody else.
func (l *Listing) KeepsBytes() bool { return l.clock.later || l.Model.Tombstone != nil }

// Doubt returns why the pages may not have listed everything; "" when nothing speaks
// against it.
func (l *Listing) Doubt() string { return l.totals.doubt(l.Size()) }

// Time returns the time to store and where it came from; zero is none. Missed is why
// it may not be stored; "" when nothing speaks against it.
func (l *Listing) Time() (at time.Time, source, missed string) {
	if l.shifting && !l.clock.at.IsZero() {
		missed = l.totals.missed(l.Size())
	}
	return l.clock.at, l.clock.name(), missed
}
