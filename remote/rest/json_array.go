package rest

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// JSONArray is a list that is one JSON array of objects, read as a stream: a file larger
// than Config.MaxBodyBytes, or one of an [Export]. A list that fits in memory needs no
// Body: see Config.RecordsKey, and [Root].
type JSONArray struct{}

var _ Body = JSONArray{}

func (JSONArray) accept() string { return "application/json" }

func (JSONArray) refuses(label string) bool { return label == "text/csv" }

func (JSONArray) validate() error { return nil }

func (JSONArray) records(s *source) (func() (remote.Object, error), error) {
	dec := jsontext.NewDecoder(s, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	kind := dec.PeekKind()
	if kind != '[' {
		if _, err := dec.ReadToken(); err != nil {
			return nil, ofArray(err)
		}
		return nil, fmt.Errorf("%s, not a list: leave rest.Config.Body out where the list is in an object", kindName(byte(kind)))
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, ofArray(err)
	}
	return func() (remote.Object, error) {
		s.record = 0
		if dec.PeekKind() == ']' {
			if _, err := dec.ReadToken(); err != nil {
				return remote.Object{}, ofArray(err)
			}
			switch _, err := dec.ReadToken(); {
			case err == nil:
				return remote.Object{}, errors.New("more than one JSON value")
			case err != io.EOF:
				return remote.Object{}, ofArray(err)
			}
			s.framed = true // by its end
			return remote.Object{}, io.EOF
		}
		v, err := dec.ReadValue()
		if err != nil {
			return remote.Object{}, ofArray(err)
		}
		if v.Kind() != '{' {
			return remote.Object{}, fmt.Errorf("%s, not an object", kindName(byte(v.Kind())))
		}
		return s.object(v)
	}, nil
}

// ofArray names what is wrong with the text of an array. One that ends in it was cut short.
func ofArray(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
