package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// identity reads remote ids.
type identity struct {
	id     *field
	idKind backend.Kind
	maker  *idMaker // nil where an attribute is the id
}

// IDKind returns the kind of the remote ids.
func (p *identity) IDKind() backend.Kind { return p.idKind }

// IDPaths returns where the remote id is in an object, or its parts. It is nil where a
// function makes the id.
func (p *identity) IDPaths() []attribute.Path {
	if p.maker == nil {
		return []attribute.Path{p.id.path}
	}
	return p.maker.paths
}

// ID returns the remote id of an object.
func (p *identity) ID(o remote.Object) (backend.ID, error) {
	if p.maker != nil {
		v, err := p.made(o)
		if err != nil {
			return backend.ID{}, err
		}
		return p.ParseID(v)
	}
	v, ok := p.id.path.In(o)
	if !ok {
		return backend.ID{}, &mapper.FieldError{Attribute: p.id.remote, Field: p.id.name, Err: fmt.Errorf("the record has no such attribute, and it is the remote id: name the one that is in the json tag of field %s", p.id.name)}
	}
	return p.ParseID(v)
}

// otherID proposes another type of the field for ids like this one, "" where none fits.
func (p *identity) otherID(v remote.Value) string {
	switch {
	case p.idKind != backend.Text && v.Kind() == '"' && string(v) != `""`:
		return ": make it a string, if the remote's ids are texts"
	case p.idKind != backend.Int && v.Kind() == '0':
		return ": make it an int64, if the remote's ids are whole numbers"
	}
	return ""
}

// ParseID reads a remote id, as an object or a list of deleted ids has it. It takes
// any spelling of a UUID; the id is the canonical one.
func (p *identity) ParseID(v remote.Value) (backend.ID, error) {
	fail := func(want string) (backend.ID, error) {
		return backend.ID{}, &mapper.FieldError{Attribute: p.id.remote, Field: p.id.name,
			Err: fmt.Errorf("the remote id is %s, but field %s wants %s%s", shorten(string(v), 60), p.id.name, want, p.otherID(v))}
	}
	if p.idKind == backend.Int {
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil && v.Kind() == '0' {
			return backend.IntID(n), nil // the usual spelling
		}
		var n int64
		if v.Kind() != '0' || json.Unmarshal(v, &n) != nil {
			return fail("a 64-bit integer")
		}
		return backend.IntID(n), nil
	}
	var text string
	if v.Kind() != '"' || json.Unmarshal(v, &text) != nil || text == "" {
		return fail("a string that is not empty")
	}
	if strings.Contains(text, "\x00") {
		return fail("a string without NUL characters")
	}
	if p.maker != nil && !p.maker.spells(text) {
		return fail(p.maker.String())
	}
	if p.idKind == backend.UUID {
		id, err := uuid.Parse(text)
		if err != nil {
			return fail("a UUID")
		}
		text = id.String()
	}
	return backend.TextID(shortID(text)), nil
}

// ParseNamed reads a remote id as a list of ids has it, beside records: there, an integer
// may be a text, "7", or have a fraction of nothing, 7.0.
func (p *identity) ParseNamed(v remote.Value) (backend.ID, error) {
	id, err := p.ParseID(v)
	if err == nil || p.idKind != backend.Int || p.maker != nil {
		return id, err
	}
	text := strings.TrimSuffix(strings.Trim(string(v), `"`), ".0")
	if n, bad := strconv.ParseInt(text, 10, 64); bad == nil && strconv.FormatInt(n, 10) == text {
		return backend.IntID(n), nil
	}
	return id, err
}

// mostOfID is how many bytes of text a remote id may have. The indexes of PostgreSQL
// hold 2,704 bytes a row, in synced's own tables beside the names of the model and
// the scope.
const mostOfID = 1000

// shortID returns an id that stands for one that is too long: no row has it, and its
// record can't be mapped. Any other it returns as it is.
func shortID(text string) string {
	if len(text) <= mostOfID {
		return text
	}
	return fmt.Sprintf("%s… (%d bytes, xxh3 %016x)", strings.ToValidUTF8(text[:60], ""), len(text), xxh3.HashString(text))
}
