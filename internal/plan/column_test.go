package plan

import (
	"database/sql"
	"database/sql/driver"
	stdjson "encoding/json"
	"math/big"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// columnOf is the column of a model's attribute of type V, in a column of a type.
func columnOf[V any](t *testing.T, dbType, dialect string) (*Plan, backend.Column) {
	t.Helper()
	p := planOf[one[V]](t, idOptions)
	d := described(p, map[string]string{"v": dbType})
	d.Strict = dialect == "postgres"
	require.NoError(t, p.Bind(d))
	return p, p.Columns()[1]
}

// written is what a driver gets for a value.
func written[V any](t *testing.T, value V) any {
	t.Helper()
	p, _ := columnOf[V](t, "", "sqlite")
	rec := p.NewRow()
	rec.Value.(*one[V]).Value = value
	v, err := backend.Plain(rec.Pointers[1])
	require.NoError(t, err)
	return v
}

// scanner is the field's own way to read a column.
func scanner[V any](t *testing.T) (sql.Scanner, *one[V]) {
	t.Helper()
	p, _ := columnOf[V](t, "", "sqlite")
	rec := p.NewRow()
	return rec.Pointers[1].(sql.Scanner), rec.Value.(*one[V])
}

func TestColumn_Written(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 7200))
	utc := time.Date(2026, 1, 2, 1, 4, 5, 123456000, time.UTC)

	require.Equal(t, "x", written(t, "x"))
	require.Nil(t, written(t, (*string)(nil)))
	require.Equal(t, utc, written(t, at))
	require.Equal(t, utc, written(t, &at))
	require.Nil(t, written(t, (*time.Time)(nil)))
	require.Equal(t, utc, written(t, sql.NullTime{Time: at, Valid: true}))
	require.Nil(t, written(t, sql.NullTime{Time: at}))
	require.Equal(t, `{"en":"a","fr":"b"}`, written(t, map[string]string{"fr": "b", "en": "a"}))
	require.Nil(t, written(t, map[string]string(nil)))
	require.Equal(t, `[]`, written(t, []string{}))
	require.Nil(t, written(t, []string(nil)))
	require.Nil(t, written(t, (*place)(nil)))
	require.Equal(t, `{"city":"a␀b"}`, written(t, struct {
		City string `json:"city"`
	}{"a␀b"}))
	require.Equal(t, `["a\u2400b"]`, written(t, []string{"a\x00b"}))
	require.Equal(t, `{"n":9007199254740993}`, written(t, map[string]any{"n": stdjson.Number("9007199254740993")}))
	require.Equal(t, `{"n":null}`, written(t, map[string]stdjson.Number{"n": ""}))
	require.Nil(t, written(t, stdjson.RawMessage("null")))
	require.Equal(t, "7.0000", written(t, decimal{big.NewRat(7, 1)}))
	require.Nil(t, written(t, (*decimal)(nil)))
	require.Equal(t, int64(7), written(t, sql.NullInt64{Int64: 7, Valid: true}))
	require.Nil(t, written(t, sql.NullInt64{}))
}

func TestColumn_Scanned(t *testing.T) {
	t.Parallel()
	utc := time.Date(2026, 1, 2, 1, 4, 5, 123456000, time.UTC)
	for _, src := range []any{
		utc, utc.In(time.FixedZone("", 7200)), "2026-01-02T01:04:05.123456Z", "2026-01-02 01:04:05.123456", "2026-01-02 03:04:05.123456789+02:00",
		[]byte("2026-01-02T01:04:05.123456Z"),
	} {
		s, r := scanner[time.Time](t)
		require.NoError(t, s.Scan(src))
		require.Equal(t, utc, r.Value)
		s, null := scanner[sql.NullTime](t)
		require.NoError(t, s.Scan(src))
		require.Equal(t, sql.NullTime{Time: utc, Valid: true}, null.Value)
		s, pointer := scanner[*time.Time](t)
		require.NoError(t, s.Scan(src))
		require.Equal(t, &utc, pointer.Value)
		require.NoError(t, s.Scan(nil))
		require.Nil(t, pointer.Value)
	}
	s, _ := scanner[time.Time](t)
	require.EqualError(t, s.Scan("yesterday"), `"yesterday" is not a time`)
	require.EqualError(t, s.Scan(7), "want a time, the column holds a int")

	s, list := scanner[[]string](t)
	require.NoError(t, s.Scan(`["a"]`))
	require.NoError(t, s.Scan([]byte(`["b"]`)))
	require.Equal(t, []string{"b"}, list.Value)
	require.NoError(t, s.Scan(nil))
	require.Nil(t, list.Value)
	require.EqualError(t, s.Scan(7), "want JSON text, the column holds a int")

	s, number := scanner[decimal](t)
	require.NoError(t, s.Scan("1.50"))
	require.True(t, number.Value.Equal(decimal{big.NewRat(3, 2)}))
	require.False(t, s.(interface{ WasNull() bool }).WasNull())
	require.NoError(t, s.Scan(nil), "a decimal that scans no null meets one")
	require.Equal(t, decimal{}, number.Value)
	require.True(t, s.(interface{ WasNull() bool }).WasNull())
}

func TestColumn_Equal(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	later := at.Add(time.Hour)
	elsewhere := at.In(time.FixedZone("", 7200))

	sameIn(t, "text", "a", "a", true)
	sameIn(t, "text", "70.0", "70", false)
	sameIn(t, "numeric", "70.0", "70", true)
	sameIn(t, "numeric(10,2)", "70.0", "7e1", true)
	sameIn(t, "decimal", "70.0", "71", false)
	sameIn(t, "numeric", ptr("0.0"), ptr("0"), true)
	sameIn(t, "numeric", ptr("0"), nil, false)
	sameIn(t, "numeric", (*string)(nil), nil, true)
	sameIn(t, "uuid", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", true)
	sameIn(t, "uuid", "x", "y", false)
	sameIn(t, "bpchar", "ab", "ab   ", true)
	sameIn(t, "real", 0.1, float64(float32(0.1)), true)
	sameIn(t, "double precision", 0.1, float64(float32(0.1)), false)
	sameIn(t, "real", ptr(0.1), nil, false)
	sameIn(t, "bigint", 1, 1, true)
	sameIn(t, "bigint", ptr(1), ptr(1), true)
	sameIn(t, "bigint", ptr(0), nil, false)
	sameIn(t, "bytea", []byte("a"), []byte("a"), true)
	sameIn(t, "bytea", []byte{}, []byte(nil), false)
	sameIn(t, "timestamptz", at, elsewhere, true)
	sameIn(t, "timestamptz", at, later, false)
	sameIn(t, "timestamptz", &at, &elsewhere, true)
	sameIn(t, "timestamptz", &at, nil, false)
	sameIn(t, "timestamptz", sql.NullTime{Time: at, Valid: true}, sql.NullTime{Time: elsewhere, Valid: true}, true)
	sameIn(t, "date", at, later, true)
	sameIn(t, "json", map[string]int{"a": 1}, map[string]int{"a": 1}, true)
	sameIn(t, "json", stdjson.RawMessage(`{"a": 1.0, "b": 2}`), stdjson.RawMessage(`{"b":2,"a":1}`), true)
	sameIn(t, "json", stdjson.RawMessage(`{"a": 1}`), stdjson.RawMessage(`{"a": 2}`), false)
	sameIn(t, "json", stdjson.RawMessage(`[]`), nil, false)
	sameIn(t, "numeric", decimal{big.NewRat(1, 1)}, decimal{big.NewRat(2, 2)}, true)
	sameIn(t, "numeric", ptr(decimal{big.NewRat(1, 1)}), ptr(decimal{big.NewRat(1, 2)}), false)
	sameIn(t, "numeric", ptr(decimal{}), nil, false)
	sameIn(t, "numeric", sql.NullString{String: "1.0", Valid: true}, sql.NullString{String: "1", Valid: true}, true)
	sameIn(t, "text", sql.NullString{String: "1.0", Valid: true}, sql.NullString{}, false)
	sameIn(t, "uuid", uuid.Max, uuid.Max, true)
	sameIn(t, "uuid", uuid.NullUUID{UUID: uuid.Max, Valid: true}, uuid.NullUUID{}, false)
}

func sameIn[V any](t *testing.T, dbType string, a, b V, want bool) {
	t.Helper()
	dialect := "postgres"
	if _, plain := any(a).(int); !plain && holds(dbType) == 0 {
		dialect = "sqlite"
	}
	p, c := columnOf[V](t, dbType, dialect)
	x, y := p.NewRow(), p.NewRow()
	x.Value.(*one[V]).Value, y.Value.(*one[V]).Value = a, b
	require.Equal(t, want, c.Equal(x.Pointers[1], y.Pointers[1]), "%v and %v in %s", a, b, dbType)
	require.Equal(t, want, c.Equal(y.Pointers[1], x.Pointers[1]), "%v and %v in %s", b, a, dbType)
}

func TestColumn_TypeAndNull(t *testing.T) {
	t.Parallel()
	type kind struct {
		typ     backend.Type
		notNull bool
	}
	of := func(_ *Plan, c backend.Column) kind { return kind{c.Type, c.NotNull} }

	require.Equal(t, kind{backend.TypeInt, true}, of(columnOf[int32](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeInt, false}, of(columnOf[*uint8](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeInt, false}, of(columnOf[sql.NullInt32](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeFloat, true}, of(columnOf[float32](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeBool, false}, of(columnOf[sql.Null[bool]](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeText, true}, of(columnOf[city](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeText, true}, of(columnOf[stdjson.Number](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeText, false}, of(columnOf[decimal](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeTime, true}, of(columnOf[time.Time](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeTime, false}, of(columnOf[*time.Time](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeTime, false}, of(columnOf[sql.NullTime](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeBytes, false}, of(columnOf[[]byte](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeUUID, false}, of(columnOf[uuid.UUID](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeJSON, false}, of(columnOf[[]string](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeJSON, false}, of(columnOf[place](t, "", "sqlite")))
	require.Equal(t, kind{backend.TypeJSON, false}, of(columnOf[stdjson.RawMessage](t, "", "sqlite")))
}

func TestBind_TypesOfPostgreSQL(t *testing.T) {
	t.Parallel()
	fits := func(p *Plan, dbType string) error {
		return p.Bind(strict(described(p, map[string]string{"v": dbType, "synced_id": "bigint"})))
	}
	for dbType, plans := range map[string][]*Plan{
		"text":                     {planOf[one[string]](t, idOptions), planOf[one[[]string]](t, idOptions), planOf[one[uuid.UUID]](t, idOptions), planOf[one[decimal]](t, idOptions)},
		"numeric":                  {planOf[one[string]](t, idOptions), planOf[one[int]](t, idOptions), planOf[one[float64]](t, idOptions), planOf[one[*decimal]](t, idOptions)},
		"uuid":                     {planOf[one[string]](t, idOptions), planOf[one[uuid.UUID]](t, idOptions)},
		"jsonb":                    {planOf[one[map[string]string]](t, idOptions), planOf[one[stdjson.RawMessage]](t, idOptions)},
		"timestamp with time zone": {planOf[one[time.Time]](t, idOptions), planOf[one[sql.NullTime]](t, idOptions)},
		"text[]":                   {planOf[one[[]string]](t, idOptions)},
		"citext":                   {planOf[one[string]](t, idOptions)},
		"money[]":                  {planOf[one[decimal]](t, idOptions)},
	} {
		for _, p := range plans {
			require.NoError(t, fits(p, dbType))
		}
	}
	for dbType, p := range map[string]*Plan{
		"boolean":   planOf[one[string]](t, idOptions),
		"text":      planOf[one[int]](t, idOptions),
		"bigint":    planOf[one[time.Time]](t, idOptions),
		"date":      planOf[one[sql.NullInt64]](t, idOptions),
		"integer[]": planOf[one[[]string]](t, idOptions),
		"bytea[]":   planOf[one[[][]byte]](t, idOptions),
		"json":      planOf[one[uuid.UUID]](t, idOptions),
	} {
		require.ErrorContains(t, fits(p, dbType), `field Value: column "v" of type `+dbType+` does not hold a Go `)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	var d mapper.Data
	require.NoError(t, d.Scan(`{"id": 1}`))
	o, err := d.Object()
	require.NoError(t, err)
	require.Equal(t, `{"id": 1}`, string(o.Raw()))
	v, err := d.Value()
	require.NoError(t, err)
	require.Equal(t, driver.Value(`{"id": 1}`), v)
	text, err := stdjson.Marshal(d)
	require.NoError(t, err)
	require.Equal(t, `{"id":1}`, string(text))

	require.NoError(t, d.Scan(nil))
	require.Nil(t, d)
	o, err = d.Object()
	require.NoError(t, err)
	require.Empty(t, o.Raw())
	require.EqualError(t, d.Scan(7), "the stored object is of type int, not text")
}
