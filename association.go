package synced

import (
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
)

// Association ties a model to one whose objects are nested in its own: the photos
// of a rental. The nested objects become rows of the child model, in the
// transaction of their parents, and are asked for by the parent's requests
// (Include). [HasMany] and [HasOne] make one.
//
// The child's type has a field for the local key of its parent, tagged
// synced:"parent". A child is known by its remote id, in its own scope: in the
// parent's where the child declares a Scope, and in the whole table where it does
// not. If another parent lists it, it moves to that parent.
//
// Where removal is on in the parent's run, children that a listed parent no longer
// lists are removed, as the child declares, or else deleted; a parent that does not
// have the attribute at all says nothing about its children. Children of parents
// that are deleted are deleted before them.
type Association struct{ declared declare.Association }

// HasMany is an association with a list of objects in an attribute, "photos" or
// "links.photos". Column is the child's, for the parent's local key.
func HasMany[C any](child *Model[C], attribute, column string) Association {
	return Association{declare.Association{Attribute: attribute, Column: column, Child: child.bound()}}
}

// HasOne is an association with one object in an attribute, or null.
func HasOne[C any](child *Model[C], attribute, column string) Association {
	return Association{declare.Association{Attribute: attribute, Column: column, One: true, Child: child.bound()}}
}

func associations(list []Association) []declare.Association {
	declared := make([]declare.Association, len(list))
	for i, a := range list {
		declared[i] = a.declared
	}
	return declared
}

// Parent ties rows to those of another model, by a remote id in their objects:
// "links.rental" of a photo. The column keeps the local key of the parent; its
// field is tagged synced:"parent". [BelongsTo] makes one.
type Parent struct{ declared declare.Parent }

// WhenMissing says what to do about a parent that has no row yet.
type WhenMissing int

const (
	// MissingNull leaves the column null, and fills it when the parent arrives: in
	// the parent's run, in the transaction that creates it, where both models are
	// declared in one process, or else in the child's next run. OnChange is not told
	// of that. It is the default.
	MissingNull = WhenMissing(model.LeaveNull)
	// MissingFetch asks the parent's API for the parent, once a run, before the page
	// is written, and keeps it in its own transaction, even if the run fails. The API
	// is a remote.Getter. A parent that it does not have leaves the column null.
	MissingFetch = WhenMissing(model.Fetch)
	// MissingFail ends the run with an error that names the record.
	MissingFail = WhenMissing(model.FailRun)
)

// BelongsTo ties rows to a parent whose remote id is in an attribute, a name or a
// path of names.
func BelongsTo[P any](parent *Model[P], attribute, column string, missing WhenMissing) Parent {
	return Parent{declare.Parent{Attribute: attribute, Column: column, Missing: model.Missing(missing), Model: parent.bound()}}
}

func parents(list []Parent) []declare.Parent {
	declared := make([]declare.Parent, len(list))
	for i, p := range list {
		declared[i] = p.declared
	}
	return declared
}
