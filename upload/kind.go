package upload

import "strings"

// kind is what the values of a column are, on every database and on the wire.
type kind string

// The kinds of columns.
const (
	kindInt     kind = "int"     // 64 bits
	kindFloat   kind = "float"   // 64 bits
	kindDecimal kind = "decimal" // a number of any length, as text
	kindBool    kind = "bool"
	kindText    kind = "text"
	kindTime    kind = "time" // UTC, microseconds
	kindDate    kind = "date"
	kindBytes   kind = "bytes"
	kindUUID    kind = "uuid"
	kindJSON    kind = "json" // as text
)

// known reports whether a kind that came over the wire is one of them.
func (k kind) known() bool { return placesOf[k].postgres != "" }

// place is the type of a column that keeps a kind, on each database.
type place struct{ postgres, sqlite string }

// placesOf has decimals and UUIDs as text in SQLite: a number of its own keeps 15 digits.
var placesOf = map[kind]place{
	kindInt:     {"bigint", "bigint"},
	kindFloat:   {"double precision", "double"},
	kindDecimal: {"numeric", "text"},
	kindBool:    {"boolean", "boolean"},
	kindText:    {"text", "text"},
	kindTime:    {"timestamp with time zone", "timestamp"},
	kindDate:    {"date", "date"},
	kindBytes:   {"bytea", "blob"},
	kindUUID:    {"uuid", "text"},
	kindJSON:    {"json", "json"},
}

// kindOf returns the kind of a column by the database's own name of its type. Types of
// PostgreSQL that are none of ours are read as text.
func kindOf(base string, strict bool) kind {
	if strict {
		switch base {
		case "smallint", "integer", "bigint":
			return kindInt
		case "real":
			return kindFloat
		case "timestamp without time zone":
			return kindTime
		case "jsonb":
			return kindJSON
		}
		for k, at := range placesOf {
			if at.postgres == base {
				return k
			}
		}
		return kindText
	}
	name, _, _ := strings.Cut(base, "(")
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(name, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has("bool"):
		return kindBool
	case has("int") && !has("interval", "point"):
		return kindInt
	case has("real", "floa", "doub"):
		return kindFloat
	case has("decimal", "numeric"):
		return kindDecimal
	case has("timestamp", "datetime"):
		return kindTime
	case has("date"):
		return kindDate
	case has("blob", "bytea"):
		return kindBytes
	case has("json"):
		return kindJSON
	default:
		return kindText
	}
}

// asText reports whether a column of PostgreSQL is read as text.
func (k kind) asText() bool {
	return k == kindDecimal || k == kindText || k == kindUUID || k == kindJSON
}

// common returns the kind by which two columns are compared that keep the same: the one
// that says more. A copy in SQLite has UUIDs, decimals and JSON as text. There is none
// where the kinds have nothing in common.
func common(a, b kind) (kind, bool) {
	number := func(k kind) bool { return k == kindInt || k == kindFloat || k == kindDecimal }
	switch {
	case a == b:
		return a, true
	case a == kindText:
		return b, true
	case b == kindText:
		return a, true
	case number(a) && number(b):
		return kindDecimal, true
	case a == kindBool && b == kindInt, a == kindInt && b == kindBool:
		return kindBool, true
	case a == kindTime && b == kindDate, a == kindDate && b == kindTime:
		return kindTime, true
	default:
		return "", false
	}
}
