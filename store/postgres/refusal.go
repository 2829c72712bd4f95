package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Refuser = conn{}

// Refused reports whether an error is of a value: the classes 22 (data exception), 23
// (integrity constraint) and 54 (a limit: a text too long for its index, JSON nested
// too deeply), or an exception of a trigger.
func (c conn) Refused(err error) bool {
	if _, ok := errors.AsType[mistake](err); ok {
		return true
	}
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (strings.HasPrefix(refused.Code, "22") || strings.HasPrefix(refused.Code, "23") || strings.HasPrefix(refused.Code, "54") || refused.Code == "P0001")
}

// Taken goes by the violation of a unique index, or of an exclusion.
func (dialect) Taken(err error, table string) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == "23505" || refused.Code == "23P01") && refused.TableName == table[strings.LastIndex(table, ".")+1:]
}

// Hides reports whether policies of row level security hold for the role.
func (c conn) Hides(ctx context.Context, table string) (hides bool, err error) {
	_, err = store.One(ctx, sqlstore.NewSession(c, dialect{}), squirrel.Expr("SELECT coalesce(row_security_active(to_regclass(?)), false)", store.Quote(table)), &hides)
	return hides, err
}

// AtFault goes by the column that the error names, those of its constraint, or a
// value or type that its message shows.
func (c conn) AtFault(ctx context.Context, table string, values map[string]any, err error) ([]string, error) {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok:
		return nil, nil
	case refused.ColumnName != "":
		return []string{refused.ColumnName}, nil
	case refused.ConstraintName != "" && refused.DataTypeName == "":
		return c.constrained(ctx, table, refused.ConstraintName)
	}
	var columns []string
	for name, v := range values {
		if v != nil && strings.Contains(refused.Message, fmt.Sprintf("%q", fmt.Sprint(v))) {
			columns = append(columns, name)
		}
	}
	slices.Sort(columns)
	if len(columns) == 0 && refused.DataTypeName != "" {
		return c.columns(ctx, squirrel.Select("attname::text").From("pg_attribute JOIN pg_type ON pg_type.oid = atttypid").
			Where("attrelid = to_regclass(?) AND typname = ? AND NOT attisdropped", store.Quote(table), refused.DataTypeName).OrderBy("attnum"))
	}
	return columns, nil
}

// constrained returns the columns of a constraint, or of a unique index.
func (c conn) constrained(ctx context.Context, table, name string) ([]string, error) {
	return c.columns(ctx, squirrel.Expr("SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND attnum = ANY(coalesce("+
		"(SELECT conkey FROM pg_constraint WHERE conrelid = attrelid AND conname = ?),"+
		"(SELECT indkey::int2[] FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = attrelid AND relname = ?))) ORDER BY attnum",
		store.Quote(table), name, name))
}

// columns reads a query of names.
func (c conn) columns(ctx context.Context, query store.SQL) (names []string, err error) {
	err = store.Each(ctx, sqlstore.NewSession(c, dialect{}), query, func(rows store.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}
