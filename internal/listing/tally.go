package listing

import (
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/report"
)

// Tally knows the records that a run listed, and what became of them.
type Tally struct {
	seen idset.Undoable // what became of each record
	// fresh are those listed since the last checkpoint, where the pass keeps any.
	fresh []uint64
	keeps bool
	twins twins
}

// What became of a listed record, as the set keeps it. Listed is one that is not
// written yet, or that is gone by its own account.
const (
	listed int8 = iota + 1
	unchanged
	older // not written because its row is newer
	created
	updated
	restored
)

// fates are what outcomes leave in the tally.
var fates = map[backend.Change]int8{backend.Unchanged: unchanged, backend.Created: created, backend.Updated: updated, backend.Restored: restored, backend.Older: older}

// Has reports whether the run listed a record.
func (t *Tally) Has(key uint64) bool { return t.seen.Has(key) }

// Size returns how many records the run listed.
func (t *Tally) Size() int { return t.seen.Len() }

// Written returns how many of the records have a row that is not canceled, as far as
// the run knows: one that is newer than its record may be canceled.
func (t *Tally) Written() int {
	n := 0
	for fate := range t.seen.Kinds() {
		if fate != listed && fate != older {
			n++
		}
	}
	return n
}

// wasWritten reports whether the run wrote a record before, or found it unchanged.
func (t *Tally) wasWritten(key uint64) bool {
	entry := t.seen.Find(key)
	return entry != nil && entry.Kind() != listed && entry.Kind() != older
}

// Unwritten returns the ids of those records that the run has not written.
func (t *Tally) Unwritten(records []*page.Record) []backend.ID {
	var ids []backend.ID
	for _, r := range records {
		if entry := t.seen.Find(r.Key()); entry != nil && entry.Kind() == listed {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Mark begins what Undo goes back on, in a transaction that may be tried again, and
// Keep ends it once that is committed.
func (t *Tally) Mark() { t.seen.Mark() }

// Keep makes what was noted since the mark final.
func (t *Tally) Keep() { t.seen.Keep() }

// Undo goes back to the mark.
func (t *Tally) Undo() { t.seen.Undo() }

// Seen takes note of a record that is listed, but not by a page in hand: by an
// earlier run of the pass, or in quarantine.
func (t *Tally) Seen(key uint64) { t.list(key) }

// list takes note of a record, and reports whether it is the first time.
func (t *Tally) list(key uint64) (first bool) {
	first = t.seen.Add(key, listed)
	if first && t.keeps {
		t.fresh = append(t.fresh, key)
	}
	return first
}

// Keeps reports whether the pass keeps the ids that it lists, for another run to
// resume it.
func (t *Tally) Keeps() bool { return t.keeps }

// Fresh returns the keys that were listed since the last checkpoint. They are valid
// until the next page is accepted.
func (t *Tally) Fresh() []uint64 { return t.fresh }

// Kept takes note that the fresh keys were kept.
func (t *Tally) Kept() { t.fresh = t.fresh[:0] }

// Count returns what became of a page's records. A record that was written before in
// this run moves from one count to another instead of counting twice. So a count may
// be negative: add it to those of the run.
func (t *Tally) Count(p *page.Page) report.Counts {
	var c report.Counts
	for _, key := range p.Same {
		t.count(&c, key, unchanged)
	}
	for _, r := range p.Records {
		if r.Outcome.Err != nil {
			t.quarantined(&c, r.Key())
		} else {
			t.count(&c, r.Key(), fates[r.Outcome.Change])
		}
	}
	return c
}

// CountSame counts the records of a page that was looked at, and whose rows are as
// they were.
func (t *Tally) CountSame(p *page.Page) report.Counts {
	var c report.Counts
	for _, key := range p.Same {
		t.count(&c, key, unchanged)
	}
	return c
}

// quarantined takes note of a record that went into quarantine. Its row no longer
// counts as unchanged; what was written of it before in this run was.
func (t *Tally) quarantined(c *report.Counts, key uint64) {
	entry := t.seen.Find(key)
	if entry == nil {
		return
	}
	switch entry.Kind() {
	case unchanged:
		c.Unchanged--
	case older:
		c.Older--
	default:
		return
	}
	t.seen.Change(key, entry, listed)
}

// count adds what became of a record to the counts.
func (t *Tally) count(c *report.Counts, key uint64, fate int8) {
	entry := t.seen.Find(key)
	if entry == nil {
		return
	}
	switch before := entry.Kind(); {
	case before == listed:
	case before == older && fate != older:
		c.Older--
	case before != unchanged || fate == unchanged || fate == older:
		return
	default:
		c.Unchanged--
	}
	t.seen.Change(key, entry, fate)
	switch fate {
	case created:
		c.Created++
	case updated:
		c.Updated++
	case restored:
		c.Restored++
	case older:
		c.Older++
	default:
		c.Unchanged++
	}
}
