package remote

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// envelope says where in a body the records, the deleted ids and the remote's
// clock are, as paths of member names. An empty path to the records is the body
// itself; one to the others is nowhere.
type envelope struct {
	records, deleted, syncedAt []string
	// key names the id of a deleted record that is told as an object.
	key string
	// ids says that there is no list but that of deleted ids, whose empty path is
	// the body itself. Its items are the page's objects too, for the pagination to
	// count.
	ids bool
	// any takes any answer.
	any bool
}

// envelopeOf is the envelope that c declares for an endpoint.
func envelopeOf(c Config, endpoint string) envelope {
	e := envelope{records: pathTo(c.RecordsKey, endpoint), key: c.Deleted.Key}
	if c.Deleted.Path != None && c.Deleted.Endpoint == "" {
		e.deleted = strings.Split(c.Deleted.Path, ".")
	}
	if c.SyncedAtPath != "" {
		e.syncedAt = strings.Split(c.SyncedAtPath, ".")
	}
	return e
}

// pathTo is a declared path to an endpoint's list, by default the last part of
// the endpoint's name.
func pathTo(declared, endpoint string) []string {
	switch declared {
	case "":
		return []string{endpoint[strings.LastIndexByte(endpoint, '/')+1:]}
	case Root:
		return nil
	default:
		return strings.Split(declared, ".")
	}
}

// list is the path to the list that the body must have, as errors name it.
func (e envelope) list() string {
	if e.ids {
		return strings.Join(e.deleted, ".")
	}
	return strings.Join(e.records, ".")
}

// read fills the page from an answer.
func (e envelope) read(h http.Header, body []byte, page *Page) *FormatError {
	if e.any {
		return nil
	}
	if err := notJSON(h, body); err != nil {
		return err
	}
	return e.split(body, page)
}

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
		err := s.fail("no %q in the envelope, found %s", e.list(), found)
		err.Offset, err.Err = 0, ErrNoRecords
		return err
	}
	return nil
}
