package write

import (
	"context"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/report"
)

// quarantine are the records that a run put into quarantine, or left there.
type quarantine struct {
	kept map[uint64]struct{}
	// before is how many an interrupted run of the same pass had put there.
	before int
	// nested is whose nested records these are, "" for those of the API: the parent's
	// table and attribute.
	nested string
}

// fewRecords is how many records a run may see for any share of them to go into
// quarantine.
const fewRecords = 20

// tooMany reports whether more records went into quarantine than a share of those
// seen.
func tooMany(invalid, seen int, limit float64) bool {
	return seen > fewRecords && float64(invalid) > limit*float64(seen)
}

// Quarantined returns how many records the pass has put into quarantine.
func (w *Writer) Quarantined() int { return w.quarantine.before + len(w.quarantine.kept) }

// Resume takes over how many records an interrupted run of the pass had put into
// quarantine.
func (w *Writer) Resume(quarantined int) { w.quarantine.before = quarantined }

// release takes the records of a page out of quarantine, once. Those that are
// invalid still go back; the rows of all of them are written after that, so that
// two runs wait for each other here.
func (w *Writer) release(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	if p.Released || len(p.Records) == 0 || !w.Model.Quarantines() {
		return nil
	}
	lay, err := ledger.TakeQuarantined(ctx, tx, w.Model.Scope(w.Scope), p.IDs())
	return w.released(p, lay, err)
}

// releaseFamily takes nested records out of quarantine: those of a page, and those
// that its parents have had.
func (w *Writer) releaseFamily(ctx context.Context, tx *commit.Tx, f *Family) error {
	if !w.Model.Quarantines() {
		return nil
	}
	lay, err := ledger.TakeFamilies(ctx, tx, w.Model.Scope(w.Scope), f.IDs(), w.quarantine.nested, f.keys)
	return w.released(&f.Page, lay, err)
}

// released notes of records how they lay in quarantine.
func (w *Writer) released(p *page.Page, lay []ledger.Quarantined, err error) error {
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	p.Released = true
	if len(lay) == 0 {
		return nil
	}
	by := make(map[string]*ledger.Quarantined, len(lay))
	for i := range lay {
		by[lay[i].ID] = &lay[i]
	}
	for _, r := range p.Records {
		r.Quarantined = by[r.ID.String()]
	}
	return nil
}

// keepInvalid puts the records of a written page into quarantine that could not be
// mapped, and puts back what lay there of a record that came in an older version.
func (w *Writer) keepInvalid(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	now := backend.Moment(time.Now())
	var keep []ledger.Quarantined
	var last error
	for _, r := range p.Records {
		if r.Quarantined != nil && r.Outcome.Change == backend.Older && !p.Retried {
			keep = append(keep, *r.Quarantined)
			continue
		}
		if r.Outcome.Err == nil {
			delete(w.quarantine.kept, r.Key())
			continue
		}
		if last = r.Outcome.Err; plan.BrokenRule(last) {
			return last
		}
		keep = append(keep, w.invalid(r, now))
		w.quarantine.kept[r.Key()] = struct{}{}
	}
	number := len(w.quarantine.kept)
	tx.After(func() { w.Counts.Quarantined = number })
	if seen := w.Listing.Size(); last != nil && !p.Retried && tooMany(w.Quarantined(), seen, w.Model.QuarantineLimit) {
		return fmt.Errorf("%w: %d of %d records, more than %.4g %%; the last is %v", report.ErrTooManyInvalid, w.Quarantined(), seen, 100*w.Model.QuarantineLimit, model.Shown(last))
	}
	if err := ledger.PutQuarantined(ctx, tx, w.Model.Scope(w.Scope), keep); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// invalid returns a record as it goes into quarantine. Its attempts are counted once
// a run.
func (w *Writer) invalid(r *page.Record, now time.Time) ledger.Quarantined {
	q := ledger.Quarantined{First: now}
	if r.Quarantined != nil {
		q = *r.Quarantined
	}
	if _, again := w.quarantine.kept[r.Key()]; !again {
		q.Attempts++
	}
	q.ID, q.Attempts, q.Last = r.ID.String(), max(1, q.Attempts), now
	q.Object, q.Error = string(r.Object.Raw()), model.Reason(r.Outcome.Err)
	q.ParentType, q.Parent = w.quarantine.nested, ""
	if q.ParentType != "" {
		q.Parent = r.Parent.String()
	}
	return q
}
