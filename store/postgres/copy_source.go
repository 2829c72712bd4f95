package postgres

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// copySource is rows in COPY's binary format. They are encoded as they are read,
// so that a page is not held twice.
type copySource struct {
	encoder
	rows sqlstore.Insertion
	row  int
	buf  []byte // encoded, from sent on not yet read
	sent int
	err  error
}

func newCopySource(rows sqlstore.Insertion, m *pgtype.Map) *copySource {
	s := &copySource{rows: rows, buf: make([]byte, 0, 64<<10)}
	s.buf = append(s.buf, "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"...)
	s.encoder, s.err = newEncoder(rows.Columns, m)
	return s
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

// encode puts the next row into the buffer, or what ends them. It reports whether
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
		buf, isNull, err := s.append(append(s.buf, 0, 0, 0, 0), c, s.rows.Value(s.row-1, c))
		if err != nil {
			s.err = err
			return false
		}
		s.buf = buf
		size := uint32(len(s.buf) - at - 4)
		if isNull {
			size = math.MaxUint32
		}
		binary.BigEndian.PutUint32(s.buf[at:], size)
	}
	return true
}
