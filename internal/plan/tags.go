package plan

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
)

// tagKeys are the keys of tags that the package reads.
var tagKeys = []string{"json", "db", "synced", "validate", "time", "zone"}

// checkSyntax finds a tag that is not written as Go wants it: package reflect would
// see no more of it, without a word.
func checkSyntax(tag reflect.StructTag) error {
	seen := map[string]bool{}
	rest := string(tag)
	for rest = strings.TrimLeft(rest, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, after, _ := strings.Cut(rest, ":")
		quoted, err := strconv.QuotedPrefix(after)
		if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }) || err != nil || quoted[0] != '"' {
			return fmt.Errorf("the tag `%s` can't be read from `%s` on: write each part as key:\"value\" with a space between, such as `json:\"name\" db:\"name\"`", tag, rest)
		}
		for _, known := range tagKeys {
			if key != known && strings.EqualFold(strings.TrimFunc(key, func(r rune) bool { return r == ',' || r == ';' }), known) {
				return fmt.Errorf("the tag `%s` has the key %q, which nobody reads: write %s:%s, with a space between it and others", tag, key, known, quoted)
			}
		}
		if seen[key] && slices.Contains(tagKeys, key) {
			return fmt.Errorf("the tag `%s` has %s twice: keep one", tag, key)
		}
		seen[key] = true
		rest = after[len(quoted):]
	}
	return nil
}

// tagged is a field whose tags are read and checked.
type tagged struct{ *field }

func (f tagged) readTags(tag reflect.StructTag) error {
	if column, ok := tag.Lookup("db"); ok && column != "-" {
		name, options, _ := strings.Cut(column, ",")
		switch {
		case name == "":
			return fmt.Errorf("the db tag %q names no column: write its name, or drop the tag", column)
		case options != "":
			return fmt.Errorf("the db tag %q has options, and there are none: write the column's name alone", column)
		case name != strings.TrimSpace(name):
			return fmt.Errorf("the db tag %q has a space around the column's name: write db:%q", column, strings.TrimSpace(name))
		}
		f.column = name
	}
	if text, ok := tag.Lookup("json"); ok && text != "-" {
		if err := f.readAttribute(text); err != nil {
			return err
		}
	}
	own, ok := tag.Lookup("synced")
	switch {
	case !ok:
	case own == "computed":
		f.computed = true
	case own == "number":
		f.number = true
	case own == "parent":
		f.parent = true
	case own == "translated":
		f.translated, f.column = f.column, ""
		f.computed = f.remote == ""
		return f.checkTranslated()
	default:
		return fmt.Errorf("unknown tag `synced:%q`: there are `synced:\"computed\"`, `synced:\"number\"`, `synced:\"parent\"` and `synced:\"translated\"`", own)
	}
	return nil
}

// readAttribute reads a json tag: the name or the path of an attribute, and options
// that are for writing JSON.
func (f tagged) readAttribute(text string) (err error) {
	name, options, _ := strings.Cut(text, ",")
	switch {
	case name == "":
		return fmt.Errorf("the json tag %q names no attribute: write its name", text)
	case strings.Contains(options, " ") || name != strings.TrimSpace(name):
		return fmt.Errorf("the json tag %q has a space beside the name or a comma: write json:%q", text, withoutSpaces(text))
	}
	for option := range strings.SplitSeq(options, ",") {
		if option != "" && option != "omitempty" && option != "omitzero" {
			return fmt.Errorf("the json tag %q has option %q, which is not supported: drop it, and convert in Map", text, option)
		}
	}
	f.remote = name
	f.path, err = attribute.Parse(name)
	return err
}

// withoutSpaces returns a list with commas without the spaces beside them.
func withoutSpaces(list string) string {
	parts := strings.Split(list, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	return strings.Join(parts, ",")
}

func (f tagged) checkTags(sf reflect.StructField) error {
	switch {
	case !sf.IsExported():
		return errors.New("it has tags but is not exported, so it can't be set: write it with a capital")
	case f.typ == dataType && f.remote != "":
		return fmt.Errorf("synced.Data is the whole object, not attribute %q: drop the json tag, or use json.RawMessage", f.remote)
	case f.typ == dataType && f.computed:
		return errors.New("synced.Data is the whole object, and nothing computes it: drop the synced tag")
	case f.typ == dataType && f.column == "":
		return errors.New("synced.Data has no column: add `db:\"synced_data\"`")
	case f.computed && f.column+f.translated == "":
		return errors.New("it is computed but has no column: add a db tag")
	case f.computed && f.remote != "":
		return fmt.Errorf("it is computed and reads attribute %q as well: drop one of the tags", f.remote)
	case f.parent && f.column == "":
		return errors.New("it keeps the local key of a parent but has no column: add a db tag")
	case f.parent && f.remote != "":
		return fmt.Errorf("it keeps the local key of a parent and reads attribute %q as well: drop one of the tags", f.remote)
	case f.translated == backend.TranslationParent, f.translated == backend.TranslationLocale:
		return fmt.Errorf("column %q of the table of translations has another purpose: name another column", f.translated)
	case f.column == reservedName:
		return fmt.Errorf("column %q is reserved for the fingerprint: remove the field", f.column)
	case strings.Contains(f.column+f.translated, "."):
		return fmt.Errorf("column %q has a dot in its name: rename it", f.column+f.translated)
	}
	return nil
}
