package journal_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
)

// typed is a column with a value, as SQL writes it, and what a change has of it. SQLite has
// no column of the types for which sqlite is "".
type typed struct {
	postgres, sqlite string
	value            string // as PostgreSQL writes it
	onSQLite         string // where SQLite writes it in another way
	want             any
}

const at = "2026-01-02T03:04:05.123456Z"

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// types are those of docs/types.md.
var types = []typed{
	{"boolean", "boolean", "true", "1", true},
	{"boolean", "boolean", "false", "0", false},
	{"boolean", "boolean", "NULL", "", nil},
	{"bigint", "bigint", "9223372036854775807", "", json.Number("9223372036854775807")},
	{"smallint", "integer", "-2", "", json.Number("-2")},
	{"integer", "integer", "3000", "", json.Number("3000")},
	{"numeric", "", "12345678901234567890.123456789000", "", json.Number("12345678901234567890.123456789000")},
	{"numeric(8,2)", "numeric", "12.5", "", json.Number("12.50")},
	{"numeric", "", "'NaN'", "", "NaN"},
	{"double precision", "double", "0.1::float8 + 0.2", "0.1 + 0.2", json.Number("0.30000000000000004")},
	{"double precision", "double", "1e21", "", json.Number("1e+21")},
	{"double precision", "real", "1000", "1000.0", json.Number("1000")},
	{"double precision", "real", "-2.2250738585072014e-308", "", json.Number("-2.2250738585072014e-308")},
	{"double precision", "double", "'Infinity'", "9e999", "Infinity"},
	{"double precision", "double", "'-Infinity'", "-9e999", "-Infinity"},
	{"real", "real", "0.1", "", json.Number("0.1")},
	{"text", "text", "'ü € \\ \" / \n \t \u0001 😀'", "", "ü € \\ \" / \n \t \u0001 😀"},
	{"text", "text", "'12.50'", "", "12.50"},
	{"text", "text", "'{\"a\":1}'", "", `{"a":1}`},
	{"text", "text", "''", "", ""},
	{"varchar(40)", "varchar(40)", "'ok'", "", "ok"},
	{"char(8)", "", "'ok'", "", "ok      "},
	{"citext_like", "", "'OK'", "", "OK"},
	{"mood", "", "'sad'", "", "sad"},
	{"uuid", "uuid", "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
	{"inet", "text", "'10.0.0.1'", "", "10.0.0.1"},
	{"cidr", "text", "'10.0.0.0/8'", "", "10.0.0.0/8"},
	{"int4range", "", "'[1,3)'", "", "[1,3)"},
	{"interval", "", "'1 day 02:00:00'", "", "1 day 02:00:00"},
	{"time", "", "'10:00'", "", "10:00:00"},
	{"timestamptz", "timestamp", "'2026-01-02T05:04:05.123456+02:00'", "'2026-01-02T03:04:05.123456Z'", at},
	{"timestamp", "datetime", "'2026-01-02 03:04:05.123456'", "", at},
	{"timestamptz(3)", "timestamptz", "'2026-01-02T03:04:05Z'", "'2026-01-02 03:04:05'", "2026-01-02T03:04:05.000000Z"},
	{"timestamptz", "", "'infinity'", "", "infinity"},
	{"date", "date", "'2026-01-02'", "", "2026-01-02"},
	{"date", "date", "'2026-01-02'", "'2026-01-02T00:00:00.000000Z'", "2026-01-02"},
	{"bytea", "blob", `'\x00ff41'`, "x'00ff41'", b64("\x00\xff\x41")},
	{"bytea", "blob", `''`, "x''", ""},
	{"json", "json", `'{"b":1.0, "a":[100]}'`, "", json.RawMessage(`{"b":1.0,"a":[100]}`)},
	{"jsonb", "jsonb", `'{"a": [100]}'`, "", json.RawMessage(`{"a":[100]}`)},
	{"json", "json", `'"x"'`, "", "x"},
	{"json", "", `'1.50'`, "", json.Number("1.50")},
	{"json", "json", `'15'`, "", json.Number("15")},
	{"json", "json", `'true'`, "", true},
	{"json", "", `'{"a":"\u0000"}'`, "", json.RawMessage(`{"a":"\u0000"}`)},
	{"text[]", "", `ARRAY['a', NULL, 'b"c']`, "", json.RawMessage(`["a",null,"b\"c"]`)},
	{"integer[]", "", "ARRAY[[1,2],[3,4]]", "", json.RawMessage(`[[1,2],[3,4]]`)},
	{"timestamptz[]", "", "ARRAY['2026-01-02T03:04:05Z'::timestamptz]", "", json.RawMessage(`["2026-01-02T03:04:05+00:00"]`)},
	{"mood[]", "", "'{sad}'", "", json.RawMessage(`["sad"]`)},
	// What only SQLite keeps: values of any type in columns of any.
	{"", "text", "", "x'6869'", "hi"},
	{"", "", "", "", nil},
	{"", "blob", "", "'text'", b64("text")},
	{"", "timestamp", "", "5", json.Number("5")},
	{"", "integer", "", "'five'", "five"},
	{"", "numeric", "", "1.5", json.Number("1.5")},
	{"", "text", "", "CAST(x'610062' AS text)", "a\x00b"},
	{"", "text", "", "CAST(x'61ff62' AS text)", "a\uFFFDb"},
}

func TestContract_C306_Types(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		if b.Pool != nil {
			b.Execute(t, "CREATE TYPE mood AS ENUM ('ok', 'sad')")
			b.Execute(t, "CREATE DOMAIN citext_like AS varchar(20)")
		}
		columns, values, want := []string{"id bigint PRIMARY KEY"}, []string{"1"}, journal.Row{"id": json.Number("1")}
		for i, one := range types {
			of, value := one.postgres, one.value
			if b.Pool == nil {
				if of = one.sqlite; one.onSQLite != "" {
					value = one.onSQLite
				}
			}
			if of == "" {
				continue
			}
			name := fmt.Sprint("c", i)
			columns, values = append(columns, name+" "+of), append(values, value)
			if want[name] = one.want; b.Pool == nil && one.want == json.Number("12.50") {
				want[name] = json.Number("12.5")
			}
		}
		b.Execute(t, "CREATE TABLE typed ("+strings.Join(columns, ", ")+")")
		j := open(t, b, journal.Table{Name: "typed"})
		insert := []string{"INSERT INTO typed SELECT " + strings.Join(values, ", ")}
		if b.Pool != nil { // settings of a session change nothing
			insert = append([]string{"SET LOCAL timezone = 'Asia/Tokyo'", "SET LOCAL extra_float_digits = -10", "SET LOCAL bytea_output = 'escape'", "SET LOCAL intervalstyle = 'iso_8601'", "SET LOCAL datestyle = 'german'"}, insert...)
			insert[len(insert)-1] = "INSERT INTO typed VALUES (" + strings.Join(values, ", ") + ")"
		}
		in(t, b, insert...)
		list := changes(t, j, 0)
		require.Len(t, list, 1)
		for name, v := range want {
			require.Equal(t, v, list[0].New[name], "%s: %v", name, columns)
		}
		require.Len(t, list[0].New, len(want))
		text, err := json.Marshal(list[0])
		require.NoError(t, err)
		var read journal.Change
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, list[0], read, "JSON keeps all of it")

		// Each column that becomes null, and back, is a change of that column alone.
		for name, v := range want {
			if name == "id" {
				continue
			}
			at := last(t, j)
			in(t, b, "UPDATE typed SET "+name+" = NULL")
			list := changes(t, j, at)
			if v == nil {
				require.Empty(t, list)
				continue
			}
			require.Len(t, list, 1, name)
			require.Equal(t, []journal.Row{{name: v}, {name: nil}}, []journal.Row{list[0].Old, list[0].New})
		}
	})
}
