// Package offsets recognises cursors that are positions in a list in disguise: an
// offset, or the number of a page. Such a list shifts where records come and go.
package offsets

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// In reports whether a cursor that was given after so many records is likely to be a
// position: a number that is not large, by itself or in base64; or a text or JSON in
// which a number is called an offset, a page or the like.
func In(cursor string, seen int) bool {
	for range 3 { // as it is, and in up to two coats
		if inText(cursor, seen) {
			return true
		}
		if decoded, ok := decode(cursor); ok {
			cursor = decoded
			continue
		}
		if plain, err := url.QueryUnescape(cursor); err == nil && plain != cursor {
			cursor = plain
			continue
		}
		return false
	}
	return false
}

// named is a number of a position with its name, and whole one with any name.
var (
	named = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:offset|skip|page|page_?(?:no|num|number|index)|start|start_?(?:at|index)|from|index|position|pos|arrayconnection|o|p)["']?\s*[:=|/_-]\s*["']?(\d{1,9})(?:\D|$)`)
	whole = regexp.MustCompile(`^([A-Za-z_]+)[:=|/_-]?(\d{1,9})$`)
)

// keys are names of what stays put.
var keys = []string{"id", "after", "before", "last", "lastid", "key", "since", "seq", "time", "ts", "token"}

func inText(text string, seen int) bool {
	if n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 63); err == nil {
		return small(n, seen)
	}
	if text != "" && (text[0] == '{' || text[0] == '[') {
		var v any
		if json.Unmarshal([]byte(text), &v) == nil {
			return inJSON("", v, seen)
		}
	}
	for _, found := range named.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.ParseUint(found[1], 10, 63); err == nil && small(n, seen) {
			return true
		}
	}
	if found := whole.FindStringSubmatch(text); found != nil && !slices.Contains(keys, plain(found[1])) {
		n, err := strconv.Atoi(found[2])
		return err == nil && n >= seen-1 && n <= seen+1
	}
	return false
}

// inJSON looks for a member that is a position.
func inJSON(name string, v any, seen int) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, v := range v {
			if inJSON(name, v, seen) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(v any) bool { return inJSON(name, v, seen) })
	case float64:
		return v >= 0 && v == float64(uint64(v)) && isPosition(name) && small(uint64(v), seen)
	case string:
		n, err := strconv.ParseUint(v, 10, 63)
		return err == nil && isPosition(name) && small(n, seen)
	}
	return false
}

// positions are names of positions.
var positions = []string{"offset", "skip", "page", "pageno", "pagenum", "pagenumber", "pageindex", "start", "startat", "startindex", "from", "index", "position", "pos", "o", "p"}

func isPosition(name string) bool { return slices.Contains(positions, plain(name)) }

// small reports whether a number may be a position after so many records: some may be
// hidden.
func small(n uint64, seen int) bool { return n <= 1000+2*uint64(seen) }

// plain is a name in lower case, without what is no letter.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// decode reads base64 of any kind, where it is a text.
func decode(s string) (string, bool) {
	s = strings.TrimRight(s, "=")
	if len(s) < 2 {
		return "", false
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		b, err := encoding.DecodeString(s)
		if err == nil && utf8.Valid(b) && !slices.ContainsFunc([]rune(string(b)), func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }) {
			return string(b), true
		}
	}
	return "", false
}
