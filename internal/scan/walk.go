package scan

import "bytes"

// Walk calls each with the members of an object, until it returns false. The object
// is one that is known to be valid: what is skipped is not looked at, in half the
// time that Value takes. Names are as they stand between their quotes; where one
// has escapes, or the object proves to be none, Walk returns false.
func Walk(object []byte, each func(name, value []byte) bool) bool {
	i := Space(object, 0)
	if i >= len(object) || object[i] != '{' {
		return false
	}
	for i = Space(object, i+1); i < len(object) && object[i] == '"'; {
		end := skipText(object, i+1)
		if end == None {
			return false
		}
		name := object[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			return false
		}
		if i = Space(object, end); i >= len(object) || object[i] != ':' {
			return false
		}
		from := Space(object, i+1)
		if i = skip(object, from); i == None {
			return false
		}
		if !each(name, object[from:i:i]) {
			return true
		}
		if i = Space(object, i); i < len(object) && object[i] == ',' {
			i = Space(object, i+1)
		}
	}
	return i < len(object) && object[i] == '}'
}

// skip returns where a value ends, or None.
func skip(b []byte, i int) int {
	if i >= len(b) {
		return None
	}
	switch b[i] {
	case '"':
		return skipText(b, i+1)
	case '{', '[':
		for depth := 0; i < len(b); i++ {
			switch b[i] {
			case '"':
				if i = skipText(b, i+1) - 1; i < 0 {
					return None
				}
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return None
	}
	for from := i; ; i++ {
		if i == len(b) || b[i] == ',' || b[i] == '}' || b[i] == ']' || b[i] <= ' ' {
			if i == from {
				return None
			}
			return i
		}
	}
}

// skipText returns where a string ends that begins before b[i], or None.
func skipText(b []byte, i int) int {
	for from := i; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return None
		}
		i += n + 1
		escapes := 0
		for at := i - 2; at >= from && b[at] == '\\'; at-- {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}
