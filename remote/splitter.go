package remote

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// splitter is one walk over one body.
type splitter struct {
	envelope
	body  []byte
	page  *Page
	dec   *jsontext.Decoder
	names []string // of the body's own members, for an error
}

// run reads the body's value.
func (s *splitter) run() *FormatError {
	switch {
	case s.ids && len(s.deleted) == 0:
		return s.deletedIDs("")
	case !s.ids && len(s.records) == 0:
		return s.objects("")
	}
	switch s.dec.PeekKind() {
	case '{':
		return s.members(nil)
	case '[':
		err := s.fail("a bare list, not an object with %q: is RecordsKey remote.Root?", s.list())
		err.Err = ErrNoRecords
		return err
	}
	return s.refuse("", "an object")
}

// members reads an object, and goes into the members that lead to what is wanted.
func (s *splitter) members(at []string) *FormatError {
	if err := s.token(); err != nil {
		return err
	}
	for s.dec.PeekKind() != '}' {
		token, err := s.dec.ReadToken()
		if err != nil {
			return invalidJSON(err)
		}
		name := token.String()
		if len(at) == 0 {
			s.names = append(s.names, name)
		}
		if err := s.member(append(at, name)); err != nil {
			return err
		}
	}
	return s.token()
}

// member reads the value of the member at a path.
func (s *splitter) member(at []string) *FormatError {
	kind := s.dec.PeekKind()
	switch {
	case !s.ids && slices.Equal(at, s.records):
		return s.objects(strings.Join(at, "."))
	case slices.Equal(at, s.deleted) && kind != 'n':
		return s.deletedIDs(strings.Join(at, "."))
	case slices.Equal(at, s.syncedAt) && kind != 'n':
		return s.clock(strings.Join(at, "."))
	case kind == '{' && (leads(at, s.records) || leads(at, s.deleted) || leads(at, s.syncedAt)):
		return s.members(at)
	}
	if err := s.dec.SkipValue(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

// objects reads the list of records.
func (s *splitter) objects(name string) *FormatError {
	s.page.Objects = []Object{}
	return s.items(name, "an object", "{", func(v Value) *FormatError {
		s.page.Objects = append(s.page.Objects, Object{raw: v})
		return nil
	})
}

// deletedIDs reads the list of ids.
func (s *splitter) deletedIDs(name string) *FormatError {
	s.page.DeletedIDs = []Value{}
	if s.ids {
		s.page.Objects = []Object{}
	}
	want, kinds := "a number or a string (set Deleted.Key for objects)", `0"`
	if s.key != "" {
		want, kinds = "a number, a string or an object", `0"{`
	}
	return s.items(name, want, kinds, func(v Value) *FormatError {
		id := v
		if v.Kind() == '{' {
			var ok bool
			if id, ok = member(v, s.key); !ok || id.Kind() != '0' && id.Kind() != '"' {
				return s.fail("%s: an object without an id in %q (Deleted.Key)", name, s.key)
			}
		}
		s.page.DeletedIDs = append(s.page.DeletedIDs, id)
		if s.ids {
			s.page.Objects = append(s.page.Objects, Object{raw: v})
		}
		return nil
	})
}

// clock reads the remote's clock.
func (s *splitter) clock(name string) *FormatError {
	parse := parseSyncedAt
	switch s.dec.PeekKind() {
	case '"':
	case '0':
		parse = parseUnix
	default:
		return s.refuse(name, "a time")
	}
	token, err := s.dec.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	text := token.String()
	at, err := parse(text)
	if err != nil {
		return s.fail("%s: %q is not a time: %v", name, text, err)
	}
	s.page.SyncedAt = at
	return nil
}

// items reads a list whose items are of the given kinds.
func (s *splitter) items(name, want, kinds string, add func(Value) *FormatError) *FormatError {
	if s.dec.PeekKind() != '[' {
		return s.refuse(name, "a list")
	}
	if err := s.token(); err != nil {
		return err
	}
	for i := 0; s.dec.PeekKind() != ']'; i++ {
		if kind := s.dec.PeekKind(); !strings.ContainsRune(kinds, rune(kind)) {
			return s.refuse(fmt.Sprintf("%s[%d]", name, i), want)
		}
		v, err := s.dec.ReadValue()
		if err != nil {
			return invalidJSON(err)
		}
		// The decoder may reuse v, which is a view; the body stays.
		end := s.dec.InputOffset()
		start := end - int64(len(v))
		if err := add(Value(s.body[start:end:end])); err != nil {
			return err
		}
	}
	return s.token()
}

// token reads a delimiter that was peeked at.
func (s *splitter) token() *FormatError {
	if _, err := s.dec.ReadToken(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

// refuse says that the next value is not what was wanted at name.
func (s *splitter) refuse(name, want string) *FormatError {
	if name != "" {
		name += ": "
	}
	kind := s.dec.PeekKind()
	if _, err := s.dec.ReadToken(); err != nil {
		return invalidJSON(err)
	}
	return s.fail("%s%s, not %s", name, kindName(kind), want)
}

// fail is an error where the decoder is.
func (s *splitter) fail(format string, args ...any) *FormatError {
	return &FormatError{Reason: fmt.Sprintf(format, args...), Offset: s.dec.InputOffset()}
}

// leads says whether a path goes through at.
func leads(at, path []string) bool {
	return len(at) < len(path) && slices.Equal(at, path[:len(at)])
}

// kindName is a JSON kind in words.
func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	return "nothing"
}
