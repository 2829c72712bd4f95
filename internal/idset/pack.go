package idset

import (
	"encoding/binary"
	"errors"
	"slices"
)

// ErrDamaged reports bytes that Pack did not write.
var ErrDamaged = errors.New("the packed ids are damaged")

// Pack writes keys in their order, each as its distance from the one before: a
// byte or two for integers that follow one another, 8 or 9 for hashes.
func Pack(keys []uint64) []byte {
	keys = slices.Sorted(slices.Values(keys))
	packed := make([]byte, 0, 2*len(keys))
	before := uint64(0)
	for _, key := range keys {
		packed = binary.AppendUvarint(packed, key-before)
		before = key
	}
	return packed
}

// Unpack calls found with each key that Pack wrote, in order. It returns
// ErrDamaged where the bytes break off.
func Unpack(packed []byte, found func(key uint64)) error {
	key := uint64(0)
	for len(packed) > 0 {
		distance, n := binary.Uvarint(packed)
		if n <= 0 {
			return ErrDamaged
		}
		key += distance
		found(key)
		packed = packed[n:]
	}
	return nil
}
