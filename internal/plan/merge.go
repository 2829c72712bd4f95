package plan

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/scan"
	"github.com/syncedgo/synced/remote"
)

// Merge returns a base with the members of another object over it, each as a whole, and
// reports whether that changes anything but what is volatile; where it doesn't, it
// returns the base. Members stay in their places, so that the result is spelled as the
// remote spells the whole object.
func (p *Plan) Merge(base, over remote.Object) (merged remote.Object, changed bool) {
	raw := overlay(base.Raw(), over.Raw())
	if raw == nil || p.sameObject(base.Raw(), raw) {
		return base, false
	}
	return remote.UncheckedObject(raw), true
}

// Overlay returns a base with the members of another object over it: what two answers
// that leave out what did not change say together.
func Overlay(base, over remote.Object) remote.Object {
	if raw := overlay(base.Raw(), over.Raw()); raw != nil {
		return remote.UncheckedObject(raw)
	}
	return base
}

// sameObject reports whether two objects are the same but for what is volatile.
func (p *fingerprints) sameObject(a, b []byte) bool {
	return SameJSON(without(a, p.volatile), without(b, p.volatile))
}

// overlay returns nil where every member is in the base as it is.
func overlay(base, over []byte) []byte {
	var names []string
	values := map[string]jsontext.Value{}
	err := eachMember(over, func(name, value []byte) bool {
		if _, before := values[string(name)]; !before { // a name with escapes begins again
			names = append(names, string(name))
		}
		values[string(name)] = value
		return true
	})
	if err != nil {
		return nil
	}
	o := overlaying{base: base, dec: jsontext.NewDecoder(bytes.NewBuffer(base))}
	if !o.replace(values) {
		return nil
	}
	return o.add(names, values)
}

// overlaying puts members over those of a base.
type overlaying struct {
	base    []byte
	dec     *jsontext.Decoder
	out     []byte
	copied  int64 // of the base
	changed bool
	empty   bool // the base has no members
}

// replace replaces the members that the base has, and takes them out of the values. It
// reports whether the base is an object.
func (o *overlaying) replace(values map[string]jsontext.Value) bool {
	if start, err := o.dec.ReadToken(); err != nil || start.Kind() != '{' {
		return false
	}
	o.empty = o.dec.PeekKind() == '}'
	for o.dec.PeekKind() == '"' {
		token, err := o.dec.ReadToken()
		if err != nil {
			return false
		}
		name := token.String()
		value, err := o.dec.ReadValue()
		if err != nil {
			return false
		}
		fresh, over := values[name]
		if !over {
			continue
		}
		delete(values, name)
		if bytes.Equal(fresh, value) {
			continue
		}
		end := o.dec.InputOffset()
		o.out = append(append(o.out, o.base[o.copied:end-int64(len(value))]...), fresh...)
		o.copied, o.changed = end, true
	}
	_, err := o.dec.ReadToken()
	return err == nil
}

// add adds the values that are left, in their order.
func (o *overlaying) add(names []string, values map[string]jsontext.Value) []byte {
	if !o.changed && len(values) == 0 {
		return nil
	}
	end := o.dec.InputOffset() - 1 // of the last member, and what is between it and the brace
	last := end
	for last > 0 && scan.Space(o.base, int(last-1)) > int(last-1) {
		last--
	}
	if len(values) > 0 {
		o.out = append(o.out, o.base[o.copied:last]...)
		o.copied = last
	}
	for _, name := range names {
		value, left := values[name]
		if !left {
			continue
		}
		if !o.empty {
			o.out = append(o.out, ',')
		}
		o.empty = false
		o.out, _ = jsontext.AppendQuote(o.out, name) // a name of a valid object
		o.out = append(append(o.out, ':'), value...)
	}
	return append(o.out, o.base[o.copied:]...)
}
