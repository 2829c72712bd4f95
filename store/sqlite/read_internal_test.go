package sqlite

import (
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/store"
)

// Rows that are read where they are become what database/sql makes of them, whatever a column
// is declared as, holds, and is read into.
func TestRead_AsDatabaseSQL(t *testing.T) {
	t.Parallel()

	type name string
	declared := []string{"bigint", "text", "varchar(20)", "double", "boolean", "timestamp", "date", "blob", "json", ""}
	values := []any{
		nil, int64(0), int64(1), int64(-7), int64(300), int64(math.MaxInt64), 1.5, 2.0, 1e300, "", "7", "1.5", "true", "soon", "a\x00b",
		"2026-03-04T05:06:07.000008Z", "2026-03-04T05:06:07Z", "2026-03-04 05:06:07", "2026-03-04T05:06:07+02:00", "2026-03-04", []byte{}, []byte("7\x00"), `{"a": 1}`,
	}
	dests := []any{
		new(int64), new(*int64), new(string), new(*string), new(float64), new(*float64), new(bool), new(*bool), new(time.Time), new(*time.Time),
		new(int), new(int8), new(*int16), new(uint), new(float32), new(name), new(*name), new(**string), new([]byte), new(mapper.Data), new(sql.NullString), new(*sql.NullInt64), new(sql.NullTime), new(any), nil,
	}
	s, err := Open(t.Context(), testdb.SQLite(t), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	var columns []string
	for i, typ := range declared {
		columns = append(columns, fmt.Sprintf("c%d %s", i, typ))
	}
	_, err = s.DB().Exec("CREATE TABLE held (" + strings.Join(columns, ", ") + ")")
	require.NoError(t, err)
	for _, v := range values {
		_, err := s.DB().Exec("INSERT INTO held VALUES (?"+strings.Repeat(", ?", len(declared)-1)+")", slices.Repeat([]any{v}, len(declared))...)
		require.NoError(t, err)
	}
	quick := 0
	for i, v := range values {
		for c, typ := range declared {
			for _, dest := range dests {
				query := squirrel.Select(fmt.Sprint("c", c)).From("held").Where("rowid = ?", i+1)
				read := func(each func(func(store.Rows) error) error) (got any, failed error) {
					err := each(func(r store.Rows) error {
						into := dest
						if dest != nil {
							into = reflect.New(reflect.TypeOf(dest).Elem()).Interface()
						}
						if failed = r.Scan(into); failed == nil {
							got = into
						}
						return nil
					})
					require.NoError(t, err)
					return got, failed
				}
				want, failed := read(func(row func(store.Rows) error) error { return store.Each(t.Context(), s, query, row) })
				done := false
				got, err := read(func(row func(store.Rows) error) error {
					text, args, err := query.ToSql()
					require.NoError(t, err)
					done, err = conn{s.db.read, rawOf(s.db.read)}.Read(t.Context(), sqlstore.Statement{SQL: text, Args: args}, row)
					return err
				})
				if !done {
					continue
				}
				quick++
				what := fmt.Sprintf("%#v in a column %q into a %T: %v, and not %v", v, typ, dest, err, failed)
				require.Equal(t, failed == nil, err == nil, what)
				require.Equal(t, want, got, what)
			}
		}
	}
	require.Greater(t, quick, len(values)*len(declared)*15)
}

func TestAppendTime(t *testing.T) {
	t.Parallel()

	for _, at := range []time.Time{
		time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), time.Date(2026, 3, 4, 5, 6, 7, 1_000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 120_000_999, time.UTC),
	} {
		require.Equal(t, at.Format(timeFormat), string(appendTime(nil, at)))
		require.Equal(t, "at "+at.Format(timeFormat), string(appendTime([]byte("at "), at)))
	}
}
