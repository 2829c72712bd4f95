package idset

import (
	"iter"
	"math"
)

// Undoable is a set that can go back to how it was when it was marked, for a
// transaction that is tried again. Its zero value is empty, and not marked.
type Undoable struct {
	set    Set
	marked bool
	was    []was // since the mark, in order
	absent int   // keys that were undone, which the set keeps as absent
}

// was is the kind that a key had.
type was struct {
	key  uint64
	kind int8
}

// absent is the kind of a key that the set does not have: one that was undone.
const absent = math.MaxInt8

// Mark begins what Undo goes back on, until Undo or Keep.
func (u *Undoable) Mark() { u.marked, u.was = true, u.was[:0] }

// Keep makes what happened since the mark final.
func (u *Undoable) Keep() { u.marked, u.was = false, u.was[:0] }

// Undo goes back to the mark.
func (u *Undoable) Undo() {
	for i := len(u.was) - 1; i >= 0; i-- {
		if u.was[i].kind == absent {
			u.absent++
		}
		u.set.Find(u.was[i].key).Set(u.was[i].kind)
	}
	u.Keep()
}

// Len returns how many keys the set has.
func (u *Undoable) Len() int { return u.set.Len() - u.absent }

// Find returns the entry of a key, or nil where the set does not have it. Change it
// with Change.
func (u *Undoable) Find(key uint64) *Entry {
	if e := u.set.Find(key); e != nil && e.Kind() != absent {
		return e
	}
	return nil
}

// Has reports whether the set has a key.
func (u *Undoable) Has(key uint64) bool { return u.Find(key) != nil }

// Kinds yields the kind of each key, in no order.
func (u *Undoable) Kinds() iter.Seq[int8] {
	return func(yield func(int8) bool) {
		for kind := range u.set.Kinds() {
			if kind != absent && !yield(kind) {
				return
			}
		}
	}
}

// Add keeps a kind for a key that is new, and reports whether it was. The kind of a
// key that the set has stays.
func (u *Undoable) Add(key uint64, kind int8) (added bool) {
	added = u.set.Add(key, kind)
	if !added && u.absent > 0 {
		if e := u.set.Find(key); e.Kind() == absent {
			e.Set(kind)
			u.absent--
			added = true
		}
	}
	if added {
		u.note(key, absent)
	}
	return added
}

// Change gives the entry of a key another kind.
func (u *Undoable) Change(key uint64, e *Entry, kind int8) {
	u.note(key, e.Kind())
	e.Set(kind)
}

func (u *Undoable) note(key uint64, kind int8) {
	if u.marked {
		u.was = append(u.was, was{key, kind})
	}
}
