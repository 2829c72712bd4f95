package upload

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// position is where a row is in the space of 64 bits that is searched for differences. It
// is a hash of the key, so that the space is filled evenly whatever the keys are, and
// ranges are prefixes that both sides know without a word. Databases have no unsigned
// integers: positions are kept with the first bit turned over, which keeps their order.
type position int64

// near is how many keys whose last part is an integer stay together: those that differ
// only in its last 6 bits share the first 16 bits of their position. A block of new rows
// then touches few sums: with 5,000 rows in a row, 80 and not 5,000.
const near = 6

// positionOf returns the position of a key, given as it is written. Seed is a part of the
// secret, so that nobody can heap keys in one place.
func positionOf(seed uint64, key []any, text []byte) position {
	whole := xxh3.HashSeed(text, seed)
	last, isInt := key[len(key)-1].(int64)
	if !isInt {
		return position(whole ^ 1<<63)
	}
	b := make([]byte, 0, 64)
	for _, v := range key[:len(key)-1] {
		b = append(appendWire(b, v), ',')
	}
	block := xxh3.HashSeed(binary.BigEndian.AppendUint64(b, uint64(last>>near)), seed)
	const mask = 1<<near - 1
	within := (uint64(last) ^ block>>48) & mask
	p := block&0xffff<<48 | within<<(48-near) | whole>>(16+near)
	return position(p ^ 1<<63)
}

// prefix is a range of positions: those that begin with some digits of 4 bits.
type prefix struct {
	bits  uint64 // the digits, at the left end
	depth int    // how many
}

// Digits are 16, so that each round of a search divides a range by 16. The deepest range
// is one position.
const (
	digits  = 16
	deepest = 16
)

// child returns the range of one more digit.
func (p prefix) child(digit int) prefix {
	return prefix{p.bits | uint64(digit)<<(60-4*p.depth), p.depth + 1}
}

// of returns the range of a depth that a position is in.
func (p position) of(depth int) prefix {
	bits := uint64(p) ^ 1<<63
	return prefix{bits &^ (^uint64(0) >> (4 * depth)), depth}
}

// digit returns the digit behind the first ones.
func (p position) digit(depth int) int { return int((uint64(p) ^ 1<<63) >> (60 - 4*depth) & 15) }

// bounds returns the first and the last position of a range.
func (p prefix) bounds() (first, last position) {
	rest := ^uint64(0)
	if p.depth > 0 {
		rest = ^uint64(0) >> (4 * p.depth)
		if p.depth == deepest {
			rest = 0
		}
	}
	return position(p.bits ^ 1<<63), position((p.bits | rest) ^ 1<<63)
}

const hexDigits = "0123456789abcdef"

// String returns the digits.
func (p prefix) String() string {
	text := make([]byte, p.depth)
	for i := range text {
		text[i] = hexDigits[p.bits>>(60-4*i)&15]
	}
	return string(text)
}

// parsePrefix reads what String writes.
func parsePrefix(text string) (p prefix, ok bool) {
	if len(text) > deepest {
		return p, false
	}
	for _, c := range []byte(text) {
		switch {
		case c >= '0' && c <= '9':
			p = p.child(int(c - '0'))
		case c >= 'a' && c <= 'f':
			p = p.child(int(c-'a') + 10)
		default:
			return p, false
		}
	}
	return p, true
}
