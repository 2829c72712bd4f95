package rest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// splitter is one walk over one body.
type splitter struct {
	envelope
	body   []byte
	page   *remote.Page
	found  *shortcut // the records, where they were told apart already
	dec    *jsontext.Decoder
	lax    bool                    // the records may be invalid
	values map[string]remote.Value // found at the paths of total and values
	excuse bool                    // a member says why there are no records
	rest   []byte                  // the body without its records, where these may be invalid
}

// A want is something to find at a path.
type want struct {
	path string
	take func(v remote.Value)                  // takes the value as it is, or
	read func(name string) *remote.FormatError // reads it, which may be null
	// depth is in how many objects it was found, 0 before. The shallowest counts:
	// a member named "a.b" comes before the member b of a.
	depth int
}

// step is what is left of a want's path.
type step struct {
	*want
	rest string
}

// run reads the body's value.
func (s *splitter) run() *remote.FormatError {
	steps := s.wants()
	if s.list() == "" {
		if s.ids {
			return s.deletedIDs("")
		}
		return s.objects("")
	}
	switch s.dec.PeekKind() {
	case '{':
		return s.members(1, steps)
	case 'n':
		if s.omits {
			return s.token()
		}
	case '[':
		err := s.fail("a bare list, not an object with %q: set %s: rest.Root", s.list(), s.setting())
		err.Err = remote.ErrNoRecords
		return err
	}
	return s.refuse("", "an object")
}

// wants lists what to find.
func (s *splitter) wants() []step {
	wants := []*want{{path: s.deleted, read: s.deletedIDs}, {path: s.syncedAt, read: s.clock}}
	if !s.ids {
		wants = append(wants, &want{path: s.records, read: s.objects})
	}
	if n := len(s.envelope.values); n > 0 || s.total != "" {
		s.values = make(map[string]remote.Value, n+1)
	}
	for _, path := range append([]string{s.total}, s.envelope.values...) {
		if path != "" {
			s.values[path] = nil
			wants = append(wants, &want{path: path, take: func(v remote.Value) { s.values[path] = v }})
		}
	}
	var steps []step
	for _, w := range wants {
		if w.path != "" {
			steps = append(steps, step{w, w.path})
		}
	}
	return steps
}

// members reads an object, and goes into the members that lead to what is wanted.
func (s *splitter) members(depth int, steps []step) *remote.FormatError {
	if err := s.token(); err != nil {
		return err
	}
	for s.dec.PeekKind() != '}' {
		token, err := s.dec.ReadToken()
		if err != nil {
			return invalidJSON(err)
		}
		name := token.String()
		if err := s.member(depth, name, steps); err != nil {
			return err
		}
	}
	return s.token()
}

// member reads the value of a member.
func (s *splitter) member(depth int, name string, steps []step) *remote.FormatError {
	var here []*want
	var inside []step
	for _, step := range steps {
		rest, ok := strings.CutPrefix(step.rest, name)
		switch {
		case !ok || step.depth > 0 && step.depth <= depth:
		case rest == "":
			step.depth = depth
			here = append(here, step.want)
		case rest[0] == '.':
			step.rest = rest[1:]
			inside = append(inside, step)
		}
	}
	start := s.dec.InputOffset()
	if err := s.value(depth, here, inside); err != nil {
		return err
	}
	if depth <= 2 && len(here) == 0 && len(inside) == 0 && !s.one {
		s.trouble(name, trimColon(s.body[start:s.dec.InputOffset()]))
	}
	for _, w := range here {
		if w.take != nil {
			end := s.dec.InputOffset()
			w.take(trimColon(s.body[start:end:end]))
		}
	}
	return nil
}

// value reads a value that is wanted, or that leads to what is.
func (s *splitter) value(depth int, here []*want, inside []step) *remote.FormatError {
	kind := s.dec.PeekKind()
	for _, w := range here {
		if w.read != nil {
			return w.read(w.path)
		}
	}
	if kind == '{' && len(inside) > 0 {
		return s.members(depth+1, inside)
	}
	if err := s.dec.SkipValue(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

// clock reads the remote's clock.
func (s *splitter) clock(name string) *remote.FormatError {
	parse := parseSyncedAt
	switch s.dec.PeekKind() {
	case 'n':
		return s.token()
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
		return s.fail("%s: %q is not a time: %v: set rest.Config.SyncedAtPath to the path of the API's clock, or leave it out and declare strategy.UpdatedSince.Fallbacks", name, text, err)
	}
	s.page.SyncedAt = at
	return nil
}

// token reads a delimiter that was peeked at.
func (s *splitter) token() *remote.FormatError {
	if _, err := s.dec.ReadToken(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

// refuse is the error where the next value is not what was wanted at name.
func (s *splitter) refuse(name, want string) *remote.FormatError {
	ofDeleted := name != "" && name == s.deleted && !s.ids
	if name != "" {
		name += ": "
	}
	kind := s.dec.PeekKind()
	if _, err := s.dec.ReadToken(); err != nil {
		return invalidJSON(err)
	}
	help := ""
	switch {
	case want == "a time":
		help = ": set rest.Config.SyncedAtPath to the path of the time"
	case want == "a list" && kind == 'n':
		help = ": set rest.Config.RecordsOmitted where that is an empty one"
	case want == "a list" && ofDeleted:
		help = ": set rest.Config.Deleted.Path to the path of the list of deleted ids, or to rest.None"
	case want == "a list" && !s.one:
		help = ": " + inventoryOf(s.body).advice(s.setting(), s.list())
	}
	return s.fail("%s%s, not %s%s", name, kindName(byte(kind)), want, help)
}

// fail is an error where the decoder is.
func (s *splitter) fail(format string, args ...any) *remote.FormatError {
	return &remote.FormatError{Reason: fmt.Sprintf(format, args...), Offset: s.dec.InputOffset()}
}

// trimColon drops what stands between a name and its value.
func trimColon(v []byte) remote.Value {
	return bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(v), []byte(":")))
}
