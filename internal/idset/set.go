// Package idset keeps millions of ids in few bytes each, in memory and in a row
// of the database.
package idset

import (
	"iter"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/backend"
)

// Key returns an id in 8 bytes: an integer as it is, text by its hash. Two texts
// with one hash (one chance in 10^19 for a pair) count as one id.
func Key(id backend.ID) uint64 {
	if n, ok := id.Int(); ok {
		return uint64(n)
	}
	return xxh3.HashString(id.String())
}

// Set keeps a kind for each of many keys: 9 bytes and some free places a key in a
// hash table, and past 786,432 keys 3 to 11 bytes each, sorted. Its zero value is
// empty. One goroutine uses it at a time, also to read.
type Set struct {
	hashed hashed
	sorted sorted
}

// maxHashed is how many keys are hashed before they are sorted, in 9 MB.
const maxHashed = 3 << 18

// Entry holds the kind of a key. It is valid until the next Add.
type Entry struct{ kind int8 }

// free marks a place of the hash table that holds no key: the kind math.MinInt8.
// Entries keep a kind with its sign bit turned over, so that free is 0, as fresh
// memory is.
const free = math.MinInt8

func entry(kind int8) Entry { return Entry{kind ^ free} }

// Kind returns the kind.
func (e *Entry) Kind() int8 { return e.kind ^ free }

// Set changes the kind, which is any but math.MinInt8.
func (e *Entry) Set(kind int8) { e.kind = kind ^ free }

func (e *Entry) empty() bool { return e.kind == 0 }

// Len returns how many keys the set has.
func (s *Set) Len() int { return s.hashed.n + s.sorted.size() }

// Find returns the entry of a key, or nil where the set does not have it.
func (s *Set) Find(key uint64) *Entry {
	if e := s.hashed.find(key); e != nil {
		return e
	}
	return s.sorted.find(key)
}

// Has reports whether the set has a key.
func (s *Set) Has(key uint64) bool { return s.Find(key) != nil }

// Add keeps a kind, any but math.MinInt8, for a key that is new, and reports
// whether it was. The kind of a key that the set has stays.
func (s *Set) Add(key uint64, kind int8) (added bool) {
	if s.sorted.find(key) != nil || !s.hashed.add(key, kind) {
		return false
	}
	if s.hashed.n == maxHashed {
		s.sort()
	}
	return true
}

// Kinds yields the kind of each key, in no order.
func (s *Set) Kinds() iter.Seq[int8] {
	return func(yield func(int8) bool) {
		for _, entries := range [][]Entry{s.hashed.entries, s.sorted.entries} {
			for i := range entries {
				if e := &entries[i]; !e.empty() && !yield(e.Kind()) {
					return
				}
			}
		}
	}
}

// sort moves the keys that are hashed to the sorted ones.
func (s *Set) sort() {
	s.sorted.merge(&s.hashed)
	clear(s.hashed.entries)
	s.hashed.n = 0
}
