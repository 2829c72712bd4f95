package rest

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote"
)

// shape is what the records of a list have in common.
type shape struct {
	records    int
	attributes []*attribute // in the order in which they came
	seen       map[string]bool
}

// attribute is one member of records, or a member of an object in them.
type attribute struct {
	path    string
	records int // that have it
	nulls   int
	kinds   []byte // of its other values, each once
	exact   bool   // its numbers are integers that an int64 holds
	layouts []string
	moments []moment // how its numbers may count time, since 1970
	values  map[string]bool
}

// moment is a way to count time.
type moment struct {
	name string // as a time tag has it
	from int64  // the least number that is likely
}

// layouts are how APIs spell times, the likeliest first.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", time.RFC1123, time.RFC1123Z}

// moments are the ways to count time; a number is likely to be one from 2001 to 2065.
var moments = []moment{{"unix", 1e9}, {"unixms", 1e12}}

// mostAttributes bounds what is looked at in a record, and mostDistinct the values that
// are compared with each other.
const (
	mostAttributes = 200
	mostDistinct   = 10_000
)

// shapeOf looks at records. One that is like an earlier one, as where pages overlap, counts once.
func shapeOf(records []remote.Value) *shape {
	s := &shape{seen: map[string]bool{}}
	for _, r := range records {
		if text := string(r); !s.seen[text] {
			s.seen[text] = true
			s.records++
			s.add(r, "")
		}
	}
	return s
}

// add takes note of the members of an object.
func (s *shape) add(object remote.Value, in string) {
	eachMember(object, func(name string, v remote.Value) {
		path := in + name
		v = bytes.Clone(v)
		s.attribute(path).add(v)
		if v.Kind() == '{' && in == "" {
			s.add(v, path+".")
		}
	})
}

// attribute returns the attribute at a path.
func (s *shape) attribute(path string) *attribute {
	if a := s.find(path); a != nil {
		return a
	}
	a := &attribute{path: path, exact: true, layouts: layouts, moments: moments, values: map[string]bool{}}
	if len(s.attributes) < mostAttributes {
		s.attributes = append(s.attributes, a)
	}
	return a
}

// find returns the attribute at a path, nil where there is none.
func (s *shape) find(path string) *attribute {
	i := slices.IndexFunc(s.attributes, func(a *attribute) bool { return a.path == path })
	if i < 0 {
		return nil
	}
	return s.attributes[i]
}

// add takes note of a value.
func (a *attribute) add(v remote.Value) {
	a.records++
	kind := v.Kind()
	if kind == 'f' {
		kind = 't'
	}
	if kind == 'n' {
		a.nulls++
		return
	}
	if !slices.Contains(a.kinds, kind) {
		a.kinds = append(a.kinds, kind)
	}
	if len(a.values) < mostDistinct {
		a.values[string(v)] = true
	}
	text, err := textOf(v)
	if err != nil {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if kind == '0' {
		a.exact = a.exact && err == nil
	}
	a.moments = slices.DeleteFunc(slices.Clone(a.moments), func(m moment) bool { return err != nil || n < m.from || n >= 3*m.from })
	a.layouts = slices.DeleteFunc(slices.Clone(a.layouts), func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err != nil
	})
}

// is reports whether the attribute's values are all of one JSON kind, or null.
func (a *attribute) is(kind byte) bool { return len(a.kinds) == 1 && a.kinds[0] == kind }

// optional reports whether some records lack the attribute, or have null.
func (a *attribute) optional(s *shape) bool { return a.nulls > 0 || a.records < s.records }

// layout is how the attribute spells a time, as a time tag has it; "" where it is none.
func (a *attribute) layout() string {
	switch {
	case a.is('"') && len(a.layouts) > 0:
		return a.layouts[0]
	case a.is('0') && len(a.moments) > 0 && timely(a.path):
		return a.moments[0].name
	}
	return ""
}

// timely reports whether a name is that of a time: a number alone does not show it.
func timely(path string) bool {
	name := strings.ToLower(lastName(path))
	for _, part := range []string{"time", "date", "created", "updated", "modified", "changed", "_at", "stamp", "_on", "ts"} {
		if strings.Contains(name, part) || name == part {
			return true
		}
	}
	return strings.HasSuffix(lastName(path), "At") || strings.HasSuffix(lastName(path), "On")
}

// unique reports whether each record has a text or a whole number here, and each another.
func (a *attribute) unique(s *shape) bool {
	return !a.optional(s) && len(a.values) == s.records && (a.is('"') || a.is('0') && a.exact)
}
