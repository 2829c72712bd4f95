package postgres

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// copySource is rows in COPY's binary format. They are encoded as they are read,
// so that a page is not held twice. Values go from a record's pointers straight
// into the buffer: boxing them first, as pgx.CopyFrom wants it, costs two
// allocations a value.
type copySource struct {
	rows  sqlstore.Insertion
	types []copyType
	m     *pgtype.Map
	row   int
	buf   []byte // encoded, from sent on not yet read
	sent  int
	err   error
}

// copyType is how a column's values are encoded.
type copyType struct {
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
)

var forms = map[string]form{
	"text": texts, "character varying": texts, "bpchar": texts, "json": texts, "jsonb": jsonb,
	"bigint": bigints, "integer": integers, "smallint": smallints, "double precision": doubles, "boolean": booleans,
	"bytea": bytea, "timestamp with time zone": instants,
}

// errNotCopied says that a value has no binary form that pgx knows.
var errNotCopied = errors.New("not copied")

func newCopySource(rows sqlstore.Insertion, m *pgtype.Map) *copySource {
	s := &copySource{rows: rows, types: make([]copyType, len(rows.Columns)), m: m, buf: make([]byte, 0, 64<<10)}
	s.buf = append(s.buf, "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"...)
	for i, column := range rows.Columns {
		s.types[i] = copyType{forms[column.DBType], oids[column.DBType]}
		if s.types[i] == (copyType{}) {
			s.err = errNotCopied
		}
	}
	return s
}

// oids are those of the types that are encoded by pgx.
var oids = map[string]uint32{
	"numeric": pgtype.NumericOID, "real": pgtype.Float4OID, "uuid": pgtype.UUIDOID, "date": pgtype.DateOID,
	"timestamp without time zone": pgtype.TimestampOID, "timestamp with time zone": pgtype.TimestamptzOID,
	"text": pgtype.TextOID, "character varying": pgtype.VarcharOID, "bpchar": pgtype.BPCharOID, "json": pgtype.JSONOID, "jsonb": pgtype.JSONBOID,
	"bigint": pgtype.Int8OID, "integer": pgtype.Int4OID, "smallint": pgtype.Int2OID, "double precision": pgtype.Float8OID, "boolean": pgtype.BoolOID,
	"bytea": pgtype.ByteaOID,
}

// Read implements [io.Reader].
func (s *copySource) Read(p []byte) (int, error) {
	for n := 0; ; {
		copied := copy(p[n:], s.buf[s.sent:])
		n, s.sent = n+copied, s.sent+copied
		switch {
		case n == len(p):
			return n, nil
		case s.err != nil:
			return n, s.err
		case s.row > s.rows.Rows:
			return n, io.EOF
		}
		s.buf, s.sent = s.buf[:0], 0
		if !s.encode() {
			return n, s.err
		}
	}
}

// encode puts the next row into the buffer, or what ends them. It says whether
// that worked.
func (s *copySource) encode() bool {
	if s.err != nil {
		return false
	}
	if s.row++; s.row > s.rows.Rows {
		s.buf = append(s.buf, 0xff, 0xff)
		return true
	}
	s.buf = binary.BigEndian.AppendUint16(s.buf, uint16(len(s.types)))
	for c := range s.types {
		at := len(s.buf)
		s.buf = append(s.buf, 0, 0, 0, 0)
		isNull, err := s.value(c, s.rows.Value(s.row-1, c))
		if err != nil {
			s.err = err
			return false
		}
		size := uint32(len(s.buf) - at - 4)
		if isNull {
			size = math.MaxUint32
		}
		binary.BigEndian.PutUint32(s.buf[at:], size)
	}
	return true
}

// value appends a value of a column.
func (s *copySource) value(c int, v any) (isNull bool, err error) {
	t := s.types[c]
	switch x := v.(type) {
	case *string:
		if t.form == texts && x != nil {
			s.buf = append(s.buf, *x...)
			return false, nil
		}
	case *int64:
		if t.form == bigints && x != nil {
			s.buf = binary.BigEndian.AppendUint64(s.buf, uint64(*x))
			return false, nil
		}
	case *float64:
		if t.form == doubles && x != nil {
			s.buf = binary.BigEndian.AppendUint64(s.buf, math.Float64bits(*x))
			return false, nil
		}
	case *bool:
		if t.form == booleans && x != nil {
			s.bool(*x)
			return false, nil
		}
	}
	if s.rows.Columns[c].Data && (t.form == texts || t.form == jsonb) {
		text := reflect.ValueOf(v).Elem().Bytes()
		if t.form == jsonb && text != nil {
			s.buf = append(s.buf, 1)
		}
		s.buf = append(s.buf, text...)
		return text == nil, nil
	}
	if v, err = store.Plain(v); err != nil || v == nil {
		return true, err
	}
	if bytes, ok := v.([]byte); ok && bytes == nil {
		return true, nil
	}
	return false, s.plain(c, v)
}

func (s *copySource) bool(v bool) {
	if v {
		s.buf = append(s.buf, 1)
	} else {
		s.buf = append(s.buf, 0)
	}
}

// plain appends a value that is no pointer and not null.
func (s *copySource) plain(c int, v any) (err error) {
	t := s.types[c]
	if check := encoders[s.rows.Columns[c].DBType]; check != nil {
		if v, err = check(s.rows.Columns[c], v); err != nil {
			return err
		}
	}
	switch x := v.(type) {
	case string:
		switch t.form {
		case jsonb:
			s.buf = append(append(s.buf, 1), x...)
			return nil
		case texts:
			s.buf = append(s.buf, x...)
			return nil
		}
	case []byte:
		if t.form == bytea {
			s.buf = append(s.buf, x...)
			return nil
		}
	case bool:
		if t.form == booleans {
			s.bool(x)
			return nil
		}
	case float64:
		if t.form == doubles {
			s.buf = binary.BigEndian.AppendUint64(s.buf, math.Float64bits(x))
			return nil
		}
	case int64:
		switch t.form {
		case bigints:
			s.buf = binary.BigEndian.AppendUint64(s.buf, uint64(x))
			return nil
		case integers:
			s.buf = binary.BigEndian.AppendUint32(s.buf, uint32(x))
			return nil
		case smallints:
			s.buf = binary.BigEndian.AppendUint16(s.buf, uint16(x))
			return nil
		}
	case time.Time:
		if t.form == instants {
			s.buf = binary.BigEndian.AppendUint64(s.buf, uint64(x.UnixMicro()-epoch))
			return nil
		}
	}
	return s.encoded(t, v)
}

// epoch is where PostgreSQL's time begins, the year 2000, in microseconds.
const epoch = 946_684_800_000_000

// encoded appends a value as pgx encodes it. A text is read as the database
// would read it, for a number or a date.
func (s *copySource) encoded(t copyType, v any) error {
	if text, ok := v.(string); ok {
		if err := s.m.Scan(t.oid, pgtype.TextFormatCode, []byte(text), &v); err != nil {
			return errNotCopied
		}
	}
	buf, err := s.m.Encode(t.oid, pgtype.BinaryFormatCode, v, s.buf)
	if err != nil || buf == nil {
		return errNotCopied
	}
	s.buf = buf
	return nil
}
