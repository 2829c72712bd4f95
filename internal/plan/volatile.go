package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/mapper"
)

// setVolatile takes the paths of the values that no comparison looks at.
func (p builder) setVolatile(paths []string) error {
	for _, path := range paths {
		if slices.Contains(strings.Split(path, "."), "") {
			return fmt.Errorf("volatile path %q has an empty name: write names with a dot between", path)
		}
		cut, err := attribute.Parse(path)
		if err != nil {
			return fmt.Errorf("volatile: %w", err)
		}
		for _, f := range p.fields {
			if f.remote != "" && f.column+f.translated != "" && (cut.Within(f.path) || f.path.Within(cut)) {
				return fmt.Errorf("volatile path %q is in an attribute that field %s keeps in a column: a change of it is one of the row", path, f.name)
			}
		}
		p.volatile = append(p.volatile, cut.Names()...)
	}
	return nil
}

// sameData reports whether two whole objects are the same but for what is
// volatile.
func (p *fingerprints) sameData(a, b any) bool {
	x, y := *a.(*mapper.Data), *b.(*mapper.Data)
	if len(p.volatile) == 0 || len(x) == 0 || len(y) == 0 {
		return SameJSON(x, y)
	}
	return SameJSON(without(x, p.volatile), without(y, p.volatile))
}

// without returns an object with null in the place of the values at the paths.
// It returns bytes that are no object as they are.
func without(raw []byte, paths [][]string) []byte {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	var out []byte
	kept := int64(0)
	for _, cut := range places(dec, paths) {
		out = append(append(out, raw[kept:cut[0]]...), "null"...)
		kept = cut[1]
	}
	if out == nil {
		return raw
	}
	return append(out, raw[kept:]...)
}

// places lists where the values at the paths begin and end in the object that the
// decoder is at, in order.
func places(dec *jsontext.Decoder, paths [][]string) [][2]int64 {
	if dec.PeekKind() != '{' {
		_ = dec.SkipValue()
		return nil
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var found [][2]int64
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return found
		}
		cut, below := descend(paths, token.String())
		switch {
		case cut:
			value, err := dec.ReadValue()
			if err != nil {
				return found
			}
			end := dec.InputOffset()
			found = append(found, [2]int64{end - int64(len(value)), end})
		case below != nil:
			found = append(found, places(dec, below)...)
		default:
			if dec.SkipValue() != nil {
				return found
			}
		}
	}
	_, _ = dec.ReadToken()
	return found
}

// descend returns what is left of the paths below a member, and reports whether
// one of them ends there.
func descend(paths [][]string, name string) (ends bool, below [][]string) {
	for _, path := range paths {
		if path[0] == name {
			ends = ends || len(path) == 1
			below = append(below, path[1:])
		}
	}
	return ends, below
}
