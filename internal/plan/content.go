package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

// Content, in the place of attributes, makes the whole content of an object its remote id.
const Content = "*"

// contentDigits is how long such an id is: 16 bytes of SHA-256, in hexadecimal digits.
const contentDigits = 32

// ByContent reports whether the whole content of an object is its remote id: such records
// are equal or others, and a remote can't be asked for one of them.
func (p *identity) ByContent() bool { return p.maker != nil && p.maker.content }

// Twin returns the id of the n-th of several records with the same content: "…/2" for the
// second.
func (p *identity) Twin(id backend.ID, n int) backend.ID {
	return backend.TextID(id.String() + "/" + strconv.Itoa(n))
}

// contentID makes an id of what an object means: the order of members, and the spelling
// of numbers and strings, mean nothing, and neither do volatile values. The id of an object
// that can't be read is that of its bytes.
func (m *idMaker) contentID(o remote.Object) string {
	c := canonicals.Get().(*canonical)
	defer canonicals.Put(c)
	content, err := c.of(o.Raw(), m.volatile)
	if err != nil {
		content = o.Raw()
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:contentDigits/2])
}

// spellsContent reports whether a text is the id of a content, or of its n-th record.
func spellsContent(text string) bool {
	digits, number, numbered := strings.Cut(text, "/")
	if sum, err := hex.DecodeString(digits); err != nil || hex.EncodeToString(sum) != digits || len(digits) != contentDigits {
		return false
	}
	n, err := strconv.Atoi(number)
	return !numbered || err == nil && n > 1 && strconv.Itoa(n) == number
}

// canonical writes values in the only spelling that they have here: a text or a number
// behind its length, and the members of an object sorted. Ids are made of it, so it must
// stay as it is.
type canonical struct {
	out, sorted []byte
	members     []span
}

// span is where the spelling of a member is.
type span struct{ from, to int }

var canonicals = sync.Pool{New: func() any { return &canonical{} }}

// of returns the spelling of an object, without the values at some paths. It is valid until
// the next call.
func (c *canonical) of(raw []byte, without [][]string) ([]byte, error) {
	c.out, c.members = c.out[:0], c.members[:0]
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if err := c.value(dec, without); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return c.out, nil
}

func (c *canonical) value(dec *jsontext.Decoder, without [][]string) error {
	switch dec.PeekKind() {
	case '{':
		return c.object(dec, without)
	case '[':
		return c.list(dec)
	}
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"':
		return c.text(v)
	case '0':
		number := canonicalNumber(string(v))
		c.behindLength('#', len(number))
		c.out = append(c.out, number...)
	default:
		c.out = append(c.out, v[0])
	}
	return nil
}

func (c *canonical) object(dec *jsontext.Decoder, without [][]string) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	first, begin := len(c.members), len(c.out)
	for dec.PeekKind() == '"' {
		from := len(c.out)
		name, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := c.text(name); err != nil {
			return err
		}
		var below [][]string
		if len(without) > 0 {
			var cut bool
			if cut, below = descend(without, unquoted(name)); cut {
				c.out = c.out[:from]
				if err := dec.SkipValue(); err != nil {
					return err
				}
				continue
			}
		}
		if err := c.value(dec, below); err != nil {
			return err
		}
		c.members = append(c.members, span{from, len(c.out)})
	}
	c.sort(first, begin)
	_, err := dec.ReadToken()
	return err
}

// sort puts the members of an object in order, which begins at a place.
func (c *canonical) sort(first, begin int) {
	own := c.members[first:]
	spelled := func(s span) []byte { return c.out[s.from:s.to] }
	slices.SortFunc(own, func(a, b span) int { return bytes.Compare(spelled(a), spelled(b)) })
	c.sorted = c.sorted[:0]
	for _, s := range own {
		c.sorted = append(c.sorted, spelled(s)...)
	}
	c.out = append(append(append(c.out[:begin], '{'), c.sorted...), '}')
	c.members = c.members[:first]
}

func (c *canonical) list(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	c.out = append(c.out, '[')
	for dec.PeekKind() != ']' {
		if err := c.value(dec, nil); err != nil {
			return err
		}
	}
	c.out = append(c.out, ']')
	_, err := dec.ReadToken()
	return err
}

// text appends a string in quotes as what it means.
func (c *canonical) text(quoted jsontext.Value) error {
	if bytes.IndexByte(quoted, '\\') < 0 {
		c.behindLength('"', len(quoted)-2)
		c.out = append(c.out, quoted[1:len(quoted)-1]...)
		return nil
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	c.behindLength('"', len(text))
	c.out = append(c.out, text...)
	return err
}

func (c *canonical) behindLength(kind byte, n int) {
	c.out = append(strconv.AppendInt(c.out, int64(n), 10), kind)
}

// unquoted returns what a string in quotes means.
func unquoted(quoted jsontext.Value) string {
	text, _ := jsontext.AppendUnquote(nil, quoted) // it was read before
	return string(text)
}
