package rest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// json writes parameters into the declared object, and that into the body.
func (c carrier) json(values url.Values) ([]byte, error) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	body := jsontext.Value(c.JSON)
	for _, name := range names {
		var err error
		if body, err = c.put(body, name, name, values[name]); err != nil {
			return nil, fmt.Errorf("remote: parameter %s: %w", name, err)
		}
	}
	if c.GraphQL == "" {
		return body, nil
	}
	return json.Marshal(map[string]any{"query": c.GraphQL, "variables": body}, json.Deterministic(true))
}

// put returns an object with a parameter at a path in it. A member of just that name,
// dots included, comes first.
func (c carrier) put(object jsontext.Value, path, name string, values []string) (jsontext.Value, error) {
	members := map[string]jsontext.Value{}
	if len(object) > 0 && object.Kind() != 'n' {
		if object.Kind() != '{' {
			return nil, fmt.Errorf("rest.Parameters.JSON has %s where an object would hold %q", kindName(byte(object.Kind())), path)
		}
		if err := json.Unmarshal(object, &members); err != nil {
			return nil, err
		}
	}
	head, rest, inside := strings.Cut(path, ".")
	if _, whole := members[path]; whole || !inside {
		members[path] = c.value(members[path], name, values)
	} else {
		inner, err := c.put(members[head], rest, name, values)
		if err != nil {
			return nil, err
		}
		members[head] = inner
	}
	return json.Marshal(members, json.Deterministic(true))
}

// value writes the values of a parameter where the declared object has another.
func (c carrier) value(declared jsontext.Value, name string, values []string) jsontext.Value {
	number := c.numbers[name]
	list := len(values) != 1 || strings.HasSuffix(name, "[]") || slices.Contains([]string{c.Fields, c.Include}, name)
	switch kind := declared.Kind(); kind {
	case '[':
		var items []jsontext.Value
		list = true
		number = json.Unmarshal(declared, &items) == nil && len(items) > 0 && items[0].Kind() != '"'
	case '0', 't', 'f':
		number = true
	}
	if !list {
		return literal(values[0], number)
	}
	if len(values) == 1 && remote.Value(values[0]).Kind() == '[' && jsontext.Value(values[0]).IsValid() {
		return jsontext.Value(values[0])
	}
	items := make([]jsontext.Value, len(values))
	for i, v := range values {
		items[i] = literal(v, number)
	}
	text, _ := json.Marshal(items) // what is valid can be written
	return text
}

// literal writes a text as JSON: as it is where it is an object or a list, or bare and
// wanted so.
func literal(text string, bare bool) jsontext.Value {
	v := jsontext.Value(strings.TrimSpace(text))
	if (bare || v.Kind() == '{' || v.Kind() == '[') && v.IsValid() {
		return v
	}
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(text, "\uFFFD"))
	}
	return quoted
}
