package engine

import "github.com/syncedgo/synced/report"

// tally knows the records that the run listed, and what became of them.
type tally struct {
	seen map[uint64]report.Kind // by idKey; 0 is unchanged
	// fresh are those listed since the last checkpoint, where the pass keeps any.
	fresh []uint64
	keeps bool
}

func newTally() tally { return tally{seen: map[uint64]report.Kind{}} }

// listed marks a record that is not written yet, or that is gone by its own
// account.
const listed report.Kind = -1

func (t *tally) has(key uint64) bool {
	_, ok := t.seen[key]
	return ok
}

// list takes note of a record.
func (t *tally) list(key uint64) {
	if t.has(key) {
		return
	}
	t.seen[key] = listed
	if t.keeps {
		t.fresh = append(t.fresh, key)
	}
}

// aside takes note of a record that was set aside. Its row counts as unchanged
// no more; what was written of it before in this run was.
func (t *tally) aside(r *report.Result, key uint64) {
	if before := t.seen[key]; before == 0 {
		r.Unchanged--
		t.seen[key] = listed
	}
}

// count adds what became of a record to the result. When the record was written
// before in this run, its count moves instead of growing.
func (t *tally) count(r *report.Result, key uint64, kind report.Kind) {
	before := t.seen[key]
	if before != listed && (kind == 0 || before != 0) {
		return
	}
	if before != listed {
		r.Unchanged--
	}
	t.seen[key] = kind
	switch kind {
	case report.Created:
		r.Created++
	case report.Updated:
		r.Updated++
	case report.Restored:
		r.Restored++
	default:
		r.Unchanged++
	}
}
