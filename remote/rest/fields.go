package rest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// mostFields bounds the struct that is written for a record, so that it stays on a screen.
const mostFields = 40

// field is a field of that struct.
type field struct {
	name, typ string
	json, db  string
	tags      string // besides
}

// fieldsOf makes fields of the attributes of records, the id first, and says which
// attributes it left out.
func fieldsOf(s *shape, id *attribute) (fields []field, left []string) {
	names, columns := map[string]bool{"SyncedID": true}, map[string]bool{"synced_id": true, "synced_hash": true, "synced_data": true, "synced_all_at": true, "id": true}
	add := func(a *attribute, f field) {
		f.json = a.path
		if f.name == "" {
			f.name, f.db = unusedName(names, goName(a.path), ""), unusedName(columns, columnOf(a.path), "_")
		}
		names[f.name], columns[f.db] = true, true
		fields = append(fields, f)
	}
	if id != nil {
		add(id, field{name: "SyncedID", typ: map[bool]string{true: "int64", false: "string"}[id.is('0')], db: "synced_id"})
	}
	for _, a := range s.attributes {
		outer := s.outer(a)
		typ, tags := a.goType(s)
		switch {
		case a == id, outer != "" && !slices.Contains(innerNames, outer), a.is('{') && slices.Contains(innerNames, a.path) && !strings.Contains(a.path, "."):
		case typ == "", !writableName(a.path), len(fields) >= mostFields:
			left = append(left, a.path)
		default:
			add(a, field{typ: typ, tags: tags})
		}
	}
	return fields, left
}

// goType is the type of the field that takes an attribute, and its tags; "" where no
// value was seen.
func (a *attribute) goType(s *shape) (typ, tags string) {
	if layout := a.layout(); layout != "" {
		typ = "time.Time"
		if layout != layouts[0] {
			tags = fmt.Sprintf(" time:%q", layout)
		}
	} else {
		switch {
		case len(a.kinds) == 0:
			return "", ""
		case a.is('t'):
			typ = "bool"
		case a.is('"'):
			typ = "string"
		case a.is('0') && a.exact:
			typ = "int64"
		case a.is('0'):
			typ, tags = "string", ` synced:"number"`
		default:
			return "json.RawMessage", ""
		}
	}
	if a.optional(s) {
		typ = "*" + typ
	}
	return typ, tags
}

// writableName reports whether a name can stand in a json tag.
func writableName(name string) bool {
	for _, r := range name {
		if !(r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("_@$:./- ", r)) {
			return false
		}
	}
	return name != "" && name != "-" && len(name) <= 100
}

// words are those of a name: updated, at of updatedAt, updated_at and updated-at.
func words(name string) (found []string) {
	var word []rune
	end := func() {
		if len(word) > 0 {
			found = append(found, strings.ToLower(string(word)))
		}
		word = nil
	}
	lower := false
	for _, r := range name {
		letter := r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if !letter || lower && unicode.IsUpper(r) {
			end()
		}
		if letter {
			word = append(word, r)
		}
		lower = letter && !unicode.IsUpper(r)
	}
	end()
	return found
}

// goName is an exported name in Go for an attribute, by the last name of its path.
func goName(path string) string {
	var b strings.Builder
	for _, w := range words(lastName(path)) {
		switch w {
		case "id", "url", "uri", "api", "html", "json", "http", "uuid", "ip", "sku", "vat":
			b.WriteString(strings.ToUpper(w))
		default:
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	name := b.String()
	if name == "" || unicode.IsDigit(rune(name[0])) {
		name = "Field" + name
	}
	return name
}

// columnOf is a column's name for an attribute, by the last name of its path.
func columnOf(path string) string {
	name := strings.Join(words(lastName(path)), "_")
	if name == "" || unicode.IsDigit(rune(name[0])) {
		name = "field_" + name
	}
	return strings.TrimSuffix(name[:min(len(name), 60)], "_")
}

// unusedName is a name, with a number after it where it is used already.
func unusedName(used map[string]bool, name, before string) string {
	for n, candidate := 2, name; ; n++ {
		if !used[candidate] {
			return candidate
		}
		candidate = fmt.Sprint(name, before, n)
	}
}
