package plan

import (
	"bytes"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// picture is U+2400, the picture of a NUL, which stands in columns for each NUL
// in a string: PostgreSQL keeps none in its text.
const picture = "\u2400"

// withoutNUL writes the picture of a NUL for each one in the object's strings.
func withoutNUL(o remote.Object) remote.Object {
	clean, changed := unescapeNUL(o.Raw())
	if !changed {
		return o
	}
	object, err := remote.ParseObject(clean)
	if err != nil {
		return o // two member names that differ by a NUL alone: the database's error says the rest
	}
	return object
}

// unescapeNUL does the same to JSON text. The text itself is left as it is.
func unescapeNUL(raw []byte) (clean []byte, changed bool) {
	if !bytes.Contains(raw, []byte(`\u0000`)) {
		return raw, false
	}
	clean = make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch {
		case bytes.HasPrefix(raw[i:], []byte(`\u0000`)):
			clean, changed = append(clean, `\u2400`...), true
			i += len(`\u0000`) - 1
		case raw[i] == '\\' && i+1 < len(raw):
			clean = append(clean, raw[i], raw[i+1])
			i++
		default:
			clean = append(clean, raw[i])
		}
	}
	return clean, changed
}

// cleanText does the same to a string.
func cleanText(s string) string { return strings.ReplaceAll(s, "\x00", picture) }
