package rest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// codeOf writes a setting as Go code, without what is not set: rest.Offset{Limit: "size"}.
func codeOf(setting any) string {
	switch v := setting.(type) {
	case string:
		return word(v)
	case url.Values:
		return "url.Values" + listsOf(v)
	case http.Header:
		return "http.Header" + listsOf(v)
	case rune: // what separates the fields of a CSV
		return strconv.QuoteRune(v)
	case []string:
		return "[]string" + list(v)
	}
	v := reflect.ValueOf(setting)
	if v.Kind() != reflect.Struct {
		return fmt.Sprint(setting)
	}
	return "rest." + v.Type().Name() + "{" + strings.Join(membersOf(setting), ", ") + "}"
}

// membersOf are the settings in a struct that are set, but for functions.
func membersOf(setting any) (set []string) {
	v := reflect.ValueOf(setting)
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() && f.Kind() != reflect.Func {
			set = append(set, v.Type().Field(i).Name+": "+codeOf(f.Interface()))
		}
	}
	return set
}

// word is a text in code: rest.Root and rest.None by their names.
func word(text string) string {
	switch text {
	case Root:
		return "rest.Root"
	case None:
		return "rest.None"
	}
	return strconv.Quote(text)
}

// list is what follows the type of a list of texts.
func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return "{" + strings.Join(quoted, ", ") + "}"
}

// listsOf is what follows the type of a map of lists of texts.
func listsOf(m map[string][]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		pairs = append(pairs, strconv.Quote(name)+": "+list(m[name]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}
