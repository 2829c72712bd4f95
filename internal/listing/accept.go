package listing

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// errNotAsked is the error of an API that leaves out a list without being asked to.
var errNotAsked = errors.New("the remote answered that nothing was modified (304), which it was not asked: let the API set Page.NotModified only for a Request with a Validator")

// Accept takes note of what a page says. Its errors come before anything of the
// page is written; those of the first page, before anything is written at all.
func (l *Listing) Accept(got *page.Received) (*page.Page, error) {
	l.pages++
	if got.NotModified || l.notModified {
		return l.acceptNotModified(got.Page)
	}
	l.Said.changes(got.Page, l.pages == 1 && !l.resumed)
	l.Changes = l.Changes || l.Said.events
	l.Evidence.Page(proof.Page{Total: got.Total, TotalKnown: got.TotalKnown, Records: len(got.Records), More: got.More, Shifting: got.Shifting, Empty: len(got.Objects) == 0, Partial: got.Partial, Unended: got.Unended})
	if l.pages == 1 {
		if err := l.first(got.Page); err != nil {
			return nil, err
		}
	}
	p := &page.Page{Number: got.Number, Position: got.Cursor, From: got, Records: make([]*page.Record, 0, len(got.Records))}
	var index idindex.Index
	repeats := false
	for i := range got.Records {
		r := &got.Records[i]
		if r.Err != nil {
			return nil, &model.RecordError{Record: fmt.Sprintf("no. %d", i+1), Err: r.Err}
		}
		before, twice := index.Add(r.ID, i)
		switch {
		case l.Model.Plan.ByContent():
			number(l, r, twice)
		case twice:
			if !l.Changes && bytes.Equal(r.Object.Raw(), got.Objects[before].Raw()) {
				continue
			}
			if repeats = true; l.again(p, &got.Records[before], r) {
				l.clock.record(r.Object, l.readTime)
				continue
			}
			return nil, &model.RecordError{Record: r.ID.String(), Err: fmt.Errorf("%w: no. %d and no. %d: most likely another attribute is the id, or several together are", report.ErrDuplicateID, before+1, i+1)}
		}
		l.clock.record(r.Object, l.readTime)
		l.Add(p, r)
	}
	if l.pages == 1 && !l.resumed && !l.Since {
		if err := l.clock.check(len(got.Records)); err != nil {
			return nil, err
		}
	}
	if l.Changes && repeats {
		p.Records = latest(p.Records, l.IsGone)
	}
	for i, v := range got.ChangedIDs {
		id, err := l.Model.Plan.ParseNamed(v)
		if err != nil {
			return nil, fmt.Errorf("changed id no. %d: %w", i+1, err)
		}
		p.Named = append(p.Named, id)
	}
	for i, v := range got.DeletedIDs {
		if l.Model.Plan.ByContent() {
			break // it is the id of something that has none here
		}
		id, err := l.Model.Plan.ParseNamed(v)
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

// again takes in what a page lists of a record after what it has listed before, and
// reports whether it can: in a list of changes, and where objects leave out what did
// not change, each is a change, and no other record.
func (l *Listing) again(p *page.Page, before, r *page.Record) bool {
	switch {
	case l.Changes && !r.Listed():
		l.Add(p, r)
		return true
	case !r.Listed():
		return false
	case l.Deletes(before.Object) || l.Deletes(r.Object):
		l.Add(p, r)
		return true
	default:
		return before.Then(r)
	}
}

// latest returns the last of what a page lists of each record that is not gone.
func latest(records []*page.Record, gone func(backend.ID) bool) []*page.Record {
	later := map[backend.ID]struct{}{}
	kept := make([]*page.Record, 0, len(records))
	for _, r := range slices.Backward(records) {
		if _, listed := later[r.ID]; !listed && !gone(r.ID) {
			kept = append(kept, r)
		}
		later[r.ID] = struct{}{}
	}
	slices.Reverse(kept)
	return kept
}

// announce takes note of a deleted id. One that was announced before says nothing new:
// some remotes send the same ids with each page, and the record may have been listed
// in between.
func (l *Listing) announce(id backend.ID) {
	if _, before := l.announced[id]; !before || l.Said.events {
		l.gone[id] = struct{}{}
	}
}

// errParts is a page of last events where objects leave out what did not change.
var errParts = errors.New("the remote tells the last event of each record only, and Partial is declared: what earlier events told would be lost; leave rest.Feed.RecordPath out, so that each record is asked for by itself")

// first takes note of what only the first page says.
func (l *Listing) first(p *remote.Page) error {
	if !l.resumed {
		l.Said.validator = p.Validator
	}
	if p.Events == remote.LastEvents && l.Model.Partial {
		return errParts
	}
	l.Tally.keeps = p.Cursor != "" && l.MayResume
	if len(l.Sources) > 0 && !l.resumed {
		if err := l.clock.start(l.Sources, p, l.Asked); err != nil {
			return err
		}
		l.Said.Now = l.clock.heard()
	}
	if l.Removes && l.Since && !l.resumed && p.DeletedIDs == nil && p.ChangedIDs == nil && l.Model.Tombstone == nil {
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
