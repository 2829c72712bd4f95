package rest

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// inventory is what an envelope has, for an error about the list that it lacks.
type inventory struct {
	members []string // of the body's object: "data (an object)"
	lists   []string // the paths to lists of objects, or that are empty
}

const (
	mostMembers = 20 // that an error names
	mostDepth   = 3  // of objects in which lists are looked for
)

// inventoryOf looks through a body.
func inventoryOf(body []byte) *inventory {
	i := &inventory{}
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() == '{' {
		i.object(dec, "")
	}
	slices.SortStableFunc(i.lists, func(a, b string) int { return strings.Count(a, ".") - strings.Count(b, ".") })
	return i
}

// object looks through an object that stands at a path, and reports whether its end was
// reached.
func (i *inventory) object(dec *jsontext.Decoder, path string) bool {
	if _, err := dec.ReadToken(); err != nil {
		return false
	}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return false
		}
		name, kind := token.String(), dec.PeekKind()
		if path == "" && len(i.members) < mostMembers {
			i.members = append(i.members, shortName(name)+" ("+kindName(byte(kind))+")")
		}
		at := name
		if path != "" {
			at = path + "." + name
		}
		if kind == '{' && strings.Count(at, ".") < mostDepth-1 {
			if !i.object(dec, at) {
				return false
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return false
		}
		if kind == '[' && name != "errors" && len(i.lists) < mostMembers && len(at) <= 100 {
			if first := bytes.TrimLeft(value[1:], " \t\r\n"); first[0] == '{' || first[0] == ']' {
				i.lists = append(i.lists, at)
			}
		}
	}
	_, err := dec.ReadToken()
	return err == nil
}

// found names the members.
func (i *inventory) found() string { return strings.Join(i.members, ", ") }

// advice says how to name the list.
func (i *inventory) advice(setting string) string {
	if len(i.lists) == 0 {
		return "set " + setting + " to the path of the list"
	}
	return "set " + setting + " to the path of the list, such as " + strconv.Quote(i.lists[0])
}

// shortName keeps the beginning of a member's name.
func shortName(name string) string {
	const most = 60
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}
