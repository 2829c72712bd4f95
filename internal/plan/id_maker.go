package plan

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// idMaker makes remote ids where no attribute is one: of several, by a function, or of the
// whole content.
type idMaker struct {
	paths []attribute.Path // or nil
	of    func(o remote.Object) (string, error)
	// content reports whether the whole content is the id, but for volatile values.
	content  bool
	volatile [][]string
}

// newIDMaker makes the idMaker of a declaration; nil where an attribute is the id.
func newIDMaker(paths []string, of func(remote.Object) (string, error)) (*idMaker, error) {
	switch {
	case len(paths) > 0 && of != nil:
		return nil, errors.New("both ID and IDOf make the remote id: keep one")
	case slices.Contains(paths, Content) && len(paths) > 1:
		return nil, fmt.Errorf("ID has %q, which is the whole content, beside attributes: give it alone, or leave it out", Content)
	case slices.Contains(paths, Content):
		return &idMaker{content: true}, nil
	case len(paths) == 1:
		return nil, fmt.Errorf("ID has one attribute: give the field of the remote id the tag `json:%q` instead", paths[0])
	case len(paths) == 0 && of == nil:
		return nil, nil
	}
	m := &idMaker{of: of}
	for i, text := range paths {
		path, err := attribute.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("ID: %w", err)
		}
		for _, other := range paths[:i] {
			if other == text {
				return nil, fmt.Errorf("ID has the attribute %q twice: name it once", text)
			}
		}
		m.paths = append(m.paths, path)
	}
	return m, nil
}

// made makes the remote id of an object, as JSON.
func (p *identity) made(o remote.Object) (remote.Value, error) {
	text, err := p.maker.text(o)
	if err != nil {
		if _, ok := errors.AsType[*mapper.FieldError](err); ok {
			return nil, err
		}
		return nil, &mapper.FieldError{Field: p.id.name, Err: err}
	}
	if p.idKind == backend.Int {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return remote.Value(text), nil
		}
	}
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return nil, &mapper.FieldError{Field: p.id.name, Err: fmt.Errorf("the remote id %q: %w", shorten(text, 60), err)}
	}
	return quoted, nil
}

// fillID fills the field of the remote id where it is made.
func (p *identity) fillID(o remote.Object, row reflect.Value) error {
	if p.maker == nil || p.maker.content { // a row has the id of its record: there may be several
		return nil
	}
	v, err := p.made(o)
	if err != nil {
		return err
	}
	return p.id.decode(jsontext.Value(v), row.FieldByIndex(p.id.index), &slab{})
}

func (m *idMaker) text(o remote.Object) (string, error) {
	switch {
	case m.of != nil:
		return m.call(o)
	case m.content:
		return m.contentID(o), nil
	}
	var id strings.Builder
	for i, path := range m.paths {
		part, err := idPart(path, o)
		if err != nil {
			return "", &mapper.FieldError{Attribute: path.String(), Err: err}
		}
		if i > 0 {
			id.WriteByte('/')
		}
		id.WriteString(idEscaper.Replace(part))
	}
	return id.String(), nil
}

// call calls IDOf. A panic of it is an error of the record, as one that it returns.
func (m *idMaker) call(o remote.Object) (id string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("IDOf: panic: %v", v)
		}
	}()
	if id, err = m.of(o); err != nil {
		return "", fmt.Errorf("IDOf: %w", err)
	}
	if id == "" {
		return "", errors.New("IDOf: the remote id is empty: return one, or an error")
	}
	return id, nil
}

// idPart reads a part of an id. Digits are the same as a number and as a string.
func idPart(path attribute.Path, o remote.Object) (string, error) {
	v, ok := path.In(o)
	if !ok {
		return "", errors.New("the record has no such attribute, and it is a part of the remote id: correct ID, or use IDOf")
	}
	switch v.Kind() {
	case '"':
		var text string
		if err := json.Unmarshal(v, &text); err != nil {
			return "", err
		}
		return text, nil
	case '0':
		if !strings.ContainsAny(string(v), ".eE") {
			return string(v), nil
		}
	}
	return "", fmt.Errorf("%s can't be a part of the remote id: it may be a string or an integer; use IDOf for another", shorten(string(v), 60))
}

// idEscaper keeps parts apart: "a/b" and "c" are "a%2Fb/c".
var idEscaper, idUnescaper = strings.NewReplacer("%", "%25", "/", "%2F"), strings.NewReplacer("%25", "%", "%2F", "/")

// spells reports whether a text is an id as it would be made.
func (m *idMaker) spells(text string) bool {
	switch {
	case m.of != nil:
		return true
	case m.content:
		return spellsContent(text)
	}
	parts := strings.Split(text, "/")
	for _, part := range parts {
		if idEscaper.Replace(idUnescaper.Replace(part)) != part {
			return false
		}
	}
	return len(parts) == len(m.paths)
}

// makesText reports whether ids are texts that are made here, and not by a function.
func (m *idMaker) makesText() bool { return m != nil && m.of == nil }

// String says in words what an id looks like.
func (m *idMaker) String() string {
	switch {
	case m.of != nil:
		return "what IDOf makes"
	case m.content:
		return fmt.Sprintf("the hash of its content: %d hexadecimal digits, and \"/2\" behind them for the second record with that content", contentDigits)
	}
	names := make([]string, len(m.paths))
	for i, path := range m.paths {
		names[i] = "{" + path.String() + "}"
	}
	return "the text " + strings.Join(names, "/") + `, with "/" and "%" in a part written as %2F and %25`
}

// digest tells mappings apart by how ids are made; "" where an attribute is the id.
func (m *idMaker) digest() string {
	if m == nil {
		return ""
	}
	return "\nid " + m.String()
}
