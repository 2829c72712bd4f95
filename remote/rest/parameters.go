package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/remote"
)

// Parameters is how the request of a list carries its parameters, those of the
// pagination, of [Since], of [IDs] and of the declaration alike. The zero value is a GET
// with all of them in the query.
//
//	Parameters{JSON: "{}"}                                     // POST {"limit":100,"after":"x"}
//	Parameters{JSON: `{"archived":false,"filter":{"ids":[]}}`} // and what is always sent
//	Parameters{GraphQL: "query($first:Int,$after:String){…}"}  // the parameters are variables
//	Parameters{Form: true}                                     // POST limit=100&after=x
//	Parameters{Fields: "properties", Include: rest.None}       // a GET with names of its own
//
// A POST of a list only reads, so it is repeated as a GET is. A [Pagination] that follows
// URLs, [LinkHeader] and [NextURL], has no part in a body.
type Parameters struct {
	// JSON is the object that a POST sends. Parameters are put into it: the name of one
	// is its path, "filter.updated.after". Page sizes, page numbers, offsets and Unix
	// times are numbers there. A text that is a JSON object or list is one, several
	// values are a list, and others are strings, unless the object has a number, a
	// boolean or a list there: {"after":0}. Defaults to none.
	JSON string
	// GraphQL is the document that a POST sends as query. Its variables are the
	// parameters, with JSON for those that are always sent. An answer with errors is an
	// error, also where it has data: one that blames too many requests is a limit, whose
	// wait it tells. Defaults to none.
	GraphQL string
	// Form reports whether a POST sends the parameters as a form.
	Form bool
	// Query names parameters that stay in the query of a POST.
	Query []string
	// Headers has the header by the name of a parameter that is sent as one.
	Headers map[string]string
	// Fields and Include name the parameters for remote.Request.Fields and Include,
	// with a comma between values. A name that ends with [] is repeated for each, and a
	// JSON object has a list there. [None] sends none. They default to "fields" and
	// "include".
	Fields, Include string
}

func (p Parameters) withDefaults() Parameters {
	setDefault(&p.Fields, "fields")
	setDefault(&p.Include, "include")
	if p.GraphQL != "" {
		setDefault(&p.JSON, "{}")
	}
	return p
}

// validate returns what is wrong with the settings.
func (p Parameters) validate(c Config) error {
	if p.JSON != "" && (!jsontext.Value(p.JSON).IsValid() || remote.Value(strings.TrimSpace(p.JSON)).Kind() != '{') {
		return errors.New("parameters: JSON is not a JSON object")
	}
	if p.Form && (p.JSON != "" || p.GraphQL != "") {
		return errors.New("parameters: Form, and JSON or GraphQL: want one of them")
	}
	if !p.posts() {
		if len(p.Query) > 0 {
			return errors.New("parameters: Query without a body, JSON, GraphQL or Form")
		}
		return nil
	}
	switch c.Pagination.(type) {
	case LinkHeader, NextURL:
		return fmt.Errorf("parameters: %T follows URLs, which have no part in a body: use Cursor, PageNumber, Offset or OnePage", c.Pagination)
	}
	if c.Conditional {
		return errors.New("parameters: Conditional is for a GET, not for a body")
	}
	return nil
}

// posts reports whether a body carries parameters.
func (p Parameters) posts() bool { return p.JSON != "" || p.GraphQL != "" || p.Form }

// moves reports whether what is asked is not all in the URL.
func (p Parameters) moves() bool { return p.posts() || len(p.Headers) > 0 }

// word tells what is listed apart from the parameters from what another declaration
// lists; "" where that is nothing.
func (c *Config) word() string {
	declared := append([]string{c.Parameters.JSON, c.Parameters.GraphQL}, c.PerValue.Values...)
	if strings.Join(declared, "") == "" {
		return ""
	}
	return strconv.FormatUint(xxh3.HashString(strings.Join(declared, "\x00")), 36)
}

// selection adds what to send of each record.
func (p Parameters) selection(q url.Values, req remote.Request) {
	p.list(q, p.Fields, req.Fields)
	p.list(q, p.Include, req.Include)
}

func (p Parameters) list(q url.Values, name string, values []string) {
	switch {
	case len(values) == 0 || name == None:
	case p.JSON != "" || strings.HasSuffix(name, "[]"):
		q[name] = values
	default:
		q.Set(name, strings.Join(values, ","))
	}
}

// sent is a request as it is made, of a URL that has all parameters in its query.
type sent struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
}

// carrier makes requests of URLs.
type carrier struct {
	Parameters
	numbers map[string]bool // the parameters that are numbers
}

func newCarrier(c *Config) carrier {
	numbers := map[string]bool{}
	if n, ok := c.Pagination.(numberer); ok {
		for _, name := range n.numbers() {
			numbers[name] = true
		}
	}
	if c.Since.isUnix() && c.Since.Filter == "" {
		numbers[c.Since.Param], numbers[c.Since.Until] = true, true
	}
	return carrier{c.Parameters, numbers}
}

// send takes out of a URL what is sent elsewhere.
func (c carrier) send(u *url.URL, header http.Header) (sent, error) {
	if !c.moves() {
		return sent{url: u, header: header}, nil
	}
	s := sent{header: http.Header{}}
	body, query := u.Query(), url.Values{}
	for name, to := range c.Headers {
		if body.Has(name) {
			s.header[http.CanonicalHeaderKey(to)] = body[name]
			body.Del(name)
		}
	}
	for name, values := range body {
		if !c.posts() || slices.Contains(c.Query, name) {
			query[name] = values
			delete(body, name)
		}
	}
	for name, values := range header {
		s.header[name] = values
	}
	without := *u
	without.RawQuery = query.Encode()
	s.url = &without
	if !c.posts() {
		return s, nil
	}
	s.method = http.MethodPost
	if c.Form {
		s.header.Set("Content-Type", "application/x-www-form-urlencoded")
		s.body = []byte(body.Encode())
		return s, nil
	}
	s.header.Set("Content-Type", "application/json")
	var err error
	s.body, err = c.json(body)
	return s, err
}
