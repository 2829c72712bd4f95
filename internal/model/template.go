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
	record  string // the address of one record, with %s in place of its id; or ""
}

var braces = regexp.MustCompile(`\{(\+?)([^{}]*)\}`)

// ParseTemplate reads a template, and that of the address of one record, with %s in place of
// its id, or "".
func ParseTemplate(text, record string) (*Template, error) {
	t, err := parseTemplate(text)
	if err != nil || record == "" {
		return t, err
	}
	if strings.Count(record, "%s") != 1 || strings.Contains(record, "?") {
		return nil, fmt.Errorf("record %q: want a path with %%s where the id goes, as in \"repos/{synced_id}/issues/%%s\"", record)
	}
	if strings.ContainsAny(braces.ReplaceAllString(record, ""), "{}") {
		return nil, fmt.Errorf("record %q has a brace without its other: write columns as {name}", record)
	}
	t.record = record
	t.add(record)
	return t, nil
}

// add takes in the columns that a text names.
func (t *Template) add(text string) {
	for _, found := range braces.FindAllStringSubmatch(text, -1) {
		if name := found[2]; !slices.Contains(t.Columns, name) {
			t.Columns = append(t.Columns, name)
		}
	}
}

func parseTemplate(text string) (*Template, error) {
	path, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(strings.ReplaceAll(query, "{+", "{"))
	if err != nil {
		return nil, fmt.Errorf("endpoint %q: its parameters: %w", text, err)
	}
	t := &Template{path: path, query: values}
	t.add(text)
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

// Of returns the endpoint, whose parts are escaped, the parameters, and the address of one
// record or "", with the values of the columns.
func (t *Template) Of(values []*string) (path string, query url.Values, record string, err error) {
	f := filling{t, values, nil}
	path, query, record = f.path(t.path), url.Values{}, f.path(t.record)
	for name, list := range t.query {
		for _, text := range list {
			query.Add(name, braces.ReplaceAllStringFunc(text, func(text string) string {
				v, _ := f.value(braces.FindStringSubmatch(text)[2])
				return v
			}))
		}
	}
	return path, query, record, f.err
}

// filling fills a template with the values of a parent.
type filling struct {
	*Template
	values []*string
	err    error
}

func (f *filling) value(name string) (string, bool) {
	v := f.values[slices.Index(f.Columns, name)]
	if v == nil || *v == "" {
		f.err = fmt.Errorf("the parent has no %s, which the endpoint %q needs", name, f.Template.path)
		return "", false
	}
	return *v, true
}

func (f *filling) path(of string) string {
	return braces.ReplaceAllStringFunc(of, func(text string) string {
		found := braces.FindStringSubmatch(text)
		v, ok := f.value(found[2])
		parts := []string{v}
		if found[1] != "" {
			parts = strings.Split(v, "/")
		}
		for i, part := range parts {
			if ok && (part == "" || part == "." || part == "..") {
				f.err = fmt.Errorf("the parent's %s, %q, can't be a part of the endpoint %q", found[2], v, of)
			}
			parts[i] = url.PathEscape(part)
		}
		return strings.Join(parts, "/")
	})
}
