package remote

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// envelope says where in a body things are, as paths of member names. An empty
// path to the records is the body itself; any other empty one is nowhere.
type envelope struct {
	records, deleted, total string
	values                  []string // what the pagination looks up
}

// envelopeOf is the envelope that c declares for an endpoint.
func envelopeOf(c Config, endpoint string) envelope {
	e := envelope{records: endpoint[strings.LastIndexByte(endpoint, '/')+1:], total: c.TotalPath}
	switch c.RecordsKey {
	case "":
	case Root:
		e.records = ""
	default:
		e.records = c.RecordsKey
	}
	if c.DeletedIDsPath != None {
		e.deleted = c.DeletedIDsPath
	}
	if r, ok := c.Pagination.(reader); ok {
		e.values = r.paths()
	}
	return e
}

// split reads a whole body once, strictly, and fills the page with pieces of it.
// It returns the values that the pagination looks up, nil for those that are not
// there. Nothing is copied.
func (e envelope) split(body []byte, page *Page) (map[string]Value, *FormatError) {
	s := &splitter{envelope: e, body: body, page: page, dec: jsontext.NewDecoder(bytes.NewBuffer(body))}
	if err := s.run(); err != nil {
		return nil, err
	}
	if _, err := s.dec.ReadToken(); err != io.EOF {
		return nil, s.fail("more than one JSON value")
	}
	if page.Objects == nil {
		found := "nothing"
		if len(s.names) > 0 {
			found = strings.Join(s.names, ", ")
		}
		err := s.fail("no %q in the envelope, found %s", e.records, found)
		err.Offset, err.Err = 0, ErrNoRecords
		return nil, err
	}
	if err := e.readTotal(s.values[e.total], page); err != nil {
		return nil, err
	}
	return s.values, nil
}

// readTotal fills in the total that the body tells. It comes before the header's.
func (e envelope) readTotal(v Value, page *Page) *FormatError {
	if v == nil || v.Kind() == 'n' {
		return nil
	}
	text, err := textOf(v)
	if err == nil {
		page.Total, err = parseCount(text)
	}
	if err != nil {
		return &FormatError{Reason: fmt.Sprintf("%s: %v", e.total, err), Err: err}
	}
	page.TotalKnown = true
	return nil
}
