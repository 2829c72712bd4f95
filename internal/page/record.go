// Package page has pages on their way into a table, and what is known of each of
// their records.
package page

import (
	"errors"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
)

// Record is one record on its way: what was received, what it is mapped to, and
// what became of it.
type Record struct {
	// Record is what the store is given: the id, the fingerprint, how its row is
	// stored as far as somebody has looked, and how to map it.
	backend.Record
	Object remote.Object
	// Err is why the record's id can't be read. Nothing else is known of it then.
	Err error
	// Waits are the parents that the record names and that have no row.
	Waits []Wait
	// Quarantined is the record as it lay in quarantine, or nil.
	Quarantined *ledger.Quarantined
	// Outcome is what became of the row, once it is written.
	Outcome backend.Outcome
	// Named reports whether of the record, as it was received, only the id is known.
	Named bool
	// Of is the record that this one is nested in, or nil.
	Of *Record
	// Nested are the records that are nested in this one, at any depth, where a look found
	// that their rows and this one's are as they should be.
	Nested []Nested

	maker *Maker
	keys  keys
	from  *Received // that lists it, or nil
	early *early    // what it was mapped to before it was asked for, or nil
	// partial is set where the object may leave out attributes.
	partial *partial
	// refused is why the record can't be mapped, whatever its object is, or nil.
	refused error
}

// Nested are records, by their ids, that are nested in another by an association.
type Nested struct {
	Of  *model.Association
	IDs []backend.ID
}

// Wait is a parent that has no row.
type Wait struct {
	Parent *model.Parent
	ID     backend.ID
}

// WaitsIn returns the parent that the record waits for in a column, or nil.
func (r *Record) WaitsIn(column string) *Wait {
	for i := range r.Waits {
		if r.Waits[i].Parent.Column == column {
			return &r.Waits[i]
		}
	}
	return nil
}

// Key returns the record's id in the form in which sets of ids keep it.
func (r *Record) Key() uint64 { return idset.Key(r.ID) }

// Left reports whether a written record's row stays as it is, with all that belongs
// to it: the record went into quarantine, or is older.
func (r *Record) Left() bool { return r.Outcome.Err != nil || r.Outcome.Change == backend.Older }

// Appeared reports whether the record's row was not there before it was written.
func (r *Record) Appeared() bool {
	return r.Outcome.Err == nil && (r.Outcome.Change == backend.Created || r.Outcome.Change == backend.Restored)
}

// Fill sets what else than the object fills a column of the record.
func (r *Record) Fill(key plan.Key) {
	r.keys.fill(key)
	r.early = nil // what was mapped before does not have it
}

// Rename gives the record another id: that of a twin, or the one that it was found by.
func (r *Record) Rename(id backend.ID) {
	r.ID, r.Look, r.early = id, backend.Unseen, nil
}

// Refused puts what a database says of the record's row into the path of the record,
// and of the attribute that is at fault.
func (r *Record) Refused(refused *backend.RefusedError) error {
	if len(refused.Columns) == 0 {
		return r.fail(refused)
	}
	return r.fail(r.maker.Model.Plan.Refused(refused.Columns[0], refused))
}

// Refuse makes the mapping of the record fail.
func (r *Record) Refuse(err error) { r.refused, r.early = err, nil }

// errBare is why an object is no record: it would make every column empty.
var errBare = errors.New("the object has none of the attributes that the model reads: if that is how the remote shows a deleted record, declare a Tombstone; else check which attributes it sends")

// early is what came of mapping a record.
type early struct {
	row backend.Row
	err error
}

// Map implements [backend.Mapper].
func (r *Record) Map() (backend.Row, error) {
	if r.early != nil {
		return r.early.row, r.early.err
	}
	return r.row(new(plan.Shelf))
}

// row maps the record.
func (r *Record) row(shelf *plan.Shelf) (backend.Row, error) {
	if r.refused != nil {
		return backend.Row{}, r.refused
	}
	if err := r.lacks(); err != nil {
		return backend.Row{}, r.fail(err)
	}
	if r.from != nil {
		r.from.mapped.Store(true)
	}
	m := r.maker.Model
	var few [3]plan.Key
	keys := append(append(few[:0], r.keys.list...), plan.Key{Column: m.Table.Scope, Value: r.maker.Scope})
	if m.Plan.ByContent() {
		keys = append(keys, plan.Key{Column: m.Table.ID, Value: m.Table.RemoteID(r.ID).Value()})
	}
	row, err := m.Plan.MapOn(shelf, r.Object, keys...)
	if err == nil && r.Of == nil && m.Bare(r.Object) {
		err = errBare
	}
	if err == nil && m.Quarantine.On {
		err = m.CheckNested(r.Object)
	}
	if err != nil {
		return row, r.fail(err)
	}
	return row, nil
}

// fail puts an error into the path of the record, and of those that it is nested
// in.
func (r *Record) fail(err error) error {
	err = &model.RecordError{Record: r.maker.Model.Table.RemoteID(r.ID).String(), Err: err}
	if r.Of != nil {
		err = &model.RecordError{Record: r.Of.ID.String(), Err: nested(r.maker.Model, err)}
	}
	return err
}
