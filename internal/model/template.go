package model

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Template is an endpoint with names of columns in braces: "repos/{synced_id}/issues".
// The column of an ancestor has the name of its table before it, "{repos.name}". A plus
// keeps the slashes of a value, "{+full_name}". What comes after a question mark is
// parameters.
type Template struct {
	// Columns are the names in braces, each once.
	Columns []string
	path    string
	query   url.Values
}

var braces = regexp.MustCompile(`\{(\+?)([^{}]*)\}`)

// ParseTemplate reads a template.
func ParseTemplate(text string) (*Template, error) {
	path, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(strings.ReplaceAll(query, "{+", "{"))
	if err != nil {
		return nil, fmt.Errorf("endpoint %q: its parameters: %w", text, err)
	}
	t := &Template{path: path, query: values}
	for _, found := range braces.FindAllStringSubmatch(text, -1) {
		if name := found[2]; !slices.Contains(t.Columns, name) {
			t.Columns = append(t.Columns, name)
		}
	}
	switch {
	case len(t.Columns) == 0:
		return nil, fmt.Errorf("endpoint %q names no column of the parent, so each would be asked for the same list: write one in braces, as in \"repos/{synced_id}/issues\"", text)
	case strings.ContainsAny(braces.ReplaceAllString(text, ""), "{}"):
		return nil, fmt.Errorf("endpoint %q has a brace without its other: write columns as {name}", text)
	case path == "":
		return nil, fmt.Errorf("endpoint %q has no path before its parameters", text)
	}
	return t, nil
}

// Of returns the endpoint, whose parts are escaped, and the parameters, with the values
// of the columns.
func (t *Template) Of(values []*string) (path string, query url.Values, err error) {
	value := func(name string) (string, bool) {
		v := values[slices.Index(t.Columns, name)]
		if v == nil || *v == "" {
			err = fmt.Errorf("the parent has no %s, which the endpoint %q needs", name, t.path)
			return "", false
		}
		return *v, true
	}
	path = braces.ReplaceAllStringFunc(t.path, func(text string) string {
		found := braces.FindStringSubmatch(text)
		v, ok := value(found[2])
		parts := []string{v}
		if found[1] != "" {
			parts = strings.Split(v, "/")
		}
		for i, part := range parts {
			if ok && (part == "" || part == "." || part == "..") {
				err = fmt.Errorf("the parent's %s, %q, can't be a part of the endpoint %q", found[2], v, t.path)
			}
			parts[i] = url.PathEscape(part)
		}
		return strings.Join(parts, "/")
	})
	query = url.Values{}
	for name, list := range t.query {
		for _, text := range list {
			query.Add(name, braces.ReplaceAllStringFunc(text, func(text string) string {
				v, _ := value(braces.FindStringSubmatch(text)[2])
				return v
			}))
		}
	}
	return path, query, err
}
