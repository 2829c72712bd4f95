package backend

import (
	"slices"
	"sync"
)

// Relations are the models of a store that point to others, by the table that they
// point to. They belong to the store, so that a model is not changed when another
// one points to it. Relations are safe for concurrent use; the zero Relations are
// empty.
type Relations struct {
	mu sync.Mutex
	by map[string][]Relation
}

// Relation is a column of a table that keeps the keys of another's rows.
type Relation struct {
	Table, Column string
	// Model is what the models' package knows of it: a model, or a table of links.
	Model any
}

// Add adds a relation to a table. It replaces an earlier one of the same table and
// column, so that a model that is declared again takes no more room.
func (r *Relations) Add(to string, relation Relation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string][]Relation{}
	}
	list := slices.DeleteFunc(slices.Clone(r.by[to]), func(other Relation) bool {
		return other.Table == relation.Table && other.Column == relation.Column
	})
	r.by[to] = append(list, relation)
}

// To returns the relations to a table. The list is not changed afterwards.
func (r *Relations) To(table string) []Relation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by[table]
}
