package idset

import (
	"encoding/binary"
	"slices"
	"sort"
)

// sorted keeps keys in order, each as its distance from the one before: with its
// kind, 2.5 bytes for integers that follow one another, 9 to 10 for hashes. Finding
// a hash takes half a microsecond.
type sorted struct {
	distances []byte // as uvarints, of all but the first key of each block
	entries   []Entry
	blocks    []block
	// The block that was read last: keys are often asked for in order.
	last int // its number, from 1
	keys []uint64
}

// block is where blockSize keys begin.
type block struct {
	first uint64
	at    int // in distances
}

const blockSize = 32

func (s *sorted) size() int { return len(s.entries) }

// find returns the entry of a key, or nil.
func (s *sorted) find(key uint64) *Entry {
	n := sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].first > key })
	if n == 0 {
		return nil
	}
	if n != s.last {
		s.last, s.keys = n, s.appendBlock(s.keys[:0], n-1)
	}
	if i, ok := slices.BinarySearch(s.keys, key); ok {
		return &s.entries[(n-1)*blockSize+i]
	}
	return nil
}

// appendBlock appends the keys of a block.
func (s *sorted) appendBlock(keys []uint64, n int) []uint64 {
	key, from := s.blocks[n].first, s.distances[s.blocks[n].at:]
	keys = append(keys, key)
	for range min(blockSize, len(s.entries)-n*blockSize) - 1 {
		distance, size := binary.Uvarint(from)
		key, from = key+distance, from[size:]
		keys = append(keys, key)
	}
	return keys
}

// add appends a key that is greater than all.
func (s *sorted) add(key, before uint64, e Entry) {
	if len(s.entries)%blockSize == 0 {
		s.blocks = append(s.blocks, block{key, len(s.distances)})
	} else {
		s.distances = binary.AppendUvarint(s.distances, key-before)
	}
	s.entries = append(s.entries, e)
}

// merge takes in keys, none of which it has.
func (s *sorted) merge(h *hashed) {
	fresh := make([]uint64, 0, h.n)
	for i := range h.entries {
		if !h.entries[i].empty() {
			fresh = append(fresh, h.keys[i])
		}
	}
	slices.Sort(fresh)
	merged := sorted{
		distances: make([]byte, 0, len(s.distances)+2*len(fresh)),
		entries:   make([]Entry, 0, len(s.entries)+len(fresh)),
	}
	before := uint64(0)
	take := func(key uint64, e Entry) {
		merged.add(key, before, e)
		before = key
	}
	var keys []uint64
	for n := range s.blocks {
		keys = s.appendBlock(keys[:0], n)
		for i, key := range keys {
			for len(fresh) > 0 && fresh[0] < key {
				take(fresh[0], *h.find(fresh[0]))
				fresh = fresh[1:]
			}
			take(key, s.entries[n*blockSize+i])
		}
	}
	for _, key := range fresh {
		take(key, *h.find(key))
	}
	*s = merged
}
