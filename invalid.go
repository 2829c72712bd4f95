package synced

import "github.com/syncedgo/synced/internal/declare"

// WhenInvalid is what becomes of records that can't be mapped: [Fail] or
// [Quarantine].
type WhenInvalid interface{ quarantine() *declare.Quarantine }

// Fail fails the run with the record's error. Nothing stays of its transaction.
type Fail struct{}

// Quarantine keeps the record, as received, in the table synced_quarantine, and
// counts it in Result.Quarantined. A row that the record has already stays as it
// is, and no removal takes it. [Handle.Quarantined] lists these records.
//
// The next run of the scope maps the record again, also when the remote does not
// list it: then from what was kept. What can be mapped leaves the quarantine, and
// so does what the remote deleted, or what a complete run no longer lists. Nested
// records of an association are tried again as long as their parent has a row.
type Quarantine struct {
	// Limit is the largest share that a run may quarantine of the records it has
	// seen so far, once it has seen more than 20. Past it the run fails with
	// [ErrTooManyInvalid]. Defaults to 0.1; 1 sets no limit.
	Limit float64
}

var (
	_ WhenInvalid = Fail{}
	_ WhenInvalid = Quarantine{}
)

func (Fail) quarantine() *declare.Quarantine         { return nil }
func (q Quarantine) quarantine() *declare.Quarantine { return &declare.Quarantine{Limit: q.Limit} }

// quarantineOf returns the settings of a choice, nil where records fail the run.
func quarantineOf(i WhenInvalid) *declare.Quarantine {
	if declare.IsNil(i) {
		return nil
	}
	return i.quarantine()
}
