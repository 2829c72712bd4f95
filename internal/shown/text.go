// Package shown makes text of others neutral where a person reads it: in errors, logs,
// tables and synced's own columns that tell a reason.
package shown

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text returns a text on one line, in which control characters, newlines, marks of
// direction, invisible characters and bytes that are not UTF-8 stand escaped, as Go
// writes them: "\n", "\x1b", "\u202e". A text that is shown already stays as it is.
func Text(s string) string {
	i := 0
	for i < len(s) && s[i] >= ' ' && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			const hex = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(hex[s[i]>>4])
			b.WriteByte(hex[s[i]&15])
		case strconv.IsPrint(r):
			b.WriteString(s[i : i+n])
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		i += n
	}
	return b.String()
}
