package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// fewRecords is how many records a run may see for any share of them to be set
// aside.
const fewRecords = 20

// takePage takes the records of a page out of quarantine. Those that are bad
// still go back; the rows of all of them are written after that, so that two
// runs wait for each other here.
func (r *run) takePage(ctx context.Context, tx backend.Tx, p *page) error {
	if p.held != nil || len(p.rows) == 0 {
		return nil
	}
	ids := make([]backend.ID, len(p.rows))
	for i, row := range p.rows {
		ids[i] = row.ID
	}
	return r.take(p, func(s ledger.Scope) ([]ledger.Quarantined, error) { return ledger.TakeQuarantined(ctx, tx, s, ids) })
}

// takeFamily takes nested records out of quarantine: those of a page, and those
// that its parents have had.
func (r *run) takeFamily(ctx context.Context, tx backend.Tx, f *family) error {
	ids := make([]backend.ID, len(f.rows))
	for i, row := range f.rows {
		ids[i] = row.ID
	}
	return r.take(&f.page, func(s ledger.Scope) ([]ledger.Quarantined, error) {
		return ledger.TakeFamilies(ctx, tx, s, ids, r.parent, f.parents)
	})
}

func (r *run) take(p *page, which func(ledger.Scope) ([]ledger.Quarantined, error)) error {
	if !r.m.Quarantine && !r.m.Leftover {
		return nil
	}
	list, err := which(r.m.scope(r.call.Scope))
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	p.held = make(map[backend.ID]ledger.Quarantined, len(list))
	for _, record := range list {
		id, err := r.m.parseID(record.ID)
		if err != nil {
			return &recordError{record.ID, fmt.Errorf("quarantine: %w", err)}
		}
		p.held[id] = record
	}
	return nil
}

// setAside puts the records of a page into quarantine that could not be mapped,
// and puts back what lay there of a record that came in an older version.
func (r *run) setAside(ctx context.Context, tx backend.Tx, p *page, outcomes []backend.Outcome) error {
	now := time.Now()
	var bad, kept []ledger.Quarantined
	var last error
	for i, row := range p.rows {
		key := idset.Key(row.ID)
		_, again := r.aside[key]
		if h, ok := p.held[row.ID]; ok && outcomes[i].Change == backend.Older && !r.retrying {
			kept = append(kept, h)
			continue
		}
		if outcomes[i].Err == nil {
			delete(r.aside, key)
			continue
		}
		if last = outcomes[i].Err; plan.BrokenRule(last) {
			return last
		}
		r.aside[key] = struct{}{}
		h, ok := p.held[row.ID]
		if !ok {
			h.First = now
		}
		if !again {
			h.Attempts++ // one a run
		}
		parent := ""
		if r.parent != "" {
			parent = row.Parent.String()
		}
		bad = append(bad, ledger.Quarantined{ID: row.ID.String(), ParentType: r.parent, Parent: parent,
			Object: string(p.objects[i].Raw()), Error: reason(last), Attempts: max(1, h.Attempts), First: h.First, Last: now})
	}
	number := len(r.aside)
	r.committed(func() { r.result.Quarantined = number })
	if len(bad) == 0 {
		return r.put(ctx, tx, kept)
	}
	seen, all := r.tally.size(), r.progress.aside+number
	if !r.retrying && seen > fewRecords && float64(all) > r.m.QuarantineLimit*float64(seen) {
		return fmt.Errorf("%w: %d of %d records, more than %.4g %%; the last is %v", report.ErrTooManyInvalid, all, seen, 100*r.m.QuarantineLimit, shown(last))
	}
	return r.put(ctx, tx, append(bad, kept...))
}

// put adds records to quarantine. What another run has put there meanwhile is
// replaced.
func (r *run) put(ctx context.Context, tx backend.Tx, records []ledger.Quarantined) error {
	if err := ledger.PutQuarantined(ctx, tx, r.m.scope(r.call.Scope), records); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// mapped are the records of a page, or why a run would set them aside, and which
// of them it would not write because their rows are newer.
type mapped struct {
	records []backend.Row
	bad     []error
	older   []bool
}

// mapAll maps the records of a page.
func (r *run) mapAll(ctx context.Context, q backend.Querier, p *page) (mapped, error) {
	m := mapped{make([]backend.Row, len(p.rows)), make([]error, len(p.rows)), make([]bool, len(p.rows))}
	var ids []backend.ID
	var good []backend.Row
	for i, row := range p.rows {
		var err error
		if m.records[i], err = row.Map(); err != nil && (!row.Quarantine || plan.BrokenRule(err)) {
			return m, err
		}
		if m.bad[i] = err; err == nil {
			ids, good = append(ids, row.ID), append(good, m.records[i])
		}
	}
	older, err := q.Older(ctx, r.m.Table, r.call.Scope, ids, good)
	if err != nil {
		return m, fmt.Errorf("compare versions: %w", err)
	}
	for i, row := range p.rows {
		m.older[i] = older[row.ID]
	}
	return m, nil
}

// keyOf leaves the records that a run would not write out of those that have a
// local key.
func (m mapped) keyOf(key func(i int) (backend.ID, bool)) func(i int) (backend.ID, bool) {
	return func(i int) (backend.ID, bool) {
		if m.bad[i] != nil || m.older[i] {
			return backend.ID{}, false
		}
		return key(i)
	}
}

// shown is an error as others quote it: in one line, and short.
func shown(err error) string {
	const most = 500
	text := []rune(strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "\uFFFD"), "\x00", "\u2400")), " "))
	if len(text) > most {
		text = append(text[:most-1], '…')
	}
	return string(text)
}

// reason is why a record can't be mapped, without the path to it.
func reason(err error) string {
	for record := (*recordError)(nil); errors.As(err, &record); {
		err = record.err
	}
	return shown(err)
}

// checkNested finds attributes that do not hold the nested objects that they
// should.
func (m *Model) checkNested(o remote.Object) error {
	for i := range m.Associations {
		if _, _, err := m.Associations[i].objects(o); err != nil {
			return err
		}
	}
	return nil
}
