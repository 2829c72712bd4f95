package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/syncedgo/synced"
)

// carefulOf makes a run of a sync as a careful engineer writes it: one statement a page, which
// writes only rows that differ. PostgreSQL is sent an array a column, SQLite the page as JSON.
func carefulOf[T any](ctx context.Context, db *database, j job) (func(context.Context) (measurement, error), error) {
	columns, fields := columnsOf(reflect.TypeFor[T]())
	if db.pool == nil {
		return upsertsOf(db, j, carefulSQLite[T](db, columns, fields), decoded[T]), nil
	}
	types, err := typesOf(ctx, db, columns)
	if err != nil {
		return nil, err
	}
	return upsertsOf(db, j, carefulPostgres[T](db, columns, types, fields), decoded[T]), nil
}

// typesOf are the types of the table's columns.
func typesOf(ctx context.Context, db *database, columns []string) ([]string, error) {
	types := make([]string, len(columns))
	for i, column := range columns {
		err := db.pool.QueryRow(ctx, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'rentals'::regclass AND attname = $1", column).Scan(&types[i])
		if err != nil {
			return nil, err
		}
	}
	return types, nil
}

// inConflict is the end of an upsert: a row that exists is written where it differs.
func inConflict(columns []string, differs func(stored, excluded []string) string) string {
	sets, stored, excluded := make([]string, len(columns)), make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		sets[i], stored[i], excluded[i] = c+" = excluded."+c, "rentals."+c, "excluded."+c
	}
	return " ON CONFLICT (account_id, synced_id) DO UPDATE SET " + strings.Join(sets, ", ") + " WHERE " + differs(stored, excluded)
}

func carefulPostgres[T any](db *database, columns, types []string, fields [][]int) upsert[T] {
	selected, arrays := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		selected[i], arrays[i] = c, fmt.Sprintf("$%d::%s[]", i+1, types[i])
		if strings.HasPrefix(types[i], "json") {
			selected[i], arrays[i] = c+"::"+types[i], fmt.Sprintf("$%d::text[]", i+1)
		}
	}
	list := strings.Join(columns, ", ")
	statement := "INSERT INTO rentals (" + list + ") SELECT " + strings.Join(selected, ", ") + " FROM unnest(" + strings.Join(arrays, ", ") + ") AS page (" + list + ")" +
		inConflict(columns, func(stored, excluded []string) string {
			for i, t := range types {
				if t == "json" { // which has no equality
					stored[i], excluded[i] = stored[i]+"::text", excluded[i]+"::text"
				}
			}
			return "(" + strings.Join(stored, ", ") + ") IS DISTINCT FROM (" + strings.Join(excluded, ", ") + ")"
		})
	return func(ctx context.Context, rows []T) error {
		args := make([]any, len(columns))
		for i, field := range fields {
			var err error
			if args[i], err = array(rows, field); err != nil {
				return err
			}
		}
		_, err := db.pool.Exec(ctx, statement, args...)
		return err
	}
}

// array is a field of all rows. What becomes JSON is text.
func array[T any](rows []T, field []int) (any, error) {
	of := reflect.TypeFor[T]().FieldByIndex(field).Type
	asJSON := of == reflect.TypeFor[synced.Data]() || of == reflect.TypeFor[Address]()
	if asJSON {
		of = reflect.TypeFor[string]()
	}
	list := reflect.MakeSlice(reflect.SliceOf(of), len(rows), len(rows))
	for n := range rows {
		v := reflect.ValueOf(&rows[n]).Elem().FieldByIndex(field)
		if asJSON {
			text, err := jsonOf(v.Interface())
			if err != nil {
				return nil, err
			}
			v = reflect.ValueOf(text)
		}
		list.Index(n).Set(v)
	}
	return list.Interface(), nil
}

// jsonOf is the JSON text of a value.
func jsonOf(v any) (string, error) {
	if data, ok := v.(synced.Data); ok {
		return string(data), nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

func carefulSQLite[T any](db *database, columns []string, fields [][]int) upsert[T] {
	values := make([]string, len(columns))
	for i := range columns {
		values[i] = fmt.Sprintf("value ->> %d", i)
	}
	statement := "INSERT INTO rentals (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM json_each(?) WHERE true" +
		inConflict(columns, func(stored, excluded []string) string {
			for i := range stored {
				stored[i] += " IS NOT " + excluded[i]
			}
			return strings.Join(stored, " OR ")
		})
	return func(ctx context.Context, rows []T) error {
		page := make([][]any, len(rows))
		for n := range rows {
			page[n] = make([]any, len(columns))
			for i, field := range fields {
				v := reflect.ValueOf(&rows[n]).Elem().FieldByIndex(field).Addr().Interface()
				switch x := v.(type) {
				case *synced.Data:
					v = string(*x)
				case *Address:
					text, err := json.Marshal(x)
					if err != nil {
						return err
					}
					v = string(text)
				}
				page[n][i] = v
			}
		}
		text, err := json.Marshal(page)
		if err != nil {
			return err
		}
		_, err = db.sql.ExecContext(ctx, statement, string(text))
		return err
	}
}
