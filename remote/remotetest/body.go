package remotetest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Body is where the request of a list has its parameters.
type Body int

const (
	// InQuery is the query of a GET.
	InQuery Body = iota
	// InJSON is the JSON object of a POST. A parameter's name is its path; a page's size
	// is a number.
	InJSON
	// InForm is the form of a POST.
	InForm
	// InGraphQL is the variables of a GraphQL document, whichever the path. The document
	// names the collection. What is wrong is told with a 200, in errors.
	InGraphQL
)

// mostSent bounds what is read of a request.
const mostSent = 1 << 20

// sent is what the body of a request says.
type sent struct {
	raw      []byte
	values   url.Values
	texts    map[string]bool // the parameters that are JSON strings
	document string          // of GraphQL
	wrong    string          // why it can't be read
}

// read reads the body of a request, and leaves it there to be read again.
func (b Body) read(r *http.Request) sent {
	s := sent{values: url.Values{}, texts: map[string]bool{}}
	s.raw, _ = io.ReadAll(io.LimitReader(r.Body, mostSent))
	r.Body = io.NopCloser(bytes.NewReader(s.raw))
	if r.Method != http.MethodPost {
		return s
	}
	label, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch b {
	case InForm:
		if values, err := url.ParseQuery(string(s.raw)); err == nil && label == "application/x-www-form-urlencoded" {
			s.values = values
			return s
		}
		s.wrong = "the body is no form"
	case InJSON, InGraphQL:
		var body map[string]jsontext.Value
		if json.Unmarshal(s.raw, &body) != nil || label != "application/json" {
			s.wrong = "the body is no JSON object"
			return s
		}
		if b == InGraphQL {
			_ = json.Unmarshal(body["query"], &s.document) // none is none
			variables := body["variables"]
			body = nil
			_ = json.Unmarshal(variables, &body)
		}
		s.add("", body)
	}
	return s
}

// add adds the members of an object, which are at a path.
func (s *sent) add(in string, object map[string]jsontext.Value) {
	for name, v := range object {
		path := in + name
		var inner map[string]jsontext.Value
		var list []jsontext.Value
		switch v.Kind() {
		case '{':
			_ = json.Unmarshal(v, &inner)
			s.add(path+".", inner)
			continue
		case '[':
			_ = json.Unmarshal(v, &list)
			if slices.ContainsFunc(list, func(v jsontext.Value) bool { return v.Kind() == '{' }) {
				list = []jsontext.Value{v}
			}
		case 'n':
		default:
			list = []jsontext.Value{v}
		}
		for _, v := range list {
			text := string(v)
			if v.Kind() == '"' {
				_ = json.Unmarshal(v, &text)
				s.texts[path] = true
			}
			s.values.Add(path, text)
		}
	}
}

// word matches the names in a document.
var word = regexp.MustCompile(`[A-Za-z_]\w*`)

// collection is the one that a document of GraphQL names.
func (s *sent) collection(a *Account) string {
	for _, name := range word.FindAllString(s.document, -1) {
		if a != nil && a.collections[name] != nil {
			return name
		}
	}
	return ""
}

// graphql tells what is wrong in the way of GraphQL: with a 200.
func graphql(a *answer) {
	if a.status < 400 || a.status >= 500 {
		return
	}
	code, extra := "BAD_USER_INPUT", map[string]any{}
	switch a.status {
	case http.StatusUnauthorized:
		code = "UNAUTHENTICATED"
	case http.StatusTooManyRequests:
		code = "THROTTLED"
		extra["cost"] = map[string]any{"requestedQueryCost": 100, "throttleStatus": map[string]any{"maximumAvailable": 1000, "currentlyAvailable": 20, "restoreRate": 40}}
	}
	body := map[string]any{"data": nil, "errors": []any{map[string]any{"message": string(a.body), "extensions": map[string]any{"code": code}}}, "extensions": extra}
	a.status, a.body = http.StatusOK, encode(body)
}
