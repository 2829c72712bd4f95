package upload

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// shape is what a table looks like, on the wire and on both sides.
type shape struct {
	Key     []string `json:"key"`
	Columns []column `json:"columns"` // in the order of their names

	// replaced reports whether a row may go without a word of a trigger: REPLACE of SQLite takes
	// away rows that have other keys, and the same values in another unique index.
	replaced bool
}

type column struct {
	Name string `json:"name"`
	Kind kind   `json:"kind"`

	dbType string // the database's own name
	cast   bool   // is read as text
}

// describe reads the shape of a table. Key and columns are what was declared, if anything.
func describe(ctx context.Context, db backend.Store, table string, key, only []string) (s shape, err error) {
	found, err := db.Describe(ctx, table)
	if err != nil {
		return s, err
	}
	if len(found.Columns) == 0 {
		return s, errors.New("there is no such table")
	}
	if len(key) == 0 {
		if key = keyOf(found); key == nil {
			return s, errors.New("it has no primary key, nor another unique index without nulls: name the columns of the Key")
		}
	}
	for _, name := range slices.Concat(key, only) {
		if _, ok := found.Column(name); !ok {
			return s, fmt.Errorf("there is no column %q", name)
		}
	}
	s.Key, s.replaced = key, !found.Strict && len(found.Indexes) > 0
	for _, c := range found.Columns {
		if len(only) > 0 && !slices.Contains(only, c.Name) && !slices.Contains(key, c.Name) {
			continue
		}
		k := kindOf(c.Base, found.Strict)
		s.Columns = append(s.Columns, column{Name: c.Name, Kind: k, dbType: c.Type, cast: found.Strict && k.asText()})
	}
	slices.SortFunc(s.Columns, func(a, b column) int { return strings.Compare(a.Name, b.Name) })
	return s, s.check()
}

func keyOf(found backend.Description) []string {
	for _, columns := range found.Unique {
		nulls := slices.ContainsFunc(columns, func(name string) bool {
			c, ok := found.Column(name)
			return !ok || !c.NotNull
		})
		if !nulls && len(columns) > 0 {
			return columns
		}
	}
	return nil
}

// The most of what a table may have, so that nobody makes a server work for ever.
const (
	mostColumns = 500
	mostName    = 55
)

// check returns what is wrong with a shape, which may have come over the wire.
func (s shape) check() error {
	if len(s.Key) == 0 || len(s.Columns) == 0 || len(s.Columns) > mostColumns {
		return fmt.Errorf("want a key, and 1 to %d columns", mostColumns)
	}
	for i, c := range s.Columns {
		switch {
		case c.Name == "" || len(c.Name) > mostName || strings.ContainsAny(c.Name, "\x00\".{}?"):
			return fmt.Errorf("column %q: a name has 1 to %d bytes, none of which is a quote, a dot, a brace or a question mark", c.Name, mostName)
		case strings.HasPrefix(c.Name, reserved):
			return fmt.Errorf("column %q: names that begin with %q are the server's own; leave the column out, by Table.Columns", c.Name, reserved)
		case !c.Kind.known():
			return fmt.Errorf("column %q: there is no kind %q", c.Name, c.Kind)
		case i > 0 && s.Columns[i-1].Name >= c.Name:
			return fmt.Errorf("column %q: want columns in the order of their names, each once", c.Name)
		}
	}
	for i, name := range s.Key {
		n := s.index(name)
		if n < 0 || slices.Contains(s.Key[:i], name) {
			return fmt.Errorf("the key's column %q is not among the columns, or twice in the key", name)
		}
		switch k := s.Columns[n].Kind; k {
		case kindInt, kindText, kindUUID:
		default:
			return fmt.Errorf("the key's column %q is of kind %s: a key is made of integers, texts and UUIDs", name, k)
		}
	}
	return nil
}

// differInCase returns an error where two columns have names that are the same to SQLite.
func (s shape) differInCase() error {
	for i, c := range s.Columns {
		for _, other := range s.Columns[:i] {
			if strings.EqualFold(c.Name, other.Name) {
				return fmt.Errorf("%w: there are columns %q and %q, and the server's database, SQLite, takes none that differ in case only", errShape, other.Name, c.Name)
			}
		}
	}
	return nil
}

func (s shape) index(name string) int {
	return slices.IndexFunc(s.Columns, func(c column) bool { return c.Name == name })
}

// keyAt returns where the key's columns are.
func (s shape) keyAt() []int {
	at := make([]int, len(s.Key))
	for i, name := range s.Key {
		at[i] = s.index(name)
	}
	return at
}

// selected returns what reads the columns, of a table with an alias or without.
func (s shape) selected(alias string) []string {
	list := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		list[i] = alias + store.Quote(c.Name)
		if c.cast {
			// With another name, ORDER BY means the column itself.
			list[i] = "CAST(" + list[i] + " AS text) AS synced_" + strconv.Itoa(i)
		}
	}
	return list
}

// marker gives rows their keys, positions and hashes. It is not safe for concurrent use.
type marker struct {
	shape shape
	salt  [16]byte
	seed  uint64
	keyAt []int
	buf   []byte
}

func newMarker(s shape, salt [16]byte) *marker {
	return &marker{shape: s, salt: salt, seed: binary.BigEndian.Uint64(salt[:]), keyAt: s.keyAt()}
}

// row is one row in its neutral form.
type row struct {
	print
	key    string // as JSON: [1,"a"]
	values []any  // in the order of the shape's columns
}

// mark fills in what follows from the values. Nulls are not hashed: a column that is
// added changes no hash until it has values.
func (m *marker) mark(values []any) row {
	key := make([]any, len(m.keyAt))
	for i, n := range m.keyAt {
		key[i] = values[n]
	}
	text := appendKey(nil, key)
	b := append(m.buf[:0], m.salt[:]...)
	b = append(b, text...)
	for i, v := range values {
		if v == nil {
			continue
		}
		c := m.shape.Columns[i]
		b = append(append(b, 0), c.Name...)
		at := len(b)
		b = appendCanonical(append(b, 0, 0, 0, 0, 0), c.Kind, v)
		binary.BigEndian.PutUint32(b[at+1:], uint32(len(b)-at-5))
	}
	m.buf = b
	sum := sha256.Sum256(b)
	return row{print{positionOf(m.seed, key, text), int64(binary.BigEndian.Uint64(sum[:]))}, string(text), values}
}

// find returns the position of a key.
func (m *marker) find(key []any) (position, string) {
	text := appendKey(nil, key)
	return positionOf(m.seed, key, text), string(text)
}

func appendKey(b []byte, key []any) []byte {
	b = append(b, '[')
	for i, v := range key {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendWire(b, v)
	}
	return append(b, ']')
}

// parseKey reads a key as appendKey or a database of the client's writes it. SQLite keeps
// any value in a column of any type, so that one of another kind is no error.
func (s shape) parseKey(text string) ([]any, error) {
	dec := jsontext.NewDecoder(strings.NewReader(text))
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '[' {
		return nil, fmt.Errorf("key %s: want a list", text)
	}
	return s.readKey(dec)
}

// readKey reads the values of a key, and the end of their list.
func (s shape) readKey(dec *jsontext.Decoder) ([]any, error) {
	key := make([]any, len(s.Key))
	for i, n := range s.keyAt() {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		k := s.Columns[n].Kind
		if key[i], err = fromWire(k, token); err != nil {
			key[i], err = fromWire(kindText, token)
		}
		if err != nil || key[i] == nil {
			return nil, fmt.Errorf("key: column %q: %w", s.Key[i], orNull(err))
		}
	}
	token, err := dec.ReadToken()
	if err == nil && token.Kind() != ']' {
		err = fmt.Errorf("key: want %d values", len(key))
	}
	return key, err
}

func orNull(err error) error {
	if err == nil {
		return errors.New("a key has no null")
	}
	return err
}

// reserved begins the names of the columns that a replica has beside those of the table.
const reserved = "upload_"
