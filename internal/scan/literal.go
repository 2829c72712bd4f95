package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// In a word of eight bytes: the lowest bit of each, and the highest.
const ones, highs = 0x0101010101010101, 0x8080808080808080

// special marks the quotes, backslashes and control characters in a word: the high bit
// of their bytes is set, and the lowest one set is never wrong. See Anderson, Bit
// Twiddling Hacks, "haszero" and "hasless".
func special(w uint64) uint64 {
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
}

// text returns where a string ends that begins before b[i]. What is not ASCII is passed,
// and looked at once, at the end.
func text(b []byte, i int) int {
	from, wide := i, uint64(0)
	for {
		for ; i+16 <= len(b); i += 16 {
			w, x := binary.LittleEndian.Uint64(b[i:]), binary.LittleEndian.Uint64(b[i+8:])
			wide |= w | x
			if found := special(w); found != 0 {
				i += bits.TrailingZeros64(found) / 8
				goto found
			}
			if found := special(x); found != 0 {
				i += 8 + bits.TrailingZeros64(found)/8
				goto found
			}
		}
		for i < len(b) && b[i] >= 0x20 && b[i] != '"' && b[i] != '\\' {
			wide |= uint64(b[i])
			i++
		}
		if i == len(b) {
			return None
		}
	found:
		switch b[i] {
		case '"':
			if wide&highs != 0 && !valid(b[from:i]) {
				return None
			}
			return i + 1
		case '\\':
			if i+1 < len(b) && escapes[b[i+1]] {
				i += 2
			} else if i = unicode(b, i+1); i == None {
				return None
			}
		default:
			return None
		}
	}
}

// valid reports whether a text is valid UTF-8. Accents among ASCII take half the time of
// [utf8.Valid].
func valid(b []byte) bool {
	for i := 0; i < len(b); {
		if i+8 <= len(b) {
			wide := binary.LittleEndian.Uint64(b[i:]) & highs
			if wide == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(wide) / 8
		} else if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		for i < len(b) && b[i] >= utf8.RuneSelf { // others follow, in most scripts
			if b[i] >= 0xc2 && b[i] <= 0xdf && i+1 < len(b) && b[i+1]&0xc0 == 0x80 {
				i += 2
				continue
			}
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && size == 1 {
				return false
			}
			i += size
		}
	}
	return true
}

// simple are the characters of ASCII that stand for themselves in a string.
var simple = func() (set [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

// unicode returns where an escape ends whose backslash is before b[i] and that has
// hexadecimal digits.
func unicode(b []byte, i int) int {
	if i+5 > len(b) || b[i] != 'u' || !hex[b[i+1]] || !hex[b[i+2]] || !hex[b[i+3]] || !hex[b[i+4]] {
		return None
	}
	if b[i+1]|0x20 == 'd' && b[i+2] >= '8' {
		return None // of a surrogate pair
	}
	return i + 5
}

// escapes are the characters that make an escape with the backslash before them, and hex
// the hexadecimal digits.
var escapes, hex = setOf(`"\/bfnrt`), setOf("0123456789abcdefABCDEF")

func setOf(characters string) (set [256]bool) {
	for _, c := range []byte(characters) {
		set[c] = true
	}
	return set
}

// number returns where a number ends that begins at b[i].
func number(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	from := i
	if i = digits(b, i); i == from {
		return None
	}
	if b[from] == '0' {
		i = from + 1
	}
	if i < len(b) && b[i] == '.' {
		from = i + 1
		if i = digits(b, from); i == from {
			return None
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from = i
		if i = digits(b, i); i == from {
			return None
		}
	}
	return i
}

// digits returns where digits end that may begin at b[i]. Eight at a time: how many there
// are is chance, and a loop of one by one is a wrong guess of the processor's each time.
func digits(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:]) ^ ones*'0'
		if others := (w + ones*(0x80-10) | w) & highs; others != 0 {
			return i + bits.TrailingZeros64(others)/8
		}
	}
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}
