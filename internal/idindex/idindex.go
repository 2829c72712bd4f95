// Package idindex finds where ids stand in a page.
package idindex

import (
	"slices"

	"github.com/syncedgo/synced/internal/backend"
)

// Index finds places by id. Most remotes list records in the order of their
// integer ids, which are then found without a map: 5 ns instead of 40. Its zero
// value is empty.
type Index struct {
	sorted []int64            // the id of each place, until one is out of order
	places map[backend.ID]int // after that
}

// Of returns the index of the ids of n places.
func Of(n int, id func(place int) backend.ID) *Index {
	x := &Index{sorted: make([]int64, 0, n)}
	for i := range n {
		x.Add(id(i), i)
	}
	return x
}

// Add gives an id a place. Where it has one already, that is returned, and stays.
func (x *Index) Add(id backend.ID, place int) (before int, twice bool) {
	if x.places == nil {
		n, ok := id.Int()
		if ok && place == len(x.sorted) && (place == 0 || n > x.sorted[place-1]) {
			x.sorted = append(x.sorted, n)
			return 0, false
		}
		x.places = make(map[backend.ID]int, max(cap(x.sorted), place+1))
		for i, n := range x.sorted {
			x.places[backend.IntID(n)] = i
		}
	}
	if before, twice = x.places[id]; !twice {
		x.places[id] = place
	}
	return before, twice
}

// Find is an id's place, and whether it has one.
func (x *Index) Find(id backend.ID) (place int, ok bool) {
	if x.places != nil {
		place, ok = x.places[id]
		return place, ok
	}
	n, ok := id.Int()
	if !ok || len(x.sorted) == 0 {
		return 0, false
	}
	// Often none is missing between the first and the last.
	if at := uint64(n - x.sorted[0]); at < uint64(len(x.sorted)) && x.sorted[at] == n {
		return int(at), true
	}
	return slices.BinarySearch(x.sorted, n)
}
