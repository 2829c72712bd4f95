package plan

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/scan"
	"github.com/syncedgo/synced/mapper"
)

// members are those of an object that a type reads, by their names.
type members map[string]*target

// target is what a member fills.
type target struct {
	// field is filled by the member's value; or nil. Where its path has steps, number
	// is its place among such fields, and way how late this way comes.
	field       *field
	stepped     bool
	number, way int
	// below are the members that are read where the value is an object; or nil.
	below members
}

// add adds the members that a field may be filled from. Number is its place among the
// fields whose paths have steps.
func (m members) add(f *field, number int) {
	for way, names := range f.path.Names() {
		at := m
		for _, name := range names[:len(names)-1] {
			to := at.at(name)
			if to.below == nil {
				to.below = members{}
			}
			at = to.below
		}
		to := at.at(names[len(names)-1])
		to.field, to.stepped, to.number, to.way = f, !f.path.Plain(), number, way
	}
}

func (m members) at(name string) *target {
	if m[name] == nil {
		m[name] = &target{}
	}
	return m[name]
}

// fields lists what the members fill, at any depth.
func (m members) fields(yield func(*target) bool) bool {
	for _, to := range m {
		if to.field != nil && !yield(to) || !to.below.fields(yield) {
			return false
		}
	}
	return true
}

// found is the value that an object has at a path with steps, as far as it was read.
type found struct {
	value jsontext.Value // nil for none
	way   int
	// blocked is what stands where the path goes on.
	blocked jsontext.Value
}

// offer keeps a value for a field whose path has steps, until all of the object was
// read: the member with the longest name counts, wherever it stands.
func (r *reader) offer(to *target, value jsontext.Value) {
	if r.found == nil {
		r.found = make([]found, len(r.stepped))
	}
	if at := &r.found[to.number]; at.value == nil || to.way <= at.way {
		at.value, at.way = value, to.way
	}
}

// step reads the members of an object within the object. Null and an empty list, which
// is how PHP writes an empty object, have none; another value is in the way.
func (r *reader) step(below members, value jsontext.Value) {
	switch {
	case value.Kind() == '{':
		err := eachMember(value, func(name, value []byte) bool {
			if to := below[string(name)]; to != nil {
				r.take(to, value)
			}
			return r.failed == nil
		})
		if err != nil {
			r.failed = err
		}
	case value.Kind() == 'n', value.Kind() == '[' && scan.Space(value, 1) == len(value)-1:
	default:
		if r.found == nil {
			r.found = make([]found, len(r.stepped))
		}
		below.fields(func(to *target) bool {
			r.found[to.number].blocked = value
			return true
		})
	}
}

// fill fills the fields whose paths have steps, unless a member failed.
func (r *reader) fill() error {
	if r.failed != nil {
		return r.failed
	}
	for i, at := range r.found {
		f := r.stepped[i]
		switch {
		case !r.wants(f, at.value):
		case at.value != nil:
			if err := f.decode(at.value, r.row.FieldByIndex(f.index), &r.texts); err != nil {
				return err
			}
		case at.blocked != nil:
			err := fmt.Errorf("%s %s is in the place of an object with the value of field %s: correct the json tag, or read that in Map", kindName(at.blocked.Kind()), shorten(string(at.blocked), 60), f.name)
			return &mapper.FieldError{Attribute: f.remote, Field: f.name, Err: err}
		}
	}
	return nil
}
