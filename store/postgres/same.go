package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/scan"
	"github.com/syncedgo/synced/internal/sqlstore"
)

var (
	_ sqlstore.Comparer = conn{}
	_ sqlstore.Looker   = conn{}
)

// raw runs a query, and calls row for each of its rows, as it comes from the server,
// until it returns false. The query is planned each time, even outside of a transaction:
// see [planMode].
func (c conn) raw(ctx context.Context, sql string, args []any, row func(rows pgx.Rows) bool) (err error) {
	var rows pgx.Rows
	if c.send != nil {
		var b pgx.Batch
		b.Queue(planning) // until the end of the batch
		b.Queue(sql, args...)
		var answers pgx.BatchResults
		if answers, err = c.send(ctx, &b); err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, answers.Close()) }() // it says the same once more
		if _, err := answers.Exec(); err != nil {
			return err
		}
		rows, err = answers.Query()
	} else if before, failed := c.mark.before(ctx, sqlstore.Statement{SQL: sql, Args: args}); failed != nil {
		return failed
	} else if before != nil {
		var answers pgx.BatchResults
		if answers, err = c.mark.send(ctx, before, sql, args); err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, answers.Close()) }()
		rows, err = answers.Query()
	} else {
		rows, err = c.querier.Query(ctx, sql, args...)
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if !row(rows) {
			return nil
		}
	}
	return rows.Err()
}

// Look reads fingerprints.
func (c conn) Look(ctx context.Context, sql string, args []any, kinds sqlstore.LookKinds, found func(backend.Looked)) (done bool, err error) {
	done = true
	err = c.raw(ctx, sql, args, func(rows pgx.Rows) bool {
		values, fields := rows.RawValues(), rows.FieldDescriptions()
		row := backend.Looked{Marked: values[0] != nil}
		done = fields[0].DataTypeOID == pgtype.Int8OID && fields[0].Format == pgx.BinaryFormatCode && kinds.Read(&row, func(c int) (backend.ID, bool, bool) {
			id, ok := rawID(fields[c], values[c])
			return id, values[c] == nil, ok
		})
		if done && row.Marked {
			row.Hash = int64(binary.BigEndian.Uint64(values[0]))
		}
		if done {
			found(row)
		}
		return done
	})
	return done, err
}

// Same compares rows as they come from the server with what COPY would send.
func (c conn) Same(ctx context.Context, sql string, args []any, with sqlstore.Comparison) error {
	var e *encoder
	var buf []byte
	return c.raw(ctx, sql, args, func(rows pgx.Rows) bool {
		if e == nil && rows.Conn() != nil {
			made, err := newEncoder(with.Columns, rows.Conn().TypeMap())
			if err != nil {
				return false // a column of a type that pgx may not know
			}
			e = &made
		}
		if e == nil {
			return false
		}
		values, fields := rows.RawValues(), rows.FieldDescriptions()
		id, ok := rawID(fields[0], values[0])
		row := 0
		if ok {
			row, ok = with.Row(id)
		}
		for c := 0; ok && c < len(with.Columns); c++ {
			var isNull bool
			var err error
			buf, isNull, err = e.append(buf[:0], c, with.Value(row, c))
			ok = err == nil && isNull == (values[c+1] == nil) && (isNull || asSent(fields[c+1], e.types[c]) && same(e.types[c], buf, values[c+1]))
		}
		if ok {
			with.Same(row)
		}
		return true
	})
}

// Differ implements [sqlstore.Differ].
func (c conn) Differ(ctx context.Context, sql string, args []any, with sqlstore.Comparison, found func(row int)) error {
	own := c.own()
	if own == nil {
		return nil
	}
	e, err := newEncoder(with.Columns, own.TypeMap())
	if err != nil {
		return nil // a column of a type that pgx may not know
	}
	var buf []byte
	return c.raw(ctx, sql, args, func(rows pgx.Rows) bool {
		values, fields := rows.RawValues(), rows.FieldDescriptions()
		id, ok := rawID(fields[0], values[0])
		row := 0
		if ok {
			row, ok = with.Row(id)
		}
		for c := 0; ok && c < len(with.Columns); c++ {
			var isNull bool
			var err error
			buf, isNull, err = e.append(buf[:0], c, with.Value(row, c))
			known := err == nil && (isNull || values[c+1] == nil || asSent(fields[c+1], e.types[c]))
			differs := known && (isNull != (values[c+1] == nil) || !isNull && !same(e.types[c], buf, values[c+1]))
			if differs && c > 0 {
				found(row)
				break
			}
			ok = differs || c > 0 // nothing is known of a row whose first column is the same
		}
		return true
	})
}

// same compares what would be sent with what came. Documents of jsonb come with their
// members in PostgreSQL's order and with spaces, and as text.
func same(e encoding, sent, came []byte) bool {
	if e.form != jsonb {
		return bytes.Equal(sent, came)
	}
	version := []byte{jsonbVersion}
	return sameDocument(bytes.TrimPrefix(sent, version), bytes.TrimPrefix(came, version))
}

// part is a member of an object, or an item of a list, which has no name.
type part struct{ name, value []byte }

// sameDocument compares two documents, where they are. Texts and numbers are compared as
// they are spelled. To format both first, so that bytes could be compared, was an eighth
// of the CPU of a check.
func sameDocument(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 || a[0] != '{' && a[0] != '[' {
		return bytes.Equal(a, b)
	}
	var room [16]part
	parts, matched := room[:0], 0
	if a[0] == '[' {
		end := scan.List(b, 0, func(item []byte) bool {
			parts = append(parts, part{nil, item})
			return true
		})
		return end == len(b) && scan.List(a, 0, func(item []byte) bool {
			matched++
			return matched <= len(parts) && sameDocument(item, parts[matched-1].value)
		}) == len(a) && matched == len(parts)
	}
	members := 0
	return scan.Walk(b, func(name, value []byte) bool {
		parts = append(parts, part{name, value})
		return true
	}) && scan.Walk(a, func(name, value []byte) bool {
		members++
		at, found := slices.BinarySearchFunc(parts, name, byName)
		if found && sameDocument(value, parts[at].value) {
			matched++
		}
		return found
	}) && matched == members && members == len(parts)
}

// byName is the order in which jsonb keeps members.
func byName(p part, name []byte) int {
	return cmp.Or(cmp.Compare(len(p.name), len(name)), bytes.Compare(p.name, name))
}

// asSent reports whether a value came as it would be sent: in binary, or of a type
// that is the same as text.
func asSent(f pgconn.FieldDescription, e encoding) bool {
	return f.DataTypeOID == e.oid && (f.Format == pgx.BinaryFormatCode || e.form == texts || e.form == jsonb)
}

// rawID reads an id, if it is of a type that an id has.
func rawID(f pgconn.FieldDescription, value []byte) (backend.ID, bool) {
	switch {
	case value == nil:
	case f.DataTypeOID == pgtype.TextOID, f.DataTypeOID == pgtype.VarcharOID:
		return backend.TextID(string(value)), true
	case f.Format != pgx.BinaryFormatCode:
	case f.DataTypeOID == pgtype.Int8OID:
		return backend.IntID(int64(binary.BigEndian.Uint64(value))), true
	case f.DataTypeOID == pgtype.Int4OID:
		return backend.IntID(int64(int32(binary.BigEndian.Uint32(value)))), true
	case f.DataTypeOID == pgtype.UUIDOID:
		return backend.TextID(pgtype.UUID{Bytes: [16]byte(value), Valid: true}.String()), true
	}
	return backend.ID{}, false
}
