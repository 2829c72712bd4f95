package storetest

import (
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

var valueTests = tests{
	"of every type come back":       valuesComeBack,
	"of every type are told apart":  valuesDiffer,
	"times are UTC, to microsecond": timesToMicrosecond,
	"times sort in SQL":             timesSort,
	"times are read as times":       timesAsTimes,
	"text that looks like others":   deceptiveText,
	"objects are kept as received":  objectsAsReceived,
	"bytes, null and none":          emptyBytes,
	"extremes":                      extremes,
}

// sometime is a time without fractions of a second.
var sometime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

type status string

// values has a field of each type that models use.
type values struct {
	ID       int64              `db:"id"`
	SyncedID int64              `json:"id" db:"synced_id"`
	Bool     bool               `json:"bool" db:"bool_"`
	BoolP    *bool              `json:"bool_p" db:"bool_p"`
	Int      int                `json:"int" db:"int_"`
	IntP     *int64             `json:"int_p" db:"int_p"`
	Int16    int16              `json:"int16" db:"int16_"`
	Uint     uint32             `json:"uint" db:"uint_"`
	Float    float64            `json:"float" db:"float_"`
	FloatP   *float64           `json:"float_p" db:"float_p"`
	Float32  float32            `json:"float32" db:"float32_"`
	Text     string             `json:"text" db:"text_"`
	TextP    *string            `json:"text_p" db:"text_p"`
	Status   status             `json:"status" db:"status"`
	StatusP  *status            `json:"status_p" db:"status_p"`
	Time     time.Time          `json:"time" db:"time_"`
	TimeP    *time.Time         `json:"time_p" db:"time_p"`
	Bytes    []byte             `json:"bytes" db:"bytes"`
	UUID     uuid.UUID          `json:"uuid" db:"uuid_"`
	UUIDP    *uuid.UUID         `json:"uuid_p" db:"uuid_p"`
	NullText sql.NullString     `json:"null_text" db:"null_text"`
	NullInt  sql.NullInt64      `json:"null_int" db:"null_int"`
	List     []string           `json:"list" db:"list"`
	Map      map[string]int     `json:"map" db:"map_"`
	Raw      json.RawMessage    `json:"raw" db:"raw"`
	Struct   struct{ A, B int } `json:"struct" db:"struct_"`
	Data     mapper.Data        `db:"data"`
}

func fullValues() values {
	at := sometime.Add(123456 * time.Microsecond)
	return values{
		SyncedID: 1, Bool: true, BoolP: ptr(false), Int: -5, IntP: ptr(int64(1<<53 + 1)), Int16: -300, Uint: 1<<32 - 1,
		Float: 0.1, FloatP: ptr(-2.5), Float32: 0.1, Text: "Café ☕ 'q' \"d\" \\", TextP: ptr(""), Status: "open", StatusP: ptr(status("shut")),
		Time: at, TimeP: &at, Bytes: []byte{0, 1, 255, '\''}, UUID: uuid.Max, UUIDP: ptr(uuid.New()),
		NullText: sql.NullString{String: "x", Valid: true}, NullInt: sql.NullInt64{Int64: 3, Valid: true},
		List: []string{"a", "b,c", `"`}, Map: map[string]int{"x": 1}, Raw: json.RawMessage(`[1]`), Struct: struct{ A, B int }{1, 2},
		Data: mapper.Data(`{"id":1}`),
	}
}

func valuesComeBack(t *testing.T, db backend.Store) {
	for _, o := range []Options{{Table: "hashed"}, {Table: "unhashed", Unhashed: true}} {
		m := Create[values](t, db, o)
		for n, written := range []values{fullValues(), {SyncedID: 1, Raw: json.RawMessage("null")}, fullValues()} {
			want := backend.Updated
			if n == 0 {
				want = backend.Created
			}
			require.Equal(t, []backend.Change{want}, m.Changes(t, nil, m.Record(int64(n), written)), n)
			read := m.One(t)
			require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(int64(n+10), written)), "%d: what was read is not equal to what was written", n)
			require.Equal(t, read, m.One(t))
			written.ID = read.ID
			if n == 1 {
				written.Raw = read.Raw // null is null
			}
			require.Equal(t, written, read)
		}
	}
}

func valuesDiffer(t *testing.T, db backend.Store) {
	m := Create[values](t, db, Options{})
	m.Write(t, nil, m.Record(0, fullValues()))
	changes := map[string]func(*values){
		"bool": func(v *values) { v.Bool = false }, "bool null": func(v *values) { v.BoolP = nil },
		"int": func(v *values) { v.Int++ }, "big int": func(v *values) { *v.IntP++ }, "uint": func(v *values) { v.Uint-- },
		"float": func(v *values) { v.Float = math.Nextafter(v.Float, 1) }, "float32": func(v *values) { v.Float32 = math.Nextafter32(v.Float32, 1) },
		"text case": func(v *values) { v.Text = strings.ToUpper(v.Text) }, "trailing space": func(v *values) { v.Text += " " }, "text null": func(v *values) { v.TextP = nil },
		"status": func(v *values) { v.Status = "other" }, "time": func(v *values) { v.Time = v.Time.Add(time.Microsecond) },
		"bytes": func(v *values) { v.Bytes = []byte{0} }, "uuid": func(v *values) { v.UUID = uuid.New() }, "uuid null": func(v *values) { v.UUIDP = nil },
		"null text": func(v *values) { v.NullText = sql.NullString{} }, "list": func(v *values) { v.List = []string{"b,c", "a", `"`} },
		"list null": func(v *values) { v.List = nil }, "list empty": func(v *values) { v.List = []string{} }, "map": func(v *values) { v.Map["x"] = 2 },
		"raw": func(v *values) { v.Raw = json.RawMessage(`[2]`) }, "struct": func(v *values) { v.Struct.B++ }, "data": func(v *values) { v.Data = mapper.Data(`{"id":"1"}`) },
	}
	hash := int64(1)
	for name, change := range changes {
		changed := fullValues()
		changed.UUIDP = m.One(t).UUIDP
		m.Write(t, nil, m.Record(hash, changed))
		require.Equal(t, []bool{true}, m.Same(t, nil, m.Record(0, changed)), name)
		change(&changed)
		require.Equal(t, []bool{false}, m.Same(t, nil, m.Record(0, changed)), name)
		require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(hash+1, changed)), name)
		hash += 2
	}
}

func timesToMicrosecond(t *testing.T, db backend.Store) {
	type timed struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		At       time.Time `json:"at" db:"at"`
	}
	m := Create[timed](t, db, Options{})
	tokyo := time.FixedZone("Tokyo", 9*3600)
	for i, c := range []struct{ at, want time.Time }{
		{time.Date(2026, 3, 4, 5, 6, 7, 123456999, tokyo), time.Date(2026, 3, 3, 20, 6, 7, 123456000, time.UTC)},
		{time.Date(2026, 3, 4, 5, 6, 7, 0, tokyo), time.Date(2026, 3, 3, 20, 6, 7, 0, time.UTC)},
		{time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC)},
		{time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)},
		{time.Time{}, time.Time{}},
	} {
		m.Write(t, nil, m.Record(int64(i), timed{1, c.at}))
		require.Equal(t, c.want, m.One(t).At)
		require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(int64(i)+100, timed{1, c.at})))
	}
}

func timesSort(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	tokyo := time.FixedZone("Tokyo", 9*3600)
	times := []time.Time{
		time.Time{}, time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), sometime.Add(-time.Microsecond), sometime, sometime.Add(time.Microsecond), sometime.Add(100 * time.Millisecond).In(tokyo),
		sometime.Add(120 * time.Millisecond), sometime.Add(time.Second), sometime.Add(time.Hour).In(tokyo),
	}
	for i, at := range times {
		Exec(t, db, "INSERT INTO rentals (account_id, synced_id, name, canceled_at) VALUES (1, ?, '', ?)", int64(i), at)
	}
	for i, at := range times {
		require.Equal(t, int64(i), Value[int64](t, db, "SELECT count(*) FROM rentals WHERE canceled_at < ?", at))
		require.Equal(t, int64(i), Value[int64](t, db, "SELECT synced_id FROM rentals WHERE canceled_at = ?", at))
		require.Equal(t, int64(i), Value[int64](t, db, "SELECT synced_id FROM rentals ORDER BY canceled_at LIMIT 1 OFFSET ?", i))
	}
	require.Len(t, m.All(t), len(times))
}

func timesAsTimes(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	for _, at := range []time.Time{sometime, sometime.Add(time.Millisecond), sometime.Add(time.Microsecond)} {
		m.edit(t, "canceled_at = ?", at)
		require.True(t, at.Equal(Value[time.Time](t, db, "SELECT canceled_at FROM rentals")))
		require.True(t, at.Equal(*Value[*time.Time](t, db, "SELECT canceled_at FROM rentals")))
		require.True(t, at.Equal(Value[sql.NullTime](t, db, "SELECT canceled_at FROM rentals").Time))
	}
}

func deceptiveText(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for i, text := range []string{
		"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05+02:00", "2026-01-02", "2026-01-02 03:04:05", "1", "01", "1.0", "1e5", "true", "t",
		"null", "NULL", "", " ", "x'41'", `{"a":1}`, "{a}", `\x41`, "NaN",
	} {
		m.Write(t, account, m.Record(int64(i), object(1, text)))
		require.Equal(t, text, m.One(t).Name)
		m.edit(t, "notes = ?", text)
		o := m.Write(t, account, m.Record(int64(i)+100, object(1, text+"!")))[0]
		require.Equal(t, text, fresh(t, o).Notes)
	}
}

func objectsAsReceived(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for i, raw := range []string{
		`{"id":1}`, ` { "z" : 1, "a":[3,1,2] } `, `{"n":12345678901234567890.123456789e10,"m":1.0,"k":1e2}`, `{"nul":"a\u0000b","esc":"\u00e9\/"}`,
		`{"s":"é 日本 👩‍👩‍👧"}`, `{"a":{"b":{"c":[[],{},null,true]}}}`,
	} {
		written := object(1, "Villa")
		written.SyncedData = mapper.Data(raw)
		m.Write(t, account, m.Record(int64(i), written))
		require.Equal(t, raw, m.One(t).SyncedData.String())
		require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(int64(i)+100, written)))
	}
}

func emptyBytes(t *testing.T, db backend.Store) {
	m := Create[values](t, db, Options{Unhashed: true})
	m.Write(t, nil, m.Record(1, values{SyncedID: 1, Bytes: []byte{}}))
	require.Equal(t, []byte{}, m.One(t).Bytes)
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(1, values{SyncedID: 1, Bytes: []byte{}})))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(1, values{SyncedID: 1})))
	require.Nil(t, m.One(t).Bytes)
}

func extremes(t *testing.T, db backend.Store) {
	m := Create[values](t, db, Options{})
	for i, f := range []float64{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1e15, 1 << 53, 0.1 + 0.2, 1.0 / 3, math.Copysign(0, -1), 123456789.123456789} {
		written := values{SyncedID: 1, Float: f, FloatP: &f, Float32: float32(1.0 / 3), IntP: ptr(int64(math.MinInt64)), Int: math.MaxInt}
		m.Write(t, nil, m.Record(int64(i), written))
		read := m.One(t)
		require.Equal(t, []any{f, f, float32(1.0 / 3), int64(math.MinInt64), math.MaxInt}, []any{read.Float, *read.FloatP, read.Float32, *read.IntP, read.Int})
		require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(int64(i)+100, written)))
	}
}
