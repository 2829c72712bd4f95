package remote

import (
	"bytes"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// envelope says where in a body the records and the deleted ids are, as paths of
// member names. An empty path to the records is the body itself; one to the
// deleted ids is nowhere.
type envelope struct{ records, deleted []string }

// envelopeOf is the envelope that c declares for an endpoint.
func envelopeOf(c Config, endpoint string) envelope {
	e := envelope{records: []string{endpoint[strings.LastIndexByte(endpoint, '/')+1:]}}
	switch c.RecordsKey {
	case "":
	case Root:
		e.records = nil
	default:
		e.records = strings.Split(c.RecordsKey, ".")
	}
	if c.DeletedIDsPath != None {
		e.deleted = strings.Split(c.DeletedIDsPath, ".")
	}
	return e
}

// key is how errors name the records' place.
func (e envelope) key() string { return strings.Join(e.records, ".") }

// split reads a whole body once, strictly, and fills the page with pieces of it.
// Nothing is copied.
func (e envelope) split(body []byte, page *Page) *FormatError {
	s := &splitter{envelope: e, body: body, page: page, dec: jsontext.NewDecoder(bytes.NewBuffer(body))}
	if err := s.run(); err != nil {
		return err
	}
	if _, err := s.dec.ReadToken(); err != io.EOF {
		return s.fail("more than one JSON value")
	}
	if page.Objects == nil {
		found := "nothing"
		if len(s.names) > 0 {
			found = strings.Join(s.names, ", ")
		}
		err := s.fail("no %q in the envelope, found %s", e.key(), found)
		err.Offset, err.Err = 0, ErrNoRecords
		return err
	}
	return nil
}
