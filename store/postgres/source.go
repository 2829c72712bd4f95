package postgres

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// Source sends each column as one array: the statement is the same for any
// number of rows, so that its plan is prepared once. Types that pgx may not know,
// such as enums, are sent as text, and so are arrays: unnest would take them apart too.
func (dialect) Source(columns []sqlstore.SourceColumn, rows [][]any) squirrel.Sqlizer {
	arrays := make([]string, len(columns))
	parted := false
	args := make([]any, len(columns))
	all := make([]any, len(columns)*len(rows)) // of all columns, one column after the other
	for c, column := range columns {
		arrays[c] = "?::" + column.DBType + "[]"
		encode, known := encoders[column.DBType]
		switch {
		case strings.HasSuffix(column.DBType, "[]"):
			arrays[c], encode = "?::text[]", text
			parted = true
		case !known:
			arrays[c] = "?::text[]::" + column.DBType + "[]"
			encode = text
		}
		values := all[c*len(rows) : (c+1)*len(rows) : (c+1)*len(rows)]
		form := forms[column.DBType]
		for r := range rows {
			v := rows[r][c]
			switch bytes, ok := v.([]byte); {
			case ok && bytes == nil:
				v = nil
			case ok && (form == texts || form == jsonb):
				v = string(bytes) // or their hexadecimal digits, where types are not asked for
			}
			if v != nil && encode != nil {
				var err error
				if v, err = encode(column, v); err != nil {
					return mistake{err}
				}
			}
			values[r] = v
		}
		args[c] = values
	}
	from := "unnest(" + strings.Join(arrays, ", ") + ")"
	list := "*"
	if parted {
		names, selected := parts(columns)
		list = strings.Join(selected, ", ")
		from += " AS synced_list(" + strings.Join(names, ", ") + ")"
	}
	return squirrel.Expr("SELECT "+list+" FROM "+from, args...)
}

// parts returns names for the columns of a source, and what is selected of them: an array that
// was sent as text is itself again.
func parts(columns []sqlstore.SourceColumn) (names, selected []string) {
	names, selected = make([]string, len(columns)), make([]string, len(columns))
	for c, column := range columns {
		names[c] = "c" + strconv.Itoa(c)
		selected[c] = names[c]
		if strings.HasSuffix(column.DBType, "[]") {
			selected[c] += "::" + column.DBType
		}
	}
	return names, selected
}

// mistake is a statement that can't be made.
type mistake struct{ error }

func (m mistake) ToSql() (string, []any, error) { return "", nil, m.error }

// encoders give pgx a value in a form that it takes for an element of an array of
// that type; nil where it takes any. An error of pgx's would show the whole page.
var encoders = map[string]func(sqlstore.SourceColumn, any) (any, error){
	"smallint": integer(math.MaxInt16), "integer": integer(math.MaxInt32), "bigint": integer(math.MaxInt64),
	"numeric": nil, "real": nil, "double precision": nil, "boolean": nil, "bytea": nil,
	"text": nil, "character varying": nil, "bpchar": nil, "uuid": nil, "json": nil, "jsonb": nil,
	"date": nil, "timestamp with time zone": nil, "timestamp without time zone": nil,
}

func text(_ sqlstore.SourceColumn, v any) (any, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case []byte:
		return string(x), nil
	case time.Time:
		return x.Format(time.RFC3339Nano), nil
	default:
		return fmt.Sprint(x), nil
	}
}

// integer encodes integers that are not above limit.
func integer(limit int64) func(sqlstore.SourceColumn, any) (any, error) {
	return func(column sqlstore.SourceColumn, v any) (any, error) {
		rv := reflect.ValueOf(v)
		n, ok := v.(int64)
		switch {
		case ok:
		case rv.CanInt():
			n = rv.Int()
		case rv.CanUint() && rv.Uint() <= math.MaxInt64:
			n = int64(rv.Uint())
		case rv.CanUint():
			return nil, tooLarge(column, v, "numeric")
		default:
			return v, nil
		}
		if n > limit || n < -limit-1 {
			return nil, tooLarge(column, v, "bigint")
		}
		return n, nil
	}
}

func tooLarge(column sqlstore.SourceColumn, v any, enough string) error {
	return fmt.Errorf("column %q is of type %s, which does not hold %v: make it %s", column.Name, column.DBType, v, enough)
}
