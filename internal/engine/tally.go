package engine

import (
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/report"
)

// tally knows the records that the run listed, and what became of them.
type tally struct {
	seen idset.Set // by idset.Key; kinds are those of changes, and those below; 0 is unchanged
	// fresh are those listed since the last checkpoint, where the pass keeps any.
	fresh []uint64
	keeps bool
}

// listed marks a record that is not written yet, or that is gone by its own
// account, and older one that was not written because its row is newer.
const (
	listed report.Kind = -1 - iota
	older
)

func (t *tally) has(key uint64) bool {
	return t.seen.Has(key)
}

// size is how many records the run listed.
func (t *tally) size() int { return t.seen.Len() }

// written is how many of the records have a row, as far as the run knows.
func (t *tally) written() int {
	n := 0
	for kind := range t.seen.Kinds() {
		if report.Kind(kind) != listed {
			n++
		}
	}
	return n
}

// list takes note of a record, and says whether it is the first time.
func (t *tally) list(key uint64) (first bool) {
	first = t.seen.Add(key, int8(listed))
	if first && t.keeps {
		t.fresh = append(t.fresh, key)
	}
	return first
}

// aside takes note of a record that was set aside. Its row counts as unchanged
// no more; what was written of it before in this run was.
func (t *tally) aside(c *report.Counts, key uint64) {
	kept := t.seen.Find(key)
	if kept == nil {
		return
	}
	switch report.Kind(kept.Kind()) {
	case 0:
		c.Unchanged--
	case older:
		c.Older--
	default:
		return
	}
	kept.Set(int8(listed))
}

// count adds what became of a record to the counts. When the record was written
// before in this run, its count moves instead of growing.
func (t *tally) count(c *report.Counts, key uint64, kind report.Kind) {
	kept := t.seen.Find(key)
	if kept == nil {
		return
	}
	switch before := report.Kind(kept.Kind()); {
	case before == listed:
	case before == older && kind != older:
		c.Older--
	case before != 0 || kind == 0 || kind == older:
		return
	default:
		c.Unchanged--
	}
	kept.Set(int8(kind))
	switch kind {
	case report.Created:
		c.Created++
	case report.Updated:
		c.Updated++
	case report.Restored:
		c.Restored++
	case older:
		c.Older++
	default:
		c.Unchanged++
	}
}
