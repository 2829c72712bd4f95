package rest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// envelope tells where in a body things are, as paths of member names. An empty
// path to the records is the body itself; any other empty one is nowhere.
type envelope struct {
	records, deleted, syncedAt, total string
	values                            []string // what the pagination looks up
	// key names the id of a deleted record that is told as an object.
	key string
	// bare names the member for the id, where the items of the list are ids alone; or "".
	bare string
	// ids reports whether there is no list but that of deleted ids, whose empty path is
	// the body itself. Its items are the page's objects too, for the pagination to
	// count.
	ids bool
	// one reports whether a single record is wanted, which may also stand in place of the
	// list, or of the body.
	one bool
	// strict reports whether that record must be where it is declared.
	strict   bool
	spelling spelling
	// omits reports whether there may be no list, or null in place of it.
	omits bool
	// trusting reports whether nothing beside the records means that they are not all.
	trusting bool
	// any takes any answer.
	any bool
	// most is how many records the page may have; 0 is no bound.
	most int
}

// spelling is what becomes of a body that is no strict JSON.
type spelling struct {
	// mend reports whether texts that are not valid are mended.
	mend bool
	// body is where the one goes that is read in its place, or nil.
	body *[]byte
}

// envelopeOf is the envelope that c declares for an endpoint.
func envelopeOf(c *Config, endpoint string) envelope {
	e := envelope{records: pathTo(c.RecordsKey, endpoint), most: c.MaxRecords, key: c.Deleted.Key, syncedAt: c.SyncedAtPath, total: c.TotalPath, spelling: spelling{mend: c.ReplaceInvalid}, omits: c.RecordsOmitted, trusting: c.Incomplete.Path == None}
	e.bare = c.BareIDs
	if c.Deleted.Path != None && c.Deleted.Endpoint == "" {
		e.deleted = c.Deleted.Path
	}
	if r, ok := c.Pagination.(reader); ok {
		e.values = r.paths()
	}
	if c.Position.Path != "" {
		e.values = append(e.values, c.Position.Path)
	}
	if path := c.Incomplete.path(); path != "" {
		e.values = append(e.values, path)
	}
	return e
}

// pathTo is a declared path to an endpoint's list, by default the last part of
// the endpoint's name, without ".json"; empty is the body itself.
func pathTo(declared, endpoint string) string {
	switch declared {
	case "":
		endpoint = strings.TrimSuffix(strings.TrimSuffix(endpoint, "/"), ".json")
		return endpoint[strings.LastIndexByte(endpoint, '/')+1:]
	case Root:
		return ""
	default:
		return declared
	}
}

// list is the path to the list that the body must have, as errors name it.
func (e envelope) list() string {
	if e.ids {
		return e.deleted
	}
	return e.records
}

// setting is what declares that list.
func (e envelope) setting() string {
	if e.ids {
		return "rest.Deleted.Path"
	}
	return "rest.Config.RecordsKey"
}

// read fills the page from an answer, and returns the values that the pagination
// looks up.
func (e envelope) read(h http.Header, body []byte, page *remote.Page) (map[string]remote.Value, *remote.FormatError) {
	if e.any {
		return nil, nil
	}
	if err := notJSON(h, body); err != nil {
		return nil, err
	}
	return e.split(body, page)
}

// whole reads the whole body, and returns the values that the pagination looks up.
func (s *splitter) whole() (map[string]remote.Value, *remote.FormatError) {
	if err := s.run(); err != nil {
		return nil, err
	}
	if _, err := s.dec.ReadToken(); err != io.EOF {
		return nil, s.fail("more than one JSON value")
	}
	if s.page.Objects == nil && s.one && !s.strict && remote.Value(s.body).Kind() == '{' {
		s.page.Objects = []remote.Object{remote.UncheckedObject(bytes.TrimSpace(s.body))}
	}
	if s.page.Objects == nil && s.omits && !s.excuse && !s.one {
		s.page.Objects = []remote.Object{}
		if s.ids {
			s.page.DeletedIDs = []remote.Value{}
		}
	}
	if s.page.Objects == nil {
		found := "nothing: set rest.Config.RecordsOmitted where this API leaves out a list that is empty"
		if i := inventoryOf(s.body); len(i.members) > 0 {
			found = short(i.found()) + ": " + i.advice(s.setting(), s.list())
		}
		err := s.fail("no %q in the envelope, found %s", s.list(), found)
		err.Offset, err.Err = 0, remote.ErrNoRecords
		return nil, err
	}
	if err := s.readTotal(s.values[s.total], s.page); err != nil {
		return nil, err
	}
	return s.values, nil
}

// readTotal fills in the total that the body tells. It comes before the header's.
func (e envelope) readTotal(v remote.Value, page *remote.Page) *remote.FormatError {
	if v == nil || v.Kind() == 'n' {
		return nil
	}
	text, err := textOf(v)
	if err == nil {
		page.Total, err = parseCount(text)
	}
	if err != nil {
		return &remote.FormatError{Reason: fmt.Sprintf("%s: %v", e.total, err), Err: err}
	}
	page.TotalKnown = true
	return nil
}
