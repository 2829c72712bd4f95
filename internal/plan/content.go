package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

// Content, in the place of attributes, makes the whole content of an object its remote id.
const Content = "*"

// contentDigits is how long such an id is: 16 bytes of SHA-256, in hexadecimal digits.
const contentDigits = 32

// ByContent reports whether the whole content of an object is its remote id: such records
// are equal or others, and a remote can't be asked for one of them.
func (p *identity) ByContent() bool { return p.maker != nil && p.maker.content }

// Twin returns the id of the n-th of several records with the same content: "…/2" for the
// second.
func (p *identity) Twin(id backend.ID, n int) backend.ID {
	return backend.TextID(id.String() + "/" + strconv.Itoa(n))
}

// contentID makes an id of what an object means: the order of members, and the spelling
// of numbers and strings, mean nothing, and neither do volatile values. The id of an object
// that can't be read is that of its bytes.
func (m *idMaker) contentID(o remote.Object) string {
	content := []byte(o.Raw())
	if v, err := parse(content); err == nil {
		if all, ok := v.(map[string]any); ok {
			cutOut(all, m.volatile)
		}
		content = appendCanonical(nil, v)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:contentDigits/2])
}

// spellsContent reports whether a text is the id of a content, or of its n-th record.
func spellsContent(text string) bool {
	digits, number, numbered := strings.Cut(text, "/")
	if sum, err := hex.DecodeString(digits); err != nil || hex.EncodeToString(sum) != digits || len(digits) != contentDigits {
		return false
	}
	n, err := strconv.Atoi(number)
	return !numbered || err == nil && n > 1 && strconv.Itoa(n) == number
}

// cutOut takes the values at some paths out of an object.
func cutOut(all map[string]any, paths [][]string) {
	for name, v := range all {
		ends, below := descend(paths, name)
		if within, ok := v.(map[string]any); ends {
			delete(all, name)
		} else if ok && below != nil {
			cutOut(within, below)
		}
	}
}

// appendCanonical appends the only spelling of a value that [parse] has read.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		b = append(b, '{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			b = appendCanonical(append(appendText(b, name), ':'), v[name])
			b = append(b, ',')
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for _, item := range v {
			b = append(appendCanonical(b, item), ',')
		}
		return append(b, ']')
	case string:
		return appendText(b, v)
	case number:
		return append(b, v...)
	case bool:
		return strconv.AppendBool(b, v)
	default:
		return append(b, "null"...)
	}
}

// appendText appends a text behind its length, so that no two lists of texts look the same.
func appendText(b []byte, text string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(text)), 10), '"'), text...)
}
