package rest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// CSV is a list with a header line, and one record on each line after it (RFC 4180). A
// record is an object of texts, by the names in the header, but for Numbers; a number in
// a text is read into a field with `synced:"number"`. Quoted texts may have line breaks, of which "\r\n"
// is read as "\n". Each line has as many fields as the header.
type CSV struct {
	// Comma separates fields: ';', '\t'. Defaults to ','.
	Comma rune
	// Null reports whether an empty field is null. By default, it is an empty text.
	Null bool
	// Numbers names the columns whose values are JSON numbers where they look so, such as an
	// id that is an integer in the table: 7, and not "7". Others, and 007, are texts.
	Numbers []string
	// LazyQuotes reports whether a field may have a quote that is not doubled.
	LazyQuotes bool
}

var _ Body = CSV{}

func (CSV) accept() string { return "text/csv" }

func (CSV) refuses(label string) bool {
	return label == "application/json" || label == "application/problem+json"
}

func (c CSV) validate() error {
	if c.Comma != 0 && (c.Comma == '"' || c.Comma == '\r' || c.Comma == '\n' || !utf8.ValidRune(c.Comma) || c.Comma == utf8.RuneError) {
		return fmt.Errorf("body: CSV: %q can't separate fields", c.Comma)
	}
	return nil
}

func (c CSV) records(s *source) (func() (remote.Object, error), error) {
	end := &tail{source: s}
	r := csv.NewReader(end)
	r.ReuseRecord, r.LazyQuotes = true, c.LazyQuotes
	if c.Comma != 0 {
		r.Comma = c.Comma
	}
	header, err := r.Read()
	if err == io.EOF && s.omits {
		return func() (remote.Object, error) { return remote.Object{}, io.EOF }, nil
	}
	if err == io.EOF {
		return nil, errors.New("the answer is empty: a CSV has a header line; set rest.Config.RecordsOmitted where that means that there are no records")
	}
	if err != nil {
		return nil, end.error(err)
	}
	columns, err := c.columns(header)
	if err != nil {
		return nil, err
	}
	var row []byte
	return func() (remote.Object, error) {
		s.record = 0
		fields, err := r.Read()
		if err != nil {
			return remote.Object{}, end.error(err)
		}
		if end.open() && !s.framed {
			return remote.Object{}, fmt.Errorf("%w: the last line does not end", io.ErrUnexpectedEOF)
		}
		var valid bool
		row, valid = c.row(row[:0], columns, fields, s.mend)
		if !valid {
			return remote.InvalidObject(row), nil
		}
		return remote.UncheckedObject(row), nil
	}, nil
}

// column is a field of each line.
type column struct {
	name   []byte // as JSON
	number bool
}

// columns reads a header.
func (c CSV) columns(header []string) ([]column, error) {
	for _, name := range c.Numbers {
		if !slices.Contains(header, name) {
			return nil, fmt.Errorf("header: no field is named %q (CSV.Numbers)", name)
		}
	}
	columns, before := make([]column, len(header)), make(map[string]bool, len(header))
	for i, name := range header {
		switch {
		case name == "":
			return nil, fmt.Errorf("header: field %d has no name", i+1)
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("header: field %d is not UTF-8", i+1)
		case before[name]:
			return nil, fmt.Errorf("header: two fields are named %q", short(name))
		}
		before[name] = true
		columns[i].name, _ = jsontext.AppendQuote(nil, name)
		columns[i].number = slices.Contains(c.Numbers, name)
	}
	return columns, nil
}

// row writes a record as JSON, and reports whether its texts are valid.
func (c CSV) row(to []byte, columns []column, fields []string, mend bool) ([]byte, bool) {
	valid := true
	to = append(to, '{')
	for i, field := range fields {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(append(to, columns[i].name...), ':')
		switch {
		case field == "" && c.Null:
			to = append(to, "null"...)
		case columns[i].number && isNumber(field):
			to = append(to, field...)
		case mend || utf8.ValidString(field):
			to, _ = jsontext.AppendQuote(to, field) // what is not valid becomes U+FFFD
		default:
			valid = false
			to = appendEscaped(to, field)
		}
	}
	return append(to, '}'), valid
}

// isNumber reports whether a text is a JSON number.
func isNumber(text string) bool {
	v := remote.Value(text)
	return v.Kind() == '0' && text[0] > ' ' && jsontext.Value(v).IsValid() && text[len(text)-1] > ' '
}

// appendEscaped quotes a text that is not UTF-8, so that it stays invalid.
func appendEscaped(to []byte, text string) []byte {
	to = append(to, '"')
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			to = append(to, escaped([]byte(text[:1]))...)
		} else {
			quoted, _ := jsontext.AppendQuote(nil, text[:size])
			to = append(to, quoted[1:len(quoted)-1]...)
		}
		text = text[size:]
	}
	return append(to, '"')
}

// tail remembers how a text ends.
type tail struct {
	*source
	last byte
	over bool
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.source.Read(p)
	if n > 0 {
		t.last = p[n-1]
	}
	t.over = t.over || err == io.EOF
	return n, err
}

// open reports whether the text ended in a line.
func (t *tail) open() bool { return t.over && t.last != '\n' }

// error names what is wrong with a line. One that the text ends in was cut short.
func (t *tail) error(err error) error {
	if e, ok := errors.AsType[*csv.ParseError](err); ok && t.open() && (e.Err == csv.ErrFieldCount || e.Err == csv.ErrQuote) {
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	return err
}
