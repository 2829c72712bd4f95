package remotetest

import (
	"bytes"
	"strings"
)

// document is a JSON object whose members are written in the order in which they
// were set.
type document struct{ members []member }

// member is one of them: JSON, or an object.
type member struct {
	name   string
	raw    []byte
	object *document
}

// set sets the member at a path, and makes the objects on the way. An empty path
// sets nothing.
func (d *document) set(path string, raw []byte) {
	if path == "" {
		return
	}
	if !strings.HasPrefix(path, "@") {
		if first, rest, ok := strings.Cut(path, "."); ok {
			d.object(first).set(rest, raw)
			return
		}
	}
	d.add(path, raw)
}

// add sets the member of a name, dots and all.
func (d *document) add(name string, raw []byte) {
	d.members = append(d.members, member{name: name, raw: raw})
}

// object is the object of a name, made where there is none.
func (d *document) object(name string) *document {
	for _, m := range d.members {
		if m.name == name && m.object != nil {
			return m.object
		}
	}
	o := &document{}
	d.members = append(d.members, member{name: name, object: o})
	return o
}

// bytes is the document as JSON.
func (d *document) bytes() []byte {
	var b bytes.Buffer
	d.write(&b)
	return b.Bytes()
}

// write appends the document as JSON.
func (d *document) write(b *bytes.Buffer) {
	b.WriteByte('{')
	for i, m := range d.members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(m.name))
		b.WriteByte(':')
		if m.object != nil {
			m.object.write(b)
		} else {
			b.Write(m.raw)
		}
	}
	b.WriteByte('}')
}
