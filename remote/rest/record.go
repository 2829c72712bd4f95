package rest

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// Record is where one record is. The zero value is BaseURL/endpoint/id, and for an
// endpoint that ends with ".json" or a slash, so does the address of a record:
// "items/7.json". A list that a POST asks for, and a feed, such as "_changes" or one that
// is read by [Sequence], has no address by default: [Client.Get] is then [remote.ErrNoAddress].
type Record struct {
	// Path is the address below BaseURL with %s in place of the id: "items/%s.json".
	// With two, the first is in place of the endpoint: "%s/show/%s". [None] is for an
	// API that shows no single record. remote.Request.Record, where one is given, comes first.
	Path string
	// Key is the path of the member that the record is in: "issue", or [Root] for a
	// record that is the whole answer. Defaults to what the answer has: the list of
	// records with one in it, the record in place of that list, or by itself.
	Key string
	// Query is sent in place of that of the declaration. Defaults to that.
	Query url.Values
}

// validate returns what is wrong with the settings.
func (r Record) validate() error {
	if n := strings.Count(r.Path, "%s"); r.Path != "" && r.Path != None && n != 1 && n != 2 {
		return fmt.Errorf("record: path %q: want %%s where the id goes, as in %q", r.Path, "items/%s.json")
	}
	return nil
}

// record is the address of one record.
func (a *addresses) record(req remote.Request, id string) (*url.URL, error) {
	if noName(id) {
		return nil, fmt.Errorf("remote: endpoint %q: the id %q can't be asked for by a path", req.Endpoint, id)
	}
	parts, err := endpointParts(req.Endpoint)
	if err != nil {
		return nil, err
	}
	path := cmp.Or(req.Record, a.config.Record.Path)
	switch last := parts[len(parts)-1]; {
	case path == None, path == "" && (a.isFeed(last) || a.config.Parameters.posts()):
		return nil, fmt.Errorf("remote: endpoint %q: %w: set rest.Config.Record", req.Endpoint, remote.ErrNoAddress)
	case path == "" && strings.HasSuffix(last, ".json"):
		path = strings.TrimSuffix(req.Endpoint, ".json") + "/%s.json"
	case path == "" && strings.HasSuffix(req.Endpoint, "/"):
		path = req.Endpoint + "%s/"
	case path == "":
		path = req.Endpoint + "/%s"
	}
	if strings.Count(path, "%s") == 2 {
		path = strings.Replace(path, "%s", strings.TrimSuffix(req.Endpoint, "/"), 1)
	}
	parts, err = endpointParts(path)
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		parts[i] = strings.Replace(part, "%s", id, 1)
	}
	u := a.joined(parts, path)
	query := req.Query
	if a.config.Record.Query != nil {
		query = a.config.Record.Query
	}
	q := url.Values{}
	a.config.Parameters.selection(q, req)
	maps.Copy(q, query)
	u.RawQuery = q.Encode()
	return u, nil
}

// isFeed reports whether what is below an endpoint is no record.
func (a *addresses) isFeed(name string) bool {
	_, sequence := a.config.Pagination.(Sequence)
	return sequence || strings.HasPrefix(name, "_")
}

// recordEnvelope is where the record is in the answer that c declares.
func recordEnvelope(c *Config, endpoint string) envelope {
	e := envelopeOf(c, endpoint)
	e.one, e.values, e.total, e.deleted, e.syncedAt = true, nil, "", "", ""
	switch key := c.Record.Key; key {
	case "":
	case Root:
		e.records = ""
	default:
		e.records, e.strict = key, true
	}
	return e
}
