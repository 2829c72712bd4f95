package journal

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// members reads the members of an object, as triggers write it. Values are those of JSON, and
// those that SQLite writes in SQL: NULL, 'a text', and bytes such as X'00FF'. An update of SQLite's
// begins with a comma instead of a brace; see [pairs].
func members(text *string) (map[string]jsontext.Value, error) {
	if text == nil {
		return nil, nil
	}
	rest := strings.TrimSuffix(strings.TrimLeft(*text, "{, "), "}")
	list := map[string]jsontext.Value{}
	for rest != "" {
		name, behind, err := cut(rest)
		if err != nil {
			return nil, err
		}
		unquoted, err := jsontext.AppendUnquote(nil, name)
		if err != nil && len(unquoted) == 0 {
			return nil, err
		}
		value, behind, err := cut(strings.TrimLeft(behind, ": "))
		if err != nil {
			return nil, err
		}
		if list[string(unquoted)], err = asJSON(value); err != nil {
			return nil, err
		}
		rest = strings.TrimLeft(behind, ", ")
	}
	return list, nil
}

// pairs parts members of two values: those before and those after an update.
func pairs(both map[string]jsontext.Value) (olds, news map[string]jsontext.Value, err error) {
	olds, news = make(map[string]jsontext.Value, len(both)), make(map[string]jsontext.Value, len(both))
	for name, pair := range both {
		rest := strings.TrimSuffix(strings.TrimPrefix(string(pair), "["), "]")
		for _, into := range []map[string]jsontext.Value{olds, news} {
			value, behind, err := cut(rest)
			if err != nil {
				return nil, nil, err
			}
			if into[name], err = asJSON(value); err != nil {
				return nil, nil, err
			}
			rest = strings.TrimPrefix(behind, ",")
		}
	}
	return olds, news, nil
}

// cut cuts a text behind its first value.
func cut(text string) (value, rest string, err error) {
	depth, quoted := 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quoted != 0:
			if c == quoted && !escaped(text[:i], quoted) {
				quoted = 0
			}
		case c == '"', c == '\'':
			quoted = c
		case c == '{', c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']'):
			return strings.TrimSpace(text[:i]), text[i:], nil
		}
	}
	if depth > 0 || quoted != 0 {
		return "", "", fmt.Errorf("a value has no end: %.40q", text)
	}
	return strings.TrimSpace(text), "", nil
}

// escaped reports whether a quotation mark that follows a text of JSON is part of it.
func escaped(before string, quoted byte) bool {
	if quoted != '"' {
		return false
	}
	n := len(before) - len(strings.TrimRight(before, `\`))
	return n%2 == 1
}

// asJSON turns what SQLite writes as SQL into JSON.
func asJSON(value string) (jsontext.Value, error) {
	switch {
	case value == "NULL":
		return jsontext.Value("null"), nil
	case strings.HasPrefix(value, "X'"):
		return jsontext.Value(`{"` + blobMember + `":"` + strings.Trim(value[1:], "'") + `"}`), nil
	case strings.HasPrefix(value, "'"):
		return jsontext.Value(quotedJSON(strings.ReplaceAll(strings.TrimSuffix(value[1:], "'"), "''", "'"))), nil
	case value == "":
		return nil, fmt.Errorf("a value is missing")
	}
	return jsontext.Value(value), nil
}

// blobMember marks bytes.
const blobMember = "synced_blob"

// blobOf returns the bytes of a value that are marked as such.
func blobOf(raw jsontext.Value) ([]byte, bool) {
	text, marked := strings.CutPrefix(string(raw), `{"`+blobMember+`":"`)
	digits, closed := strings.CutSuffix(text, `"}`)
	if !marked || !closed {
		return nil, false
	}
	b, err := hex.DecodeString(digits)
	return b, err == nil
}
