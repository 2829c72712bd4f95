package backend

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// RefusedError is why a database refuses the row of a record.
type RefusedError struct {
	ID ID
	// Columns are those at fault, as far as the database tells, and Values what they
	// were given.
	Columns []string
	Values  []any
	Err     error
}

func (e *RefusedError) Error() string {
	if len(e.Columns) == 0 {
		return "the database refuses it: " + e.Err.Error()
	}
	given := make([]string, len(e.Columns))
	for i, name := range e.Columns {
		given[i] = shown(name, e.Values[i]) + " in column " + strconv.Quote(name)
	}
	return "the database refuses " + strings.Join(given, ", ") + ": " + e.Err.Error()
}

func (e *RefusedError) Unwrap() error { return e.Err }

// Advice says what may be changed.
func (e *RefusedError) Advice() string {
	if i := slices.Index(e.Values, nil); i >= 0 && i < len(e.Columns) {
		return "drop NOT NULL of column " + strconv.Quote(e.Columns[i]) + ", or make its field no pointer, so that null becomes the zero value"
	}
	return "change the table so that it takes the value"
}

// secretName matches the names of columns whose values no error shows.
var secretName = regexp.MustCompile(`(?i)token|secret|passw|pwd|api_?key|credential|authorization`)

// mostShown is how much of a value an error shows, in bytes.
const mostShown = 60

// shown writes the value of a column for an error.
func shown(column string, v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case []byte:
		v = string(x)
	}
	if secretName.MatchString(column) {
		return "a value"
	}
	text := fmt.Sprint(v)
	if s, ok := v.(string); ok {
		text = strconv.Quote(s)
	}
	if len(text) > mostShown {
		text = strings.ToValidUTF8(text[:mostShown], "") + "…"
	}
	return text
}
