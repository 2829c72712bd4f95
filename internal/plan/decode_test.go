package plan

import (
	"database/sql"
	"database/sql/driver"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// one is a model with an attribute of type V.
type one[V any] struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	Value    V     `json:"v" db:"v"`
}

// decoded maps {"id": 1, "v": …}; "" leaves v out.
func decoded[V any](t *testing.T, value string) (V, error) {
	t.Helper()
	raw := `{"id": 1}`
	if value != "" {
		raw = `{"id": 1, "v": ` + value + `}`
	}
	r, err := mapped[one[V]](t, idOptions, raw)
	if err != nil {
		var none V
		return none, err
	}
	return r.Value, nil
}

func reads[V any](t *testing.T, value string, want V) {
	t.Helper()
	got, err := decoded[V](t, value)
	require.NoError(t, err, "%T of %s", want, value)
	require.Equal(t, want, got, "%T of %s", want, value)
}

// decimal is like the decimal types of the ecosystem: it scans itself, but no
// null, and 1.0 equals 1.00.
type decimal struct{ r *big.Rat }

func (d *decimal) set(text string) error {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return fmt.Errorf("%q is not a decimal", text)
	}
	d.r = r
	return nil
}

func (d *decimal) UnmarshalJSON(raw []byte) error { return d.set(strings.Trim(string(raw), `"`)) }

func (d *decimal) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return d.set(v)
	case []byte:
		return d.set(string(v))
	default:
		return fmt.Errorf("%T is not a decimal", src)
	}
}

func (d decimal) Value() (driver.Value, error) {
	if d.r == nil {
		return "0", nil
	}
	return d.r.FloatString(4), nil
}

func (d decimal) Equal(other decimal) bool { return d.rat().Cmp(other.rat()) == 0 }

func (d decimal) rat() *big.Rat {
	if d.r == nil {
		return new(big.Rat)
	}
	return d.r
}

type (
	city  string
	blob  []byte
	place struct {
		City city    `json:"city"`
		Lat  float64 `json:"lat"`
	}
)

func TestRecord_EveryKindOfField(t *testing.T) {
	t.Parallel()
	text, number, truth, at := "x", 7, true, time.Date(2026, 1, 2, 1, 4, 5, 123456000, time.UTC)
	const received, id = `"2026-01-02T03:04:05.123456789+02:00"`, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

	reads(t, `-128`, int8(math.MinInt8))
	reads(t, `32767`, int16(math.MaxInt16))
	reads(t, `2147483647`, int32(math.MaxInt32))
	reads(t, `9223372036854775807`, int64(math.MaxInt64))
	reads(t, `9007199254740993`, int64(9007199254740993))
	reads(t, `2147483647`, math.MaxInt32)
	reads(t, `255`, uint8(math.MaxUint8))
	reads(t, `65535`, uint16(math.MaxUint16))
	reads(t, `4294967295`, uint32(math.MaxUint32))
	reads(t, `9223372036854775807`, uint64(math.MaxInt64))
	reads(t, `1.5`, float32(1.5))
	reads(t, `1e3`, 1000.0)
	reads(t, `true`, true)
	reads(t, `"a\u0000\u00e9😀"`, "a␀é😀")
	reads(t, `"Nevache"`, city("Nevache"))
	reads(t, `"x"`, &text)
	reads(t, `7`, &number)
	reads(t, `true`, &truth)
	reads(t, `"aGk="`, []byte("hi"))
	reads(t, `"aGk="`, blob("hi"))
	reads(t, received, at)
	reads(t, received, &at)
	reads(t, `{"b": 9007199254740993, "a": [1.0]}`, stdjson.RawMessage(`{"b": 9007199254740993, "a": [1.0]}`))
	reads(t, `12345678901234567890.10`, stdjson.Number("12345678901234567890.10"))
	reads(t, `"70.0"`, stdjson.Number("70.0"))
	reads(t, `["a", "b"]`, []string{"a", "b"})
	reads(t, `[[1, 2], [3]]`, [][]int{{1, 2}, {3}})
	reads(t, `{"en": "Hello", "fr": null}`, map[string]*string{"en": ptr("Hello"), "fr": nil})
	reads(t, `{"city": "Nevache", "lat": 45.01, "more": 1}`, place{City: "Nevache", Lat: 45.01})
	reads(t, `{"city": "Nevache"}`, &place{City: "Nevache"})
	reads(t, `{"big": 9007199254740993, "l": [1.50, "x", null]}`, map[string]any{"big": stdjson.Number("9007199254740993"), "l": []any{stdjson.Number("1.50"), "x", nil}})
	reads(t, `"x"`, sql.NullString{String: "x", Valid: true})
	reads(t, `7`, sql.NullInt64{Int64: 7, Valid: true})
	reads(t, `7`, sql.NullInt32{Int32: 7, Valid: true})
	reads(t, `7`, sql.NullInt16{Int16: 7, Valid: true})
	reads(t, `7`, sql.NullByte{Byte: 7, Valid: true})
	reads(t, `1.5`, sql.NullFloat64{Float64: 1.5, Valid: true})
	reads(t, `true`, sql.NullBool{Bool: true, Valid: true})
	reads(t, received, sql.NullTime{Time: at, Valid: true})
	reads(t, received, sql.Null[time.Time]{V: at, Valid: true})
	reads(t, `7`, sql.Null[int]{V: 7, Valid: true})
	reads(t, `"`+id+`"`, uuid.MustParse(id))
	reads(t, `"`+id+`"`, ptr(uuid.MustParse(id)))
	reads(t, `"`+id+`"`, uuid.NullUUID{UUID: uuid.MustParse(id), Valid: true})
	reads(t, `"70.10"`, decimal{big.NewRat(701, 10)})
	reads(t, `70.10`, &decimal{big.NewRat(701, 10)})
}

func ptr[T any](v T) *T { return &v }

// A text that fills no column is not copied where nobody reads it, and is checked.
func TestUnread(t *testing.T) {
	t.Parallel()
	type row struct {
		SyncedID int64       `json:"id" db:"synced_id"`
		Name     string      `json:"name" db:"name"`
		About    string      `json:"about"`
		Data     mapper.Data `db:"synced_data"`
	}
	about := func(options Options, raw string) (string, error) {
		p, err := New(reflect.TypeFor[row](), options)
		require.NoError(t, err)
		p.Unread()
		o, err := remote.ParseObject([]byte(raw))
		require.NoError(t, err)
		mapped, err := p.Map(o)
		if err != nil {
			return "", err
		}
		require.Equal(t, "n", mapped.Value.(*row).Name)
		stored := p.RowOf(&row{Data: mapper.Data(raw)})
		require.NoError(t, p.Delegate(stored))
		require.Equal(t, "a", stored.Value.(*row).About)
		return mapped.Value.(*row).About, nil
	}
	got, err := about(idOptions, `{"id":1,"name":"n","about":"a"}`)
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = about(idOptions, `{"id":1,"name":"n","about":7}`)
	require.ErrorContains(t, err, "about: ")
	seen := idOptions
	seen.Map = func(remote.Object, any) error { return nil }
	got, err = about(seen, `{"id":1,"name":"n","about":"a"}`)
	require.NoError(t, err)
	require.Equal(t, "a", got)
}

func TestRecord_NullAndAbsent(t *testing.T) {
	t.Parallel()
	for _, nothing := range []string{"null", ""} {
		reads(t, nothing, 0)
		reads(t, nothing, "")
		reads(t, nothing, false)
		reads(t, nothing, 0.0)
		reads(t, nothing, (*int)(nil))
		reads(t, nothing, (*string)(nil))
		reads(t, nothing, []byte(nil))
		reads(t, nothing, time.Time{})
		reads(t, nothing, (*time.Time)(nil))
		reads(t, nothing, stdjson.RawMessage(nil))
		reads(t, nothing, stdjson.Number(""))
		reads(t, nothing, (*stdjson.Number)(nil))
		reads(t, nothing, []string(nil))
		reads(t, nothing, map[string]string(nil))
		reads(t, nothing, place{})
		reads(t, nothing, (*place)(nil))
		reads(t, nothing, sql.NullString{})
		reads(t, nothing, sql.NullTime{})
		reads(t, nothing, sql.Null[int]{})
		reads(t, nothing, uuid.UUID{})
		reads(t, nothing, uuid.NullUUID{})
		reads(t, nothing, (*decimal)(nil))
	}
}

func TestRecord_EmbeddedStructs(t *testing.T) {
	t.Parallel()
	type Times struct {
		UpdatedAt time.Time `json:"updated_at" db:"updated_at" validate:"required"`
	}
	type base struct {
		SyncedID int64 `json:"id" db:"synced_id"`
		Times
	}
	type rental struct {
		base
		Name string `json:"name" db:"name"`
	}
	r, err := mapped[rental](t, idOptions, `{"id": 7, "name": "one", "updated_at": "2026-01-02T03:04:05Z"}`)
	require.NoError(t, err)
	require.Equal(t, rental{base{7, Times{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}, "one"}, *r)

	_, err = mapped[rental](t, idOptions, `{"id": 7, "updated_at": "yesterday"}`)
	require.EqualError(t, err, "updated_at: the string \"yesterday\" does not fit field base.Times.UpdatedAt of type time.Time: not a time as RFC 3339 spells it, such as 2006-01-02T15:04:05Z: tag it with another layout, such as `time:\"2006-01-02 15:04:05\"`, or set Zone")
	_, err = mapped[rental](t, idOptions, `{"id": 7}`)
	require.EqualError(t, err, `updated_at: rule "required" of field base.Times.UpdatedAt does not hold for 0001-01-01 00:00:00 +0000 UTC`)
}

func TestRecord_WhatDoesNotFit(t *testing.T) {
	t.Parallel()
	fails := func(_ any, err error) func(want string) {
		return func(want string) {
			t.Helper()
			require.EqualError(t, err, want)
			var field *mapper.FieldError
			require.ErrorAs(t, err, &field)
			require.Equal(t, "v", field.Attribute)
			require.Equal(t, "Value", field.Field)
			require.NotContains(t, err.Error(), "\n")
		}
	}
	check := func(got any, err error) (any, error) { return got, err }

	i8, err := decoded[int8](t, `300`)
	fails(check(i8, err))("v: the number 300 does not fit field Value of type int8: out of its range")
	u, err := decoded[uint](t, `-1`)
	fails(check(u, err))("v: the number -1 does not fit field Value of type uint: not a whole number of that type")
	i, err := decoded[int](t, `1.5`)
	fails(check(i, err))("v: the number 1.5 does not fit field Value of type int: not a whole number of that type")
	i, err = decoded[int](t, `"12"`)
	fails(check(i, err))("v: the string \"12\" does not fit field Value of type int: tag it `synced:\"number\"`")
	u64, err := decoded[uint64](t, `18446744073709551615`)
	fails(check(u64, err))("v: the number 18446744073709551615 is too big for a column, whose integers end at 9223372036854775807")
	f32, err := decoded[float32](t, `1e39`)
	fails(check(f32, err))("v: the number 1e39 does not fit field Value of type float32: out of its range")
	f64, err := decoded[float64](t, `1e999999999`)
	fails(check(f64, err))("v: the number 1e999999999 does not fit field Value of type float64: out of its range")
	s, err := decoded[string](t, `12`)
	fails(check(s, err))("v: the number 12 does not fit field Value of type string")
	sp, err := decoded[*string](t, `false`)
	fails(check(sp, err))("v: the boolean false does not fit field Value of type *string")
	b, err := decoded[bool](t, `1`)
	fails(check(b, err))("v: the number 1 does not fit field Value of type bool")
	at, err := decoded[time.Time](t, `"2016-12-12 11:32:51 UTC"`)
	fails(check(at, err))("v: the string \"2016-12-12 11:32:51 UTC\" does not fit field Value of type time.Time: not a time as RFC 3339 spells it, such as 2006-01-02T15:04:05Z: tag it with another layout, such as `time:\"2006-01-02 15:04:05\"`, or set Zone")
	at, err = decoded[time.Time](t, `1481544000`)
	fails(check(at, err))("v: the number 1481544000 does not fit field Value of type time.Time: tag it `time:\"unix\"` or `time:\"unixms\"`")
	bytes, err := decoded[[]byte](t, `"!"`)
	fails(check(bytes, err))(`v: the string "!" does not fit field Value of type []uint8: illegal base64 data at input byte 0`)
	n, err := decoded[stdjson.Number](t, `"many"`)
	fails(check(n, err))(`v: the string "many" does not fit field Value of type json.Number: not a number`)
	n, err = decoded[stdjson.Number](t, `true`)
	fails(check(n, err))("v: the boolean true does not fit field Value of type json.Number")
	list, err := decoded[[]string](t, `["a", 5]`)
	fails(check(list, err))(`v: the array ["a", 5] does not fit field Value of type []string (at /1)`)
	p, err := decoded[place](t, `{"city": "x", "lat": "45"}`)
	fails(check(p, err))(`v: the object {"city": "x", "lat": "45"} does not fit field Value of type plan.place (at /lat)`)
	ns, err := decoded[sql.NullInt64](t, `"x"`)
	fails(check(ns, err))(`v: the string "x" does not fit field Value of type sql.NullInt64`)
	id, err := decoded[uuid.UUID](t, `"x"`)
	fails(check(id, err))(`v: the string "x" does not fit field Value of type uuid.UUID: invalid UUID length: 1`)
	d, err := decoded[decimal](t, `"x"`)
	fails(check(d, err))(`v: the string "x" does not fit field Value of type plan.decimal: "x" is not a decimal`)
	long, err := decoded[int](t, "\"one\\n two"+strings.Repeat("é", 100)+`"`)
	fails(check(long, err))(`v: the string "one\n two` + strings.Repeat("é", 25) + `… does not fit field Value of type int`)
}

func TestRecord_ErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	_, err := decoded[time.Time](t, `"yesterday"`)
	var parse *time.ParseError
	require.True(t, errors.As(err, &parse))
}

// A string in a column that keeps to its type is checked before it is sent, so
// that the error names the record instead of failing a page.
func TestRecord_StringsThatTheColumnDoesNotTake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dbType, value, want string }{
		{"numeric", `"70.0"`, ""},
		{"numeric", `"-1e5"`, ""},
		{"numeric", `"NaN"`, ""},
		{"numeric", `"many"`, `v: "many" in field Value is not a numeric, as column "v" wants`},
		{"numeric", `null`, `v: "" in field Value is not a numeric, as column "v" wants: make the field a *string, if it may be missing`},
		{"uuid", `"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, ""},
		{"uuid", `"x"`, `v: "x" in field Value is not a uuid, as column "v" wants`},
	} {
		p := planOf[one[string]](t, idOptions)
		require.NoError(t, p.Bind(strict(described(p, map[string]string{"v": c.dbType}))))
		_, err := p.Map(object(t, `{"id": 1, "v": `+c.value+`}`))
		if c.want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, c.want)
		}
	}
}

func TestRecord_ValidationErrors(t *testing.T) {
	t.Parallel()
	type inner struct {
		City string `json:"city" validate:"required"`
	}
	type rules struct {
		SyncedID int64   `json:"id" db:"synced_id"`
		Name     string  `json:"name" db:"name" validate:"required"`
		Size     int     `json:"size" db:"size" validate:"omitempty,gt=5"`
		Price    *string `json:"price" db:"price" validate:"omitempty,numeric"`
		Mail     string  `db:"mail" synced:"computed" validate:"omitempty,email"`
		Place    *inner  `json:"place" db:"place"`
	}
	options := Options{IDColumn: "synced_id", Map: func(_ remote.Object, r any) error {
		if r.(*rules).Name == "mailer" {
			r.(*rules).Mail = "nobody"
		}
		return nil
	}}
	for raw, want := range map[string]string{
		`{"id": 1, "name": "x"}`:                `no error`,
		`{"id": 1}`:                             `name: rule "required" of field Name does not hold for ""`,
		`{"id": 1, "name": "x", "size": 3}`:     `size: rule "gt=5" of field Size does not hold for 3`,
		`{"id": 1, "size": 3}`:                  `name: rule "required" of field Name does not hold for "" (and 1 more)`,
		`{"id": 1, "name": "x", "price": "a"}`:  `price: rule "numeric" of field Price does not hold for "a"`,
		`{"id": 1, "name": "mailer"}`:           `Mail: rule "email" of field Mail does not hold for "nobody"`,
		`{"id": 1, "name": "x", "place": {}}`:   `Place.City: rule "required" of field Place.City does not hold for ""`,
		`{"id": 1, "name": "x", "place": null}`: `no error`,
	} {
		_, err := mapped[rules](t, options, raw)
		if want == `no error` {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

// What is read quickly is what json.Unmarshal reads, and what it refuses is refused.
func TestDecodeQuick_IsWhatUnmarshalReads(t *testing.T) {
	t.Parallel()

	for _, zero := range []any{"", int64(0), int8(0), float64(0), false, new(string), new(int16), new(float64), new(bool), uint8(0), float32(0)} {
		for _, raw := range []string{`"a"`, `""`, `"é"`, `"\n"`, `"\u00e9"`, `0`, `-0`, `7`, `-128`, `128`, `1.0`, `1e2`, `1e400`, `0.1`,
			`9223372036854775807`, `9223372036854775808`, `true`, `false`, `null`, `[]`, `{}`} {
			typ := reflect.TypeOf(zero)
			want, got := reflect.New(typ), reflect.New(typ)
			err := decodeJSON(jsontext.Value(raw), want.Elem())
			if (&slab{}).decodeQuick(jsontext.Value(raw), got.Elem()) {
				require.NoError(t, err, "%s in a %s", raw, typ)
				require.Equal(t, want.Interface(), got.Interface(), "%s in a %s", raw, typ)
			}
		}
	}
}
