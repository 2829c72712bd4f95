package plan

import (
	"bytes"
	"errors"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// picture is U+2400, the picture of a NUL. Columns have it for each NUL in a
// string: PostgreSQL's text holds none.
const picture = "\u2400"

// errTwins is the error of an object that would have two members of one name.
var errTwins = errors.New("two members have names that differ by a NUL alone, which no column keeps")

// withoutNUL returns the object with a picture for each NUL in its strings.
func withoutNUL(o remote.Object) (remote.Object, error) {
	clean, changed := unescapeNUL(o.Raw())
	if !changed {
		return o, nil
	}
	object, err := remote.ParseObject(clean)
	if err != nil {
		return o, errTwins
	}
	return object, nil
}

// unescapeNUL does the same for JSON text. It does not change raw itself.
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

// cleanText does the same for a string.
func cleanText(s string) string { return strings.ReplaceAll(s, "\x00", picture) }
