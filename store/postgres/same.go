package postgres

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var (
	_ sqlstore.Comparer = conn{}
	_ sqlstore.Looker   = conn{}
)

// Look reads fingerprints as they come from the server.
func (c conn) Look(ctx context.Context, sql string, args []any, kind store.Kind, found func(id store.ID, hash *int64)) (done bool, err error) {
	rows, err := c.querier.Query(ctx, sql, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		values, fields := rows.RawValues(), rows.FieldDescriptions()
		id, ok := rawID(fields[0], values[0])
		if _, isInt := id.Int(); !ok || isInt != (kind == store.Int) || fields[1].DataTypeOID != pgtype.Int8OID || fields[1].Format != pgx.BinaryFormatCode {
			return false, nil
		}
		if values[1] == nil {
			found(id, nil)
			continue
		}
		hash := int64(binary.BigEndian.Uint64(values[1]))
		found(id, &hash)
	}
	return true, rows.Err()
}

// Same compares rows as they come from the server with what COPY would send.
func (c conn) Same(ctx context.Context, sql string, args []any, with sqlstore.Comparison) error {
	rows, err := c.querier.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Conn() == nil {
		return nil
	}
	e, err := newEncoder(with.Columns, rows.Conn().TypeMap())
	if err != nil {
		return nil // a column of a type that pgx may not know
	}
	var buf []byte
	for rows.Next() {
		values, fields := rows.RawValues(), rows.FieldDescriptions()
		id, ok := rawID(fields[0], values[0])
		row := 0
		if ok {
			row, ok = with.Row(id)
		}
		for c := 0; ok && c < len(with.Columns); c++ {
			if values[c+1] == nil || asSent(fields[c+1], e.types[c]) {
				var isNull bool
				buf, isNull, err = e.append(buf[:0], c, with.Value(row, c))
				ok = err == nil && isNull == (values[c+1] == nil) && bytes.Equal(buf, values[c+1])
			} else {
				ok = false
			}
		}
		if ok {
			with.Same(row)
		}
	}
	return rows.Err()
}

// asSent says that a value came as it would be sent: in binary, or of a type
// that is the same as text.
func asSent(f pgconn.FieldDescription, e encoding) bool {
	return f.DataTypeOID == e.oid && (f.Format == pgx.BinaryFormatCode || e.form == texts)
}

// rawID reads an id, if it is of a type that one is kept in.
func rawID(f pgconn.FieldDescription, value []byte) (store.ID, bool) {
	switch {
	case value == nil:
	case f.DataTypeOID == pgtype.TextOID, f.DataTypeOID == pgtype.VarcharOID:
		return store.TextID(string(value)), true
	case f.Format != pgx.BinaryFormatCode:
	case f.DataTypeOID == pgtype.Int8OID:
		return store.IntID(int64(binary.BigEndian.Uint64(value))), true
	case f.DataTypeOID == pgtype.Int4OID:
		return store.IntID(int64(int32(binary.BigEndian.Uint32(value)))), true
	case f.DataTypeOID == pgtype.UUIDOID:
		return store.TextID(pgtype.UUID{Bytes: [16]byte(value), Valid: true}.String()), true
	}
	return store.ID{}, false
}
