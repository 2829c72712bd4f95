package postgres

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// encoder makes the binary form of the values of columns. They go from a row's
// pointers straight into the buffer: boxing them first, as pgx wants it, costs two
// allocations a value.
type encoder struct {
	columns []sqlstore.SourceColumn
	types   []encoding
	m       *pgtype.Map
}

// encoding is how a column's values are encoded.
type encoding struct {
	form form
	oid  uint32
}

// form is a form of values for which there is a shorter way than pgx's.
type form int

const (
	other form = iota
	texts      // as it is
	jsonb      // a version before the text
	bigints
	integers
	smallints
	doubles
	booleans
	bytea
	instants
	lists
)

var forms = map[string]form{
	"text": texts, "character varying": texts, "bpchar": texts, "json": texts, "jsonb": jsonb,
	"bigint": bigints, "integer": integers, "smallint": smallints, "double precision": doubles, "boolean": booleans,
	"bytea": bytea, "timestamp with time zone": instants,
}

// errNotEncoded is the error of a value that has no binary form that pgx knows.
var errNotEncoded = errors.New("not encoded")

// newEncoder fails if a column is of a type that pgx may not know.
func newEncoder(columns []sqlstore.SourceColumn, m *pgtype.Map) (encoder, error) {
	e := encoder{columns: columns, types: make([]encoding, len(columns)), m: m}
	for i, column := range columns {
		e.types[i] = encoding{forms[column.DBType], oids[column.DBType]}
		if strings.HasSuffix(column.DBType, "[]") {
			e.types[i].form = lists
		}
		if e.types[i].oid == 0 {
			return e, errNotEncoded
		}
	}
	return e, nil
}

// oids are those of the types that pgx encodes.
var oids = map[string]uint32{
	"numeric": pgtype.NumericOID, "real": pgtype.Float4OID, "uuid": pgtype.UUIDOID, "date": pgtype.DateOID,
	"timestamp without time zone": pgtype.TimestampOID, "timestamp with time zone": pgtype.TimestamptzOID,
	"text": pgtype.TextOID, "character varying": pgtype.VarcharOID, "bpchar": pgtype.BPCharOID, "json": pgtype.JSONOID, "jsonb": pgtype.JSONBOID,
	"bigint": pgtype.Int8OID, "integer": pgtype.Int4OID, "smallint": pgtype.Int2OID, "double precision": pgtype.Float8OID, "boolean": pgtype.BoolOID,
	"bytea": pgtype.ByteaOID, "interval": pgtype.IntervalOID, "inet": pgtype.InetOID,
	"text[]": pgtype.TextArrayOID, "character varying[]": pgtype.VarcharArrayOID, "integer[]": pgtype.Int4ArrayOID, "bigint[]": pgtype.Int8ArrayOID,
	"smallint[]": pgtype.Int2ArrayOID, "double precision[]": pgtype.Float8ArrayOID, "boolean[]": pgtype.BoolArrayOID, "uuid[]": pgtype.UUIDArrayOID,
	"numeric[]": pgtype.NumericArrayOID, "timestamp with time zone[]": pgtype.TimestamptzArrayOID,
}

// append appends a value of a column, and reports whether it is null.
func (e *encoder) append(buf []byte, c int, v any) (out []byte, isNull bool, err error) {
	form := e.types[c].form
	if out, ok := appendPointed(buf, form, v); ok {
		return out, false, nil
	}
	if out, isNull, ok, err := appendOwn(buf, form, v); ok {
		return out, isNull, err
	}
	if e.columns[c].Data && (form == texts || form == jsonb) {
		text := reflect.ValueOf(v).Elem().Bytes()
		if form == jsonb && text != nil {
			buf = append(buf, jsonbVersion)
		}
		return append(buf, text...), text == nil, nil
	}
	if v, err = backend.Plain(v); err != nil || v == nil {
		return buf, true, err
	}
	if bytes, ok := v.([]byte); ok && bytes == nil {
		return buf, true, nil
	}
	out, err = e.plain(buf, c, v)
	return out, false, err
}

// appendPointed appends what a pointer points to, if it is of the form's own type.
func appendPointed(buf []byte, f form, v any) (out []byte, ok bool) {
	switch x := v.(type) {
	case *string:
		if f == texts && x != nil {
			return append(buf, *x...), true
		}
	case *int64:
		if f == bigints && x != nil {
			return binary.BigEndian.AppendUint64(buf, uint64(*x)), true
		}
	case *float64:
		if f == doubles && x != nil {
			return binary.BigEndian.AppendUint64(buf, math.Float64bits(*x)), true
		}
	case *bool:
		if f == booleans && x != nil {
			return appendBool(buf, *x), true
		}
	case **string:
		return appendPointed(buf, f, *x)
	case **int64:
		return appendPointed(buf, f, *x)
	case **float64:
		return appendPointed(buf, f, *x)
	case **bool:
		return appendPointed(buf, f, *x)
	}
	return buf, false
}

// appendOwn appends what a pointer gives without a box around it, if that is of the form.
func appendOwn(buf []byte, f form, v any) (out []byte, isNull, ok bool, err error) {
	switch x := v.(type) {
	case backend.Timed:
		if f != instants {
			break
		}
		at, isNull := x.Time()
		if !isNull {
			buf = appendInstant(buf, at)
		}
		return buf, isNull, true, nil
	case backend.Textual:
		from := len(buf)
		switch f {
		case jsonb:
			buf = append(buf, jsonbVersion)
		case texts:
		default:
			return buf, false, false, nil
		}
		buf, isNull, err = x.AppendTo(buf)
		if isNull {
			buf = buf[:from]
		}
		return buf, isNull, true, err
	}
	return buf, false, false, nil
}

func appendInstant(buf []byte, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(buf, uint64(at.UnixMicro()-epoch))
}

func appendBool(buf []byte, v bool) []byte {
	if v {
		return append(buf, 1)
	}
	return append(buf, 0)
}

// plain appends a value that is no pointer and not null.
func (e *encoder) plain(buf []byte, c int, v any) (_ []byte, err error) {
	t := e.types[c]
	if check := encoders[e.columns[c].DBType]; check != nil {
		if v, err = check(e.columns[c], v); err != nil {
			return nil, err
		}
	}
	if out, ok := appendPlain(buf, t.form, v); ok {
		return out, nil
	}
	return e.encoded(buf, t, v)
}

// appendPlain appends a value in its form, if that is not pgx's task.
func appendPlain(buf []byte, f form, v any) (out []byte, ok bool) {
	switch x := v.(type) {
	case string:
		switch f {
		case jsonb:
			return append(append(buf, jsonbVersion), x...), true
		case texts:
			return append(buf, x...), true
		}
	case []byte:
		if f == bytea {
			return append(buf, x...), true
		}
	case bool:
		if f == booleans {
			return appendBool(buf, x), true
		}
	case float64:
		if f == doubles {
			return binary.BigEndian.AppendUint64(buf, math.Float64bits(x)), true
		}
	case int64:
		switch f {
		case bigints:
			return binary.BigEndian.AppendUint64(buf, uint64(x)), true
		case integers:
			return binary.BigEndian.AppendUint32(buf, uint32(x)), true
		case smallints:
			return binary.BigEndian.AppendUint16(buf, uint16(x)), true
		}
	case time.Time:
		if f == instants {
			return appendInstant(buf, x), true
		}
	}
	return buf, false
}

const (
	// epoch is where PostgreSQL's time begins, the year 2000, in microseconds.
	epoch = 946_684_800_000_000
	// jsonbVersion precedes the text of a jsonb.
	jsonbVersion = 1
)

// encoded appends a value as pgx encodes it. A text is read as the database
// would read it, for a number or a date.
func (e *encoder) encoded(buf []byte, t encoding, v any) ([]byte, error) {
	if text, ok := v.(string); ok && t.form == lists {
		var list pgtype.Array[any] // with its dimensions
		if err := e.m.Scan(t.oid, pgtype.TextFormatCode, []byte(text), &list); err != nil {
			return nil, errNotEncoded
		}
		v = list
	} else if ok {
		if err := e.m.Scan(t.oid, pgtype.TextFormatCode, []byte(text), &v); err != nil {
			return nil, errNotEncoded
		}
	}
	buf, err := e.m.Encode(t.oid, pgtype.BinaryFormatCode, v, buf)
	if err != nil || buf == nil {
		return nil, errNotEncoded
	}
	return buf, nil
}
