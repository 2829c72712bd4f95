package rest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// objects reads the list of records.
func (s *splitter) objects(name string) *remote.FormatError {
	if s.one && s.dec.PeekKind() == '{' {
		v, err := s.dec.ReadValue()
		if err != nil {
			return invalidJSON(err)
		}
		end := s.dec.InputOffset()
		s.page.Objects = []remote.Object{remote.UncheckedObject(remote.Value(s.body[end-int64(len(v)) : end : end]))}
		return nil
	}
	if s.found != nil {
		return s.found.take(s)
	}
	if s.omits && s.dec.PeekKind() == 'n' {
		return s.token()
	}
	s.page.Objects = []remote.Object{}
	add := func(v remote.Value) *remote.FormatError {
		s.page.Objects = append(s.page.Objects, remote.UncheckedObject(v))
		return nil
	}
	if s.bare != "" && !s.one {
		return s.items(name, "an id (rest.Config.BareIDs)", `0"`, s.addBare)
	}
	if !s.lax {
		return s.items(name, "an object", "{", add)
	}
	start := s.dec.InputOffset()
	err := s.items(name, "an object", "{", s.addAny)
	if err == nil {
		list := bytes.IndexByte(s.body[start:], '[') + int(start)
		s.rest = append(append(slices.Clone(s.body[:list]), "[]"...), s.body[s.dec.InputOffset():]...)
	}
	return err
}

// addBare adds an item that is an id alone.
func (s *splitter) addBare(id remote.Value) *remote.FormatError {
	object := append(append(append([]byte(`{"`), s.bare...), `":`...), id...)
	s.page.Objects = append(s.page.Objects, remote.UncheckedObject(append(object, '}')))
	return nil
}

// deletedIDs reads the list of ids. Null is none.
func (s *splitter) deletedIDs(name string) *remote.FormatError {
	if s.dec.PeekKind() == 'n' {
		return s.token()
	}
	s.page.DeletedIDs = []remote.Value{}
	if s.ids {
		s.page.Objects = []remote.Object{}
	}
	want, kinds := "a number or a string (set Deleted.Key for objects)", `0"`
	if s.key != "" {
		want, kinds = "a number, a string or an object", `0"{`
	}
	return s.items(name, want, kinds, func(v remote.Value) *remote.FormatError {
		id := v
		if v.Kind() == '{' {
			var ok bool
			if id, ok = member(v, s.key); !ok || id.Kind() != '0' && id.Kind() != '"' {
				return s.fail("%s: an object without an id in %q (Deleted.Key)", name, s.key)
			}
		}
		s.page.DeletedIDs = append(s.page.DeletedIDs, id)
		if s.ids {
			s.page.Objects = append(s.page.Objects, remote.UncheckedObject(v))
		}
		return nil
	})
}

// idsARecord is how many more ids than records a list may have.
const idsARecord = 10

// items reads a list whose items are of the given kinds.
func (s *splitter) items(name, want, kinds string, add func(remote.Value) *remote.FormatError) *remote.FormatError {
	if s.dec.PeekKind() != '[' {
		return s.refuse(name, "a list")
	}
	if err := s.token(); err != nil {
		return err
	}
	for i := 0; s.dec.PeekKind() != ']'; i++ {
		if kind := s.dec.PeekKind(); !strings.ContainsRune(kinds, rune(kind)) {
			if i == 0 && kinds == "{" && strings.ContainsRune(`0"`, rune(kind)) {
				want += ": where the list has ids alone, set rest.Config.BareIDs"
			}
			return s.refuse(fmt.Sprintf("%s[%d]", name, i), want)
		}
		v, err := s.dec.ReadValue()
		if err != nil {
			return invalidJSON(err)
		}
		// The decoder may reuse v, which is a view; the body stays.
		end := s.dec.InputOffset()
		start := end - int64(len(v))
		if err := add(remote.Value(s.body[start:end:end])); err != nil {
			return err
		}
		if s.most > 0 && (len(s.page.Objects) > s.most && !s.ids || i >= idsARecord*s.most) {
			err := s.fail("more than %d records on one page, or ids in a list (MaxRecords)", s.most)
			err.Err = remote.ErrTooLarge
			return err
		}
	}
	return s.token()
}
