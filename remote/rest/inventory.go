package rest

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// inventory is what an envelope has, for who looks for the list in it.
type inventory struct {
	members []string   // of the body's object: "data (an object)"
	lists   []listedAt // lists of objects, or that are empty
}

// listedAt is a list in an envelope.
type listedAt struct {
	path  string
	empty bool
}

// How APIs name the list, and lists that are beside it, in lower case and without signs.
var (
	listNames = []string{"data", "items", "results", "records", "value", "values", "list", "entries", "rows", "docs", "content", "hits", "nodes", "edges", "objects", "elements", "resources", "members", "embedded"}
	sideNames = []string{"included", "links", "facets", "aggregations", "filters", "warnings", "messages", "notices", "users", "expansions"}
)

const (
	mostMembers = 20 // that an error names
	mostDepth   = 4  // of objects in which lists are looked for
)

// inventoryOf looks through a body.
func inventoryOf(body []byte) *inventory {
	i := &inventory{}
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() == '{' {
		i.object(dec, "")
	}
	slices.SortStableFunc(i.lists, func(a, b listedAt) int { return strings.Count(a.path, ".") - strings.Count(b.path, ".") })
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
				i.lists = append(i.lists, listedAt{at, first[0] == ']'})
			}
		}
	}
	_, err := dec.ReadToken()
	return err == nil
}

// found names the members.
func (i *inventory) found() string { return strings.Join(i.members, ", ") }

// best is the path of the list that is likeliest to have the records of an endpoint, and
// whether there is any.
func (i *inventory) best(endpoint string) (list listedAt, found bool) {
	score := func(l listedAt) (n int) {
		name := lastName(l.path)
		switch {
		case strings.EqualFold(name, endpoint):
			n = 3
		case slices.Contains(listNames, plainName(name)):
			n = 2
		case !slices.Contains(sideNames, plainName(name)):
			n = 1
		}
		if !l.empty {
			n += 4
		}
		return n
	}
	if len(i.lists) == 0 {
		return list, false
	}
	// Of those that are as good, the first is not as deep.
	return slices.MaxFunc(i.lists, func(a, b listedAt) int { return cmp.Compare(score(a), score(b)) }), true
}

// advice says how to name the list of an endpoint.
func (i *inventory) advice(setting, endpoint string) string {
	list, ok := i.best(endpoint)
	if !ok {
		return "set " + setting + " to the path of the list"
	}
	return "set " + setting + " to the path of the list, such as " + strconv.Quote(list.path)
}

// shortName keeps the beginning of a member's name.
func shortName(name string) string {
	const most = 60
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}
