package idset

import "math/bits"

// hashed takes 9 bytes a key and some free places: 12 to 24 bytes, where a
// map[uint64]int8 takes 20 to 40 and twice the time. Open addressing with linear
// probing, by Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3,
// section 6.4.
type hashed struct {
	keys    []uint64
	entries []Entry // empty where the place is free
	n       int
}

// together is how many keys that follow one another have places that do: those of
// a page are then found in few lines of the processor's cache, in two thirds of the
// time.
const together = 8

// place returns where a key is, or goes.
func (h *hashed) place(key uint64) int {
	mask := len(h.keys) - 1
	i := int(key/together*0x9e3779b97f4a7c15>>(64-bits.Len(uint(mask/together))))*together + int(key%together)
	for !h.entries[i].empty() && h.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// find returns the entry of a key, or nil.
func (h *hashed) find(key uint64) *Entry {
	if h.n == 0 {
		return nil
	}
	if e := &h.entries[h.place(key)]; !e.empty() {
		return e
	}
	return nil
}

// add keeps a kind for a key that is new, and reports whether it was.
func (h *hashed) add(key uint64, kind int8) (added bool) {
	if 8*(h.n+1) > 6*len(h.keys) {
		h.grow()
	}
	i := h.place(key)
	if !h.entries[i].empty() {
		return false
	}
	h.n++
	h.keys[i], h.entries[i] = key, entry(kind)
	return true
}

func (h *hashed) grow() {
	size := max(64, 2*len(h.keys))
	larger := hashed{keys: make([]uint64, size), entries: make([]Entry, size), n: h.n}
	for i, e := range h.entries {
		if !e.empty() {
			at := larger.place(h.keys[i])
			larger.keys[at], larger.entries[at] = h.keys[i], e
		}
	}
	*h = larger
}
