package synced

import (
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
)

// Association ties a model to one whose objects are nested in its own: the photos
// of a rental. The nested objects become rows of the child model, in the
// transaction of their parents, and are asked for by the parent's requests
// (Include). [HasMany] and [HasOne] make one where each child has one parent, and
// [Linked] where parents share them.
//
// A child is known by its remote id, in its own scope: in the parent's where the
// child declares a Scope, and in the whole table where it does not. Where its id is
// unique only within its parent, such as the number of a line, its Scope is the column
// of the parent's key, "order_id": [In] then takes the local key of the parent. With HasMany and
// HasOne, the child's type has a field for the local key of its parent, tagged
// synced:"parent". If another parent lists a child that the first no longer lists, it
// moves to that parent. Two that list it in one run are an error.
//
// Where removal is on in the parent's run, children that a listed parent no longer
// lists, and no other does, are removed at the end of the run, as the child declares.
// Where it declares nothing, they are canceled if the parent's declared removal is
// [Cancel] or [CancelOrDestroy] and their table has a column canceled_at, which nothing
// else fills, and deleted otherwise. A parent that does not have the attribute at all
// says nothing about its children. Children of parents that are deleted are deleted before them. A full run
// that has seen every parent also removes children whose parent has no row; where the
// child has no scope of its own, only if no other scope has parents.
//
// Several models may share a child's table, each with its own column for its parent,
// which can be null. A child that a parent no longer lists stays while another of those
// columns has a key; the column of the parent that lost it becomes null. So a child that
// moves to a parent of another model keeps its row where that model's run comes first.
// Where it comes last, the row is removed, and created again: no run knows what another
// model's parents list by now.
type Association struct{ declared declare.Association }

// HasMany is an association with a list of objects in an attribute, "photos" or
// "links.photos". Column is the child's, for the parent's local key. Where the API
// cuts long lists short, name what tells so, [ListMore] or [ListTotal]: children
// that such a list leaves out stay.
func HasMany[C any](child *Model[C], attribute, column string, ends ...ListEnd) Association {
	return Association{declare.Association{Attribute: attribute, Column: column, Child: child.bound(), Ends: listEnds(ends)}}
}

// HasOne is an association with one object in an attribute, or null.
func HasOne[C any](child *Model[C], attribute, column string) Association {
	return Association{declare.Association{Attribute: attribute, Column: column, One: true, Child: child.bound()}}
}

// Linked is an association with a list of objects that several parents may have,
// such as the labels of items. Each is one row of the child model, whichever parents list it,
// and a table of its own, "item_labels", ties the rows: one row a pair, with a column
// for the parent's local key and one for the child's. [Synced.Schema] has its DDL.
//
// A run makes the links of each listed parent those of its list, whether or not
// removal is on: they are part of what the parent says, as a column is. Links to rows
// without a remote id, and those of a parent that lacks the attribute, are left alone;
// a list that is not whole (ends) only adds links. A child that no parent lists any
// longer stays: the child's own runs may remove it. Links are no changes of rows, and
// no handler is told of them; Result.Children counts those that were created and
// removed, by their table.
func Linked[C any](child *Model[C], attribute, table, parentColumn, childColumn string, ends ...ListEnd) Association {
	return Association{declare.Association{Attribute: attribute, Child: child.bound(), Ends: listEnds(ends),
		Shared: true, Link: table, Column: parentColumn, ChildColumn: childColumn}}
}

// ListEnd tells whether a nested list is whole: [ListMore] or [ListTotal].
type ListEnd interface{ listEnd() declare.ListEnd }

// ListMore names an attribute of the parent by which the API tells that a nested
// list has more objects than it holds: "lines.has_more", or the link or position of
// the next page. Any value but null, false, 0 and an empty text means that there is
// more. A parent that lacks the attribute proves nothing: its list counts as cut
// short, unless Omitted.
type ListMore struct {
	Attribute string
	// Omitted means that the API leaves the attribute out where the list is whole.
	Omitted bool
}

// ListTotal is an attribute of the parent that says how many objects a nested list
// has, whether or not it holds them: "lines.total_count".
type ListTotal struct{ Attribute string }

var (
	_ ListEnd = ListMore{}
	_ ListEnd = ListTotal{}
)

func (m ListMore) listEnd() declare.ListEnd {
	return declare.ListEnd{Attribute: m.Attribute, Omitted: m.Omitted}
}

func (t ListTotal) listEnd() declare.ListEnd {
	return declare.ListEnd{Attribute: t.Attribute, Total: true}
}

func listEnds(list []ListEnd) []declare.ListEnd {
	declared := make([]declare.ListEnd, len(list)) // one that is nil names no attribute
	for i, e := range list {
		if !declare.IsNil(e) {
			declared[i] = e.listEnd()
		}
	}
	return declared
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
	// the transaction that creates it, where both models are declared in one process,
	// or else in the child's next run. When the parent's row is removed, the column
	// becomes null again, in that transaction or in the child's next full run. OnChange
	// and the outbox are told. It is the default.
	MissingNull = WhenMissing(model.LeaveNull)
	// MissingFetch asks the parent's API for the parent, once a run, before the page
	// is written, and keeps it in its own transaction, even if the run fails. The API
	// is a remote.Getter. A parent that it does not have leaves the column null.
	MissingFetch = WhenMissing(model.Fetch)
	// MissingFail ends the run with an error that names the record. A column that can't
	// be null keeps the key of a parent that was removed until the parent is back.
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
