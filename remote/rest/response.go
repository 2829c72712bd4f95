package rest

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// Response is one good answer, read to its end.
type Response struct {
	// URL is what was asked, after redirects, without what Auth put in its query.
	URL *url.URL
	// Status is the code: 200.
	Status int
	// Header are the headers, and Body the body, decompressed. Neither must be
	// changed.
	Header http.Header
	Body   []byte
	// Page is what the body held.
	Page *remote.Page
	// Seen is how many records the run has listed, this page's included.
	Seen int

	values   map[string]remote.Value // what the style asked for; nil where it is absent
	beyond   bool                    // the API said that there is no such page
	declared bool                    // the page's total is one that the user declared
	last     remote.Value            // the last item of the list, around its record
	full     bool                    // as many records as a page may have
}

// Lookup finds the value at a path of member names in the body, "meta.next", and
// whether there is one. A null is a value. A member of just that name, dots
// included, comes before a member of a member. The paths that the styles of this
// package name were found when the body was read; others are looked for again.
func (r *Response) Lookup(path string) (remote.Value, bool) {
	if v, asked := r.values[path]; asked {
		return v, v != nil
	}
	return lookup(r.Body, path)
}

// text is the text of the string or number at a path, "" for null. Found is false
// where there is nothing.
func (r *Response) text(path string) (text string, found bool, err error) {
	v, found := r.Lookup(path)
	if !found {
		return "", false, nil
	}
	text, err = textOf(v)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return text, true, err
}

// textOf is the text of a string, and of a number as it is written; null is "".
func textOf(v remote.Value) (string, error) {
	switch v.Kind() {
	case 'n':
		return "", nil
	case '0':
		return string(v), nil
	case '"':
		b, err := jsontext.AppendUnquote(nil, v)
		return string(b), err
	}
	return "", fmt.Errorf("%s, not a string or a number", kindName(v.Kind()))
}

// lookup finds a value by its path.
func lookup(v remote.Value, path string) (remote.Value, bool) {
	if found, ok := member(v, path); ok {
		return found, true
	}
	for i, r := range path {
		if r != '.' {
			continue
		}
		if inner, ok := member(v, path[:i]); ok {
			if found, ok := lookup(inner, path[i+1:]); ok {
				return found, true
			}
		}
	}
	return nil, false
}

// member finds a member of a JSON object by its name.
func member(v remote.Value, name string) (remote.Value, bool) {
	return remote.UncheckedObject(v).Lookup(name)
}
