package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// text returns where a string ends that begins before b[i].
func text(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for {
		// Eight bytes at a time: a quote, a backslash, a control character or one
		// that is not ASCII sets the high bit of its byte; the lowest bit set is
		// never wrong. See Anderson, Bit Twiddling Hacks, "haszero" and "hasless".
		for ; i+8 <= len(b); i += 8 {
			w := binary.LittleEndian.Uint64(b[i:])
			quote, slash := w^ones*'"', w^ones*'\\'
			if found := ((quote-ones)&^quote | (slash-ones)&^slash | (w - ones*0x20) | w) & highs; found != 0 {
				i += bits.TrailingZeros64(found) / 8
				break
			}
		}
		for i < len(b) && b[i] >= 0x20 && b[i] < utf8.RuneSelf && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i >= len(b) {
			return None
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			n := escape(b[i+1:])
			if n == 0 {
				return None
			}
			i += 1 + n
		case c < 0x20:
			return None
		default:
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && size == 1 {
				return None
			}
			i += size
		}
	}
}

// escape returns how long an escape is after its backslash, 0 where it is none.
func escape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(b) < 5 {
			return 0
		}
		for _, c := range b[1:5] {
			if c-'0' > 9 && c|0x20-'a' > 5 {
				return 0
			}
		}
		if b[1]|0x20 == 'd' && b[2] >= '8' {
			return 0 // of a surrogate pair
		}
		return 5
	}
	return 0
}

// number returns where a number ends that begins at b[i].
func number(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i = digits(b, i); i == None {
		return None
	}
	if i < len(b) && b[i] == '.' {
		if i = digits(b, i+1); i == None {
			return None
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return digits(b, i)
	}
	return i
}

// digits returns where at least one digit ends.
func digits(b []byte, i int) int {
	from := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == from {
		return None
	}
	return i
}
