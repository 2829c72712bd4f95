package engine

import (
	"encoding/binary"
	"slices"
	"sort"
)

// packedIDs keeps a kind for each of many ids that are in order, each id as its
// distance from the one before: 2.5 bytes for integers that follow one another, 9
// to 10 for hashes. To find one takes half a microsecond where it is a hash.
type packedIDs struct {
	distances []byte // as uvarints, of all but the first of each block
	kinds     []int8
	blocks    []idBlock
	// The block that was looked at last: ids are often asked for in order.
	last int // its number, from 1
	keys []uint64
}

// idBlock is where so many ids begin.
type idBlock struct {
	first uint64
	at    int // in distances
}

const blockSize = 32

func (p *packedIDs) size() int { return len(p.kinds) }

// find is where the kind of an id is kept, or nil.
func (p *packedIDs) find(key uint64) *int8 {
	n := sort.Search(len(p.blocks), func(i int) bool { return p.blocks[i].first > key })
	if n == 0 {
		return nil
	}
	if n != p.last {
		p.last, p.keys = n, p.appendBlock(p.keys[:0], n-1)
	}
	if i, ok := slices.BinarySearch(p.keys, key); ok {
		return &p.kinds[(n-1)*blockSize+i]
	}
	return nil
}

// appendBlock appends the ids of a block.
func (p *packedIDs) appendBlock(keys []uint64, n int) []uint64 {
	key, from := p.blocks[n].first, p.distances[p.blocks[n].at:]
	keys = append(keys, key)
	for range min(blockSize, len(p.kinds)-n*blockSize) - 1 {
		distance, size := binary.Uvarint(from)
		key, from = key+distance, from[size:]
		keys = append(keys, key)
	}
	return keys
}

// add appends an id that is greater than all.
func (p *packedIDs) add(key, before uint64, kind int8) {
	if len(p.kinds)%blockSize == 0 {
		p.blocks = append(p.blocks, idBlock{key, len(p.distances)})
	} else {
		p.distances = binary.AppendUvarint(p.distances, key-before)
	}
	p.kinds = append(p.kinds, kind)
}

// merge takes in ids, none of which it has.
func (p *packedIDs) merge(t *hashedIDs) {
	fresh := make([]uint64, 0, t.n)
	for i, kind := range t.kinds {
		if kind != 0 {
			fresh = append(fresh, t.keys[i])
		}
	}
	slices.Sort(fresh)
	merged := packedIDs{
		distances: make([]byte, 0, len(p.distances)+2*len(fresh)),
		kinds:     make([]int8, 0, len(p.kinds)+len(fresh)),
	}
	before := uint64(0)
	take := func(key uint64, kind int8) {
		merged.add(key, before, kind)
		before = key
	}
	var block []uint64
	for n := range p.blocks {
		block = p.appendBlock(block[:0], n)
		for i, key := range block {
			for len(fresh) > 0 && fresh[0] < key {
				take(fresh[0], *t.find(fresh[0]))
				fresh = fresh[1:]
			}
			take(key, p.kinds[n*blockSize+i])
		}
	}
	for _, key := range fresh {
		take(key, *t.find(key))
	}
	*p = merged
}
