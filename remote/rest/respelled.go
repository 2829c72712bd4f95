package rest

import (
	"bytes"
	"fmt"
)

// byteOrderMark stands before what some servers send.
const byteOrderMark = "\ufeff"

// numberless are what languages write for numbers that JSON has no spelling for.
var numberless = [][]byte{[]byte("NaN"), []byte("Infinity"), []byte("-Infinity")}

// respelled returns a body in which what is no JSON, though it is clear where it ends, is
// spelled as half a surrogate pair, which stays invalid: control characters and escapes that
// there are not, in texts, and NaN and Infinity. To mend is to write them as JSON does. Ok
// is false where there is nothing of the kind.
func respelled(body []byte, mend bool) (out []byte, ok bool) {
	out = make([]byte, 0, len(body)+64)
	text, before := false, byte(':')
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case !text && (c == 'N' || c == 'I' || c == '-') && bytes.IndexByte([]byte(":,["), before) >= 0:
			if n := lengthOf(body[i:]); n > 0 {
				if i, ok = i+n-1, true; mend {
					out = append(out, "null"...)
				} else {
					out = append(out, `"\udc4e"`...)
				}
				before = 0
				continue
			}
		case c == '"':
			text = !text
		case text && c < ' ':
			if ok = true; mend {
				out = fmt.Appendf(out, `\u%04x`, c)
			} else {
				out = fmt.Appendf(out, `%s%02x`, escapedByte, c)
			}
			continue
		case text && c == '\\' && i+1 < len(body):
			if bytes.IndexByte([]byte(`"\/bfnrtu`), body[i+1]) >= 0 {
				out = append(out, c)
				i++
				c = body[i]
			} else if ok = true; mend {
				out = append(out, c)
			} else {
				out = append(out, `\udc5c`...)
				continue
			}
		}
		if !text && c > ' ' {
			before = c
		}
		out = append(out, c)
	}
	return out, ok
}

// lengthOf is how long the name of a number is that a text begins with, 0 where it does not.
func lengthOf(b []byte) int {
	for _, name := range numberless {
		if bytes.HasPrefix(b, name) {
			return len(name)
		}
	}
	return 0
}
