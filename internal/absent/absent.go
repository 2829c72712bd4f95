// Package absent finds which rows go at the end of a run: those that the remote
// says it deleted, and after a complete pass those that it proved not to have.
package absent

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Search is what the search for absent rows needs to know.
type Search struct {
	Maker   *page.Maker
	Listing *listing.Listing
	Removal model.Removal
	// API and Request are whom to ask for absent records, and how.
	API     remote.API
	Request remote.Request
	// Given reports whether the caller gave the records: there is no remote to doubt.
	Given bool
	// Allowed lifts the guards against removing too much.
	Allowed bool
	// Beside is the number of the run from which on it counts what others wrote.
	Beside int64
}

// Found are the rows that go, and what was learnt about the others.
type Found struct {
	// Gone are the rows to remove.
	Gone []backend.ID
	// Asked reports whether the remote was asked for the records of those that it did
	// not list.
	Asked bool
	// Refused is why the rows Withheld are not removed, nil where none are.
	Refused  *report.Refusal
	Withheld []backend.ID
	// ListedNothing reports whether the pass listed nothing although there are rows.
	ListedNothing bool
	// Alive are records that were not listed, and exist, to be written.
	Alive *page.Page
	// Records were received in Requests with Bytes of answers.
	Records, Requests int
	Bytes             int64

	of int // rows in the scope
}

// Find lists the rows to remove. Held is the last page, which is not written yet,
// or nil. What is found is valid even if err is not nil.
func (s *Search) Find(ctx context.Context, held *page.Page) (*Found, error) {
	f := &Found{}
	if s.Listing.NotModified() {
		return f, nil
	}
	if !s.Removal.On() {
		var err error
		f.ListedNothing, err = s.listedNothing(ctx)
		return f, err
	}
	f.Gone = s.Listing.AllGone()
	if s.Listing.Old {
		return f, s.findOld(ctx, f)
	}
	if s.Listing.Since {
		return f, nil
	}
	if none, err := s.noneAbsent(ctx, held); none || err != nil {
		return f, err
	}
	absent, all, err := s.absent(ctx)
	if err != nil {
		return f, err
	}
	f.of = all
	absence := proof.Absence{List: &s.Listing.Evidence, Listed: s.Listing.Size(), Rows: len(absent), Of: all,
		Limit: s.Removal.Limit, Given: s.Given, Always: s.Removal.Verify == model.VerifyAlways, Allowed: s.Allowed}
	f.ListedNothing = all > 0 && absence.Listed == 0 && !s.Given
	if reason := absence.Refused(); reason != "" {
		f.refuse(absent, reason)
		return f, nil
	}
	if absent, err = s.verify(ctx, f, absence, absent); err != nil {
		return f, err
	}
	f.Gone = s.Listing.AllGone() // a record that was asked for may be gone by its own account
	for _, id := range absent {
		if !s.Listing.IsGone(id) {
			f.Gone = append(f.Gone, id)
		}
	}
	return f, nil
}

// listedNothing reports whether a complete pass listed nothing although there are rows,
// where none is looked for.
func (s *Search) listedNothing(ctx context.Context) (bool, error) {
	if s.Given || s.Listing.Since || s.Listing.Size() > 0 {
		return false, nil
	}
	m := s.Maker.Model
	all, _, err := rows.Count(ctx, m.DB, m, s.Maker.Scope, s.Removal, nil)
	if err != nil {
		return false, fmt.Errorf("count the rows: %w", err)
	}
	return all > 0, nil
}

// absent lists the rows that were neither listed nor written by others meanwhile,
// and counts all.
func (s *Search) absent(ctx context.Context) (absent []backend.ID, all int, err error) {
	m := s.Maker.Model
	absent, all, err = rows.Absent(ctx, m.DB, m, s.Maker.Scope, s.Removal, s.Listing.Has)
	if err != nil {
		return nil, 0, fmt.Errorf("find what the remote does not list: %w", err)
	}
	if len(absent) > 0 {
		absent, err = s.Unseen(ctx, m.DB, absent)
	}
	return absent, all, err
}

// noneAbsent reports whether every row of the scope was listed, where that is
// plain: the records that were written and the rows of the last page are as many as
// the rows. Most runs end so, and none of the ids is read, which took a tenth of
// their time.
func (s *Search) noneAbsent(ctx context.Context, held *page.Page) (bool, error) {
	if held == nil {
		return false, nil
	}
	listed := s.Listing.Written() + len(held.Same)
	if listed == 0 {
		return false, nil
	}
	m := s.Maker.Model
	all, others, err := rows.Count(ctx, m.DB, m, s.Maker.Scope, s.Removal, s.Listing.Unwritten(held.Records))
	if err != nil {
		return false, fmt.Errorf("count the rows: %w", err)
	}
	return all == listed+others, nil
}

// Unseen leaves out absent rows that others wrote while the pass was under way.
func (s *Search) Unseen(ctx context.Context, q backend.Querier, absent []backend.ID) ([]backend.ID, error) {
	touched := map[uint64]bool{}
	if err := ledger.EachBeside(ctx, q, s.Maker.Model.Scope(s.Maker.Scope), s.Beside, func(key uint64) { touched[key] = true }); err != nil {
		return nil, fmt.Errorf("find what others wrote meanwhile: %w", err)
	}
	return slices.DeleteFunc(absent, func(id backend.ID) bool {
		return touched[idset.Key(id)] && !s.Listing.IsGone(id)
	}), nil
}

// Settle returns the rows that still go in the transaction that removes them: others
// may have written some since they were found. Those are no longer withheld either.
func (s *Search) Settle(ctx context.Context, tx backend.Querier, f *Found) ([]backend.ID, error) {
	if s.Listing.Since && !s.Listing.Old && f.Refused == nil || len(f.Gone)+len(f.Withheld) == 0 {
		return f.Gone, nil
	}
	if f.Refused != nil {
		withheld, err := s.Unseen(ctx, tx, slices.Clone(f.Withheld))
		if err != nil {
			return nil, err
		}
		if f.Withheld, f.Refused.Rows = withheld, len(withheld); len(withheld) == 0 {
			f.Refused = nil
		}
	}
	return s.Unseen(ctx, tx, slices.Clone(f.Gone))
}

// Withholds returns why rows that a complete pass did not list stay; "" where none do.
func (f *Found) Withholds() string {
	switch {
	case f.Refused != nil:
		return f.Refused.Reason
	case f.ListedNothing && len(f.Gone) == 0:
		return proof.ListedNothing
	default:
		return ""
	}
}

// pay takes note of what single records cost.
func (f *Found) pay(c cost.Cost) {
	f.Requests += c.Requests
	f.Bytes += c.Bytes
}

// refuse notes rows that are not removed, and why.
func (f *Found) refuse(withheld []backend.ID, reason string) {
	f.Withheld = withheld
	f.Refused = &report.Refusal{Rows: len(withheld), Of: f.of, Reason: reason}
}

// because puts why the list alone proves too little before what the remote said of its
// records: that is what to mend first.
func (f *Found) because(doubt string) {
	if f.Refused != nil && doubt != "" {
		f.Refused.Reason = doubt + "; and " + f.Refused.Reason
	}
}
