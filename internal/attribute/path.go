// Package attribute finds the attributes that declarations name in the objects of a
// remote. All that name one read it the same way.
package attribute

import (
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// Path is where an attribute is, as a declaration writes it: "name", or
// "attributes.name" with a dot for each step into an object. A member whose own name
// has the dots comes first, so "@odata.etag" and "fields.System.Title" need no
// escapes. A dot at an end, or beside another, is no step.
type Path struct {
	text string
	dots []int // where the steps are
}

// mostDots is how many steps a path may have.
const mostDots = 8

// Parse reads a path. Its error is of one that is empty, or has too many steps.
func Parse(text string) (Path, error) {
	p := Path{text: text}
	if text == "" {
		return p, errors.New("the attribute has no name: write one")
	}
	for i := range len(text) {
		if text[i] == '.' && i > 0 && i < len(text)-1 && text[i-1] != '.' && text[i+1] != '.' {
			p.dots = append(p.dots, i)
		}
	}
	if len(p.dots) > mostDots {
		return p, fmt.Errorf("the attribute %q is more than %d objects deep: name the object around it, and take that apart in Map", text, mostDots)
	}
	return p, nil
}

// String returns the path as it is written.
func (p Path) String() string { return p.text }

// Plain reports whether the path is a name without steps.
func (p Path) Plain() bool { return len(p.dots) == 0 }

// Names returns the names that the path may be made of, the way with the longest
// first name first: "a.b" is the member "a.b", or else the member "b" of "a".
func (p Path) Names() [][]string { return p.names(0, p.dots) }

func (p Path) names(from int, dots []int) [][]string {
	ways := [][]string{{p.text[from:]}}
	for n := len(dots) - 1; n >= 0; n-- {
		for _, rest := range p.names(dots[n]+1, dots[n+1:]) {
			ways = append(ways, append([]string{p.text[from:dots[n]]}, rest...))
		}
	}
	return ways
}

// In finds the attribute in an object, and whether the object has it. A null is a
// value.
func (p Path) In(o remote.Object) (remote.Value, bool) { return p.in(o, 0, p.dots) }

func (p Path) in(o remote.Object, from int, dots []int) (remote.Value, bool) {
	if v, ok := o.Lookup(p.text[from:]); ok {
		return v, true
	}
	for n := len(dots) - 1; n >= 0; n-- {
		v, ok := o.Lookup(p.text[from:dots[n]])
		if !ok || v.Kind() != '{' {
			continue
		}
		if v, ok := p.in(remote.UncheckedObject(v), dots[n]+1, dots[n+1:]); ok {
			return v, true
		}
	}
	return nil, false
}

// Empty reports whether the object has a null, or an empty list, which is how PHP writes
// an empty object, in the place of an object that the path steps into.
func (p Path) Empty(o remote.Object) bool {
	for _, names := range p.Names() {
		for n := 1; n < len(names); n++ {
			if v, ok := o.Lookup(names[:n]...); ok && (v.Kind() == 'n' || v.Kind() == '[' && strings.TrimSpace(string(v[1:len(v)-1])) == "") {
				return true
			}
		}
	}
	return false
}

// Within reports whether the attribute is another one, or in it, as both are written.
func (p Path) Within(other Path) bool {
	return p.text == other.text || strings.HasPrefix(p.text, other.text+".")
}
