package upload

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// reading is an upload as it is read:
//
//	{"columns":["id","name"],"through":7,"time":"…","rows":[[6,1,"a"]],"gone":[[7,[2]]]}
//
// A row begins with its version, and has its values in the order of the columns. What is
// gone has a version and a key. Versions up to the one of "through" are then known.
type reading struct {
	marker *marker
	most   int
	// learn returns the shape as another process may have extended it.
	learn func() (*marker, error)

	at      []int // of each column sent, its place in the shape
	changes []change
	through int64
	time    string
}

func (in *reading) read(dec *jsontext.Decoder) error {
	if err := expect(dec, '{'); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		switch name.String() {
		case "columns":
			err = in.columns(dec)
		case "through":
			err = decode(dec, &in.through)
		case "time":
			err = decode(dec, &in.time)
		case "rows":
			err = in.list(dec, in.row)
		case "gone":
			err = in.list(dec, in.gone)
		default:
			err = fmt.Errorf("there is no member %q", name.String())
		}
		if err != nil {
			return err
		}
	}
	return expect(dec, '}')
}

func expect(dec *jsontext.Decoder, kind jsontext.Kind) error {
	token, err := dec.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("want %v, not %v", kind, token.Kind())
	}
	return err
}

func (in *reading) columns(dec *jsontext.Decoder) error {
	var names []string
	if err := decode(dec, &names); err != nil {
		return err
	}
	unknown := func(name string) bool { return in.marker.shape.index(name) < 0 }
	if slices.ContainsFunc(names, unknown) {
		var err error
		if in.marker, err = in.learn(); err != nil {
			return err
		}
	}
	in.at = make([]int, len(names))
	for i, name := range names {
		if unknown(name) {
			return fmt.Errorf("%w: there is no column %q: register the table first", errShape, name)
		}
		in.at[i] = in.marker.shape.index(name)
	}
	return nil
}

// list reads a list of lists.
func (in *reading) list(dec *jsontext.Decoder, one func(dec *jsontext.Decoder, c *change) error) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for n := 0; dec.PeekKind() != ']'; n++ {
		if len(in.changes) == in.most {
			return errTooLarge
		}
		if err := expect(dec, '['); err != nil {
			return err
		}
		var c change
		if err := decode(dec, &c.version); err != nil {
			return err
		}
		if err := one(dec, &c); err != nil {
			return err
		}
		in.changes = append(in.changes, c)
	}
	return expect(dec, ']')
}

// row reads the values of a row. One that is not of its column's kind refuses the row.
func (in *reading) row(dec *jsontext.Decoder, c *change) error {
	values := make([]any, len(in.marker.shape.Columns))
	for _, n := range in.at {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		of := in.marker.shape.Columns[n]
		if values[n], err = fromWire(of.Kind, token); errors.Is(err, errRequest) {
			return err
		} else if err != nil {
			return in.refuse(fmt.Errorf("column %q: %w", of.Name, err))
		}
	}
	for i, n := range in.marker.keyAt {
		if values[n] == nil {
			return in.refuse(fmt.Errorf("column %q of the key: there is no value", in.marker.shape.Key[i]))
		}
	}
	c.row = in.marker.mark(values)
	return expect(dec, ']')
}

func (in *reading) refuse(err error) error { return &refusedRow{len(in.changes), err} }

func (in *reading) gone(dec *jsontext.Decoder, c *change) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	key, err := in.marker.shape.readKey(dec)
	if err != nil {
		return err
	}
	c.gone = true
	c.pos, c.key = in.marker.find(key)
	return expect(dec, ']')
}
