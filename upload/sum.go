package upload

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Sum is what is known of a set of rows: how many they are, and the sum of a number of
// 128 bits for each, modulo 2^128.
//
// The number is a part of the SHA-256 of a secret, the row's position and the row's hash
// of 64 bits, so that sums of different sets are equal by chance once in 2^128 times, and
// hashes of different rows once in 2^64. It is a sum and no XOR, in which a row that is
// there twice would be gone. (Range-based set reconciliation: A. Meyer, 2022,
// https://arxiv.org/abs/2212.13567, whose section on security says why: without a secret,
// who chooses many rows can find some whose sums are equal (Wagner's generalized birthday
// attack). With it, who writes rows does not know their numbers.)
type Sum struct {
	Count  int64
	hi, lo uint64
}

// Equal reports whether two sums are of the same rows.
func (s Sum) Equal(other Sum) bool { return s == other }

// String returns the sum as 32 hexadecimal digits.
func (s Sum) String() string { return fmt.Sprintf("%016x%016x", s.hi, s.lo) }

func (s Sum) plus(other Sum) Sum {
	lo, carry := bits.Add64(s.lo, other.lo, 0)
	hi, _ := bits.Add64(s.hi, other.hi, carry)
	return Sum{s.Count + other.Count, hi, lo}
}

func (s Sum) minus(other Sum) Sum {
	lo, borrow := bits.Sub64(s.lo, other.lo, 0)
	hi, _ := bits.Sub64(s.hi, other.hi, borrow)
	return Sum{s.Count - other.Count, hi, lo}
}

// sumSize is how many bytes the sum of a part of a range has on the wire: the last 64 bits, which are a
// sum of their own. Whether all is equal is told by 128 bits. Which parts differ needs no more: one of
// them looks equal by chance once in 2^64 times. So a search takes half the bytes.
const sumSize = 8

// same reports whether these bits are equal.
func (s Sum) same(other Sum) bool { return s.lo == other.lo }

func (s Sum) append(b []byte) []byte { return binary.BigEndian.AppendUint64(b, s.lo) }

func sumOf(b []byte) Sum { return Sum{lo: binary.BigEndian.Uint64(b)} }

// element is the sum of one row.
func element(salt [16]byte, at print) Sum {
	var text [32]byte
	copy(text[:], salt[:])
	binary.BigEndian.PutUint64(text[16:], uint64(at.pos))
	binary.BigEndian.PutUint64(text[24:], uint64(at.hash))
	sum := sha256.Sum256(text[:])
	return Sum{1, binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])}
}

// print is a row's fingerprint: where it is among the positions, and the hash of its key
// and its values.
type print struct {
	pos  position
	hash int64
}
