package write

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// quarantine are the records that a run put into quarantine, or left there.
type quarantine struct {
	m     *model.Model
	scope ledger.Scope
	kept  map[uint64]struct{}
	// before is how many an interrupted run of the same pass had put there.
	before int
	// earlier are those that the run put there of lists before the one in hand.
	earlier map[uint64]struct{}
	// unasked is why records could not be asked for by themselves.
	unasked map[backend.ID]error
	// nested is whose nested records these are, "" for those of the API: the parent's
	// table and attribute.
	nested string
	// shared reports whether several parents may have the same record.
	shared bool
}

// count returns how many records this run has put into quarantine.
func (q *quarantine) count() int {
	n := len(q.kept)
	for key := range q.earlier {
		if _, again := q.kept[key]; !again {
			n++
		}
	}
	return n
}

// renew turns to another list.
func (q *quarantine) renew() {
	if q.earlier == nil {
		q.earlier = map[uint64]struct{}{}
	}
	maps.Copy(q.earlier, q.kept)
	q.kept = map[uint64]struct{}{}
}

// fewRecords is how many records a run may see for any share of them to go into
// quarantine.
const fewRecords = 20

// tooMany reports whether more records went into quarantine than a share of those
// seen.
func tooMany(invalid, seen int, limit float64) bool {
	return seen > fewRecords && float64(invalid) > limit*float64(seen)
}

// release takes the records of a page out of quarantine, once. Those that are
// invalid still go back; the rows of all of them are written after that, so that
// two runs wait for each other here.
func (q *quarantine) release(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	if p.Released || len(p.Records) == 0 || !q.m.Quarantines() {
		return nil
	}
	lay, err := ledger.TakeQuarantined(ctx, tx, q.scope, p.IDs())
	return released(p, lay, err)
}

// releaseFamily takes nested records out of quarantine: those of a page, and those
// that its parents have had, unless others may have them, too.
func (q *quarantine) releaseFamily(ctx context.Context, tx *commit.Tx, f *Family) error {
	if !q.m.Quarantines() {
		return nil
	}
	parents := f.keys
	if q.shared {
		parents = nil
	}
	lay, err := ledger.TakeFamilies(ctx, tx, q.scope, f.IDs(), q.nested, parents)
	return released(&f.Page, lay, err)
}

// released notes of records how they lay in quarantine.
func released(p *page.Page, lay []ledger.Quarantined, err error) error {
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

// keep puts the records of a written page into quarantine that could not be mapped,
// and puts back what lay there of a record that came in an older version. Seen is
// how many records the run listed.
func (q *quarantine) keep(ctx context.Context, tx *commit.Tx, j *journal, p *page.Page, seen int) error {
	now := backend.Moment(time.Now())
	var keep []ledger.Quarantined
	var told observe.Quarantined
	var last error
	for _, r := range p.Records {
		if r.Quarantined != nil && r.Outcome.Change == backend.Older && !p.Retried {
			keep = append(keep, *r.Quarantined)
			continue
		}
		if r.Outcome.Err == nil {
			drop(j, q.kept, r.Key())
			drop(j, q.earlier, r.Key())
			continue
		}
		if last = r.Outcome.Err; plan.BrokenRule(last) {
			return last
		}
		keep = append(keep, q.invalid(ctx, r, now))
		told.IDs, told.Reason = append(told.IDs, secret.Of(ctx).In(r.ID.String())), keep[len(keep)-1].Error
		put(j, q.kept, r.Key(), struct{}{})
	}
	all, limit := q.before+len(q.kept), q.m.Quarantine.Limit
	if last != nil && !p.Retried && tooMany(all, seen, limit) {
		return fmt.Errorf("%w: %d of %d records, more than %.4g %%; the last is %v: see whether the API has changed, and change the model, or raise Quarantine.Limit", report.ErrTooManyInvalid, all, seen, 100*limit, model.Shown(ctx, last))
	}
	if err := ledger.PutQuarantined(ctx, tx, q.scope, keep); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if len(told.IDs) > 0 {
		told.Model = q.m.Table.Name
		tx.After(func() { observe.Tell(ctx, told) })
	}
	return nil
}

// invalid returns a record as it goes into quarantine. Its attempts are counted once
// a run.
func (q *quarantine) invalid(ctx context.Context, r *page.Record, now time.Time) ledger.Quarantined {
	kept := ledger.Quarantined{First: now}
	if r.Quarantined != nil {
		kept = *r.Quarantined
	}
	_, again := q.kept[r.Key()]
	if _, before := q.earlier[r.Key()]; !again && !before {
		kept.Attempts++
	}
	kept.ID, kept.Attempts, kept.Last = r.ID.String(), max(1, kept.Attempts), now
	kept.Object, kept.Partial, kept.Error = string(r.Object.Raw()), r.Part(), model.Reason(ctx, r.Outcome.Err)
	kept.ParentType, kept.Parent = q.nested, ""
	if q.nested != "" {
		kept.Parent = r.Parent.String()
	}
	return kept
}

// taken is a record that was taken out of quarantine.
type taken struct {
	ledger.Quarantined
	id     backend.ID
	object remote.Object
}

// take takes records out of quarantine, in the order of the ids. Those that another
// run has dealt with are not among them.
func (q *quarantine) take(ctx context.Context, tx *commit.Tx, ids []backend.ID) ([]taken, error) {
	lay, err := ledger.TakeQuarantined(ctx, tx, q.scope, ids)
	if err != nil {
		return nil, err
	}
	by := make(map[string]ledger.Quarantined, len(lay))
	for _, record := range lay {
		by[record.ID] = record
	}
	list := make([]taken, 0, len(lay))
	for _, id := range ids {
		record, ok := by[id.String()]
		if !ok {
			continue
		}
		o, err := remote.KeptObject([]byte(record.Object))
		if err != nil {
			return nil, &model.RecordError{Record: record.ID, Err: err}
		}
		list = append(list, taken{record, id, q.m.Redactor.Kept(o)})
	}
	return list, nil
}

// lying lists the records in quarantine that are nested as these are.
func (q *quarantine) lying(ctx context.Context, tx *commit.Tx) ([]backend.ID, error) {
	texts, err := ledger.QuarantinedIDs(ctx, tx, q.scope, q.nested)
	if err != nil {
		return nil, err
	}
	ids := make([]backend.ID, len(texts))
	for i, text := range texts {
		if ids[i], err = q.m.Table.ParseID(text); err != nil {
			return nil, &model.RecordError{Record: text, Err: err}
		}
	}
	return ids, nil
}
