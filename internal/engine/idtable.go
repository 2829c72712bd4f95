package engine

import (
	"math/bits"

	"github.com/syncedgo/synced/report"
)

// idTable keeps a kind of change for each of many ids: some in a hash table, and
// past that in their order, packed.
type idTable struct {
	hashed hashedIDs
	packed packedIDs
}

// maxHashed is how many ids are hashed before they are packed, in 9 MB.
const maxHashed = 3 << 18

func (t *idTable) size() int { return t.hashed.n + t.packed.size() }

// get is what is kept for an id.
func (t *idTable) get(key uint64) (kind report.Kind, ok bool) {
	if kept := t.find(key); kept != nil {
		return report.Kind(*kept) - shift, true
	}
	return 0, false
}

// find is where the kind of an id is kept, or nil.
func (t *idTable) find(key uint64) *int8 {
	if kept := t.hashed.find(key); kept != nil {
		return kept
	}
	return t.packed.find(key)
}

// add keeps a kind for an id that is new.
func (t *idTable) add(key uint64, kind report.Kind) (added bool) {
	if t.packed.find(key) != nil || !t.hashed.add(key, kind) {
		return false
	}
	if t.hashed.n == maxHashed {
		t.pack()
	}
	return true
}

// pack packs the ids that are hashed.
func (t *idTable) pack() {
	t.packed.merge(&t.hashed)
	clear(t.hashed.kinds)
	t.hashed.n = 0
}

// hashedIDs takes 9 bytes an id and some free places: 12 to 24 bytes, where a
// map[uint64]int8 takes 20 to 40 and twice the time. Open addressing with linear
// probing, by Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3,
// section 6.4.
type hashedIDs struct {
	keys  []uint64
	kinds []int8 // 0 is a free place
	n     int
}

// shift makes each kind of change greater than 0.
const shift = 1 - older

// together is how many ids that follow one another have places that do: those of a
// page are then looked up in few lines of the processor's cache, in two thirds of the
// time.
const together = 8

// place is where an id is, or is to be.
func (t *hashedIDs) place(key uint64) int {
	mask := len(t.keys) - 1
	i := int(key/together*0x9e3779b97f4a7c15>>(64-bits.Len(uint(mask/together))))*together + int(key%together)
	for t.kinds[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// find is where the kind of an id is kept, or nil.
func (t *hashedIDs) find(key uint64) *int8 {
	if t.n == 0 {
		return nil
	}
	if kept := &t.kinds[t.place(key)]; *kept != 0 {
		return kept
	}
	return nil
}

// add keeps a kind for an id that is new.
func (t *hashedIDs) add(key uint64, kind report.Kind) (added bool) {
	if 8*(t.n+1) > 6*len(t.keys) {
		t.grow()
	}
	i := t.place(key)
	if t.kinds[i] != 0 {
		return false
	}
	t.n++
	t.keys[i], t.kinds[i] = key, int8(kind+shift)
	return true
}

func (t *hashedIDs) grow() {
	size := max(64, 2*len(t.keys))
	larger := hashedIDs{keys: make([]uint64, size), kinds: make([]int8, size), n: t.n}
	for i, kind := range t.kinds {
		if kind != 0 {
			at := larger.place(t.keys[i])
			larger.keys[at], larger.kinds[at] = t.keys[i], kind
		}
	}
	*t = larger
}
