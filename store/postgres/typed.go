package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// untyped reports whether statements are sent without asking the server for the types of
// their parameters, as is usual behind a pooler.
func untyped(db DB) bool {
	var config *pgx.ConnConfig
	switch db := db.(type) {
	case pool:
		config = db.Config().ConnConfig
	case *pgx.Conn:
		config = db.Config()
	case interface{ Conn() *pgx.Conn }:
		if conn := db.Conn(); conn != nil {
			config = conn.Config()
		}
	}
	return config != nil && (config.DefaultQueryExecMode == pgx.QueryExecModeExec || config.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol)
}

// typed gives lists of a [dialect.Source] the type of their values, which the
// statement casts to that of the column. Times become text: the cast of a time to
// one without a zone would depend on the session's.
func typed(args []any) []any {
	list := make([]any, len(args))
	for i, arg := range args {
		list[i] = arg
		values, ok := arg.([]any)
		if !ok {
			continue
		}
		var some any
		for _, v := range values {
			if v != nil {
				some = v
				break
			}
		}
		switch some.(type) {
		case int64:
			list[i] = pointers[int64](values)
		case float64:
			list[i] = pointers[float64](values)
		case bool:
			list[i] = pointers[bool](values)
		case []byte:
			list[i] = blobs(values)
		default:
			list[i] = asText(values)
		}
	}
	return list
}

// pointers returns the values, which are null or of one type, or else their text.
func pointers[T any](values []any) any {
	list := make([]*T, len(values))
	for n, v := range values {
		x, ok := v.(T)
		switch {
		case ok:
			list[n] = &x
		case v != nil:
			return asText(values)
		}
	}
	return list
}

// blobs returns the values, which are null or bytes, or else their text.
func blobs(values []any) any {
	list := make([][]byte, len(values))
	for n, v := range values {
		var ok bool
		if list[n], ok = v.([]byte); !ok && v != nil {
			return asText(values)
		}
	}
	return list
}

func asText(values []any) []*string {
	list := make([]*string, len(values))
	for n, v := range values {
		if t, ok := v.(time.Time); ok {
			v = t.UTC()
		}
		if v != nil {
			x, _ := text(sqlstore.SourceColumn{}, v) // never fails
			s := x.(string)
			list[n] = &s
		}
	}
	return list
}
