package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// add puts an item on the page.
func (p *Page) add(item any) error {
	o, err := objectOf(item)
	if err != nil {
		return fmt.Errorf("page %d: item %d: %w", p.Number, len(p.Objects)+1, err)
	}
	p.Objects = append(p.Objects, o)
	return nil
}

// objectOf encodes an item as its own client's authors meant it: the tags of
// their types are those of encoding/json.
func objectOf(item any) (Object, error) {
	if o, ok := item.(Object); ok {
		return o, nil
	}
	if v := reflect.ValueOf(item); v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return ParseObject(slices.Clone(v.Bytes())) // an iterator may use them again
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(item); err != nil {
		return Object{}, fmt.Errorf("encode %T: %w", item, err)
	}
	return ParseObject(b.Bytes())
}
