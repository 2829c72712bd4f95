package plan

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// everyKind has a field of each kind that a record can fill.
type everyKind struct {
	ID       int64                `db:"id"`
	SyncedID int64                `json:"id" db:"synced_id"`
	Int      int                  `json:"int" db:"int"`
	Int8     int8                 `json:"int8" db:"int8"`
	Int16    *int16               `json:"int16" db:"int16"`
	Int32    int32                `json:"int32" db:"int32"`
	Uint     uint                 `json:"uint" db:"uint"`
	Uint8    uint8                `json:"uint8" db:"uint8"`
	Uint64   *uint64              `json:"uint64" db:"uint64"`
	Float32  float32              `json:"float32" db:"float32"`
	Float64  *float64             `json:"float64" db:"float64"`
	Bool     bool                 `json:"bool" db:"bool"`
	Text     string               `json:"text" db:"text" validate:"max=50"`
	Mail     *string              `json:"mail" db:"mail" validate:"omitempty,email"`
	Number   stdjson.Number       `json:"number" db:"number"`
	Bytes    []byte               `json:"bytes" db:"bytes"`
	At       time.Time            `json:"at" db:"at"`
	Until    *time.Time           `json:"until" db:"until"`
	Nested   nested               `json:"nested" db:"nested"`
	List     []*nested            `json:"list" db:"list" validate:"max=3,dive"`
	Map      map[string][]float64 `json:"map" db:"map"`
	Any      map[string]any       `json:"any" db:"any"`
	Raw      stdjson.RawMessage   `json:"raw" db:"raw"`
	Pair     [2]int               `json:"pair" db:"pair"`
	Title    mapper.Translations  `json:"title" db:"title"`
	Story    mapper.Translations  `json:"story" db:"story" synced:"translated"`
	NullText sql.NullString       `json:"null_text" db:"null_text"`
	NullTime sql.NullTime         `json:"null_time" db:"null_time"`
	NullInt  sql.Null[int32]      `json:"null_int" db:"null_int"`
	UUID     uuid.UUID            `json:"uuid" db:"uuid"`
	Cents    cents                `json:"cents" db:"cents"`
	Level    level                `json:"level" db:"level"`
	Doubled  string               `db:"doubled" synced:"computed"`
	Note     string               `json:"note"`
	Deep     *nested              `json:"deep"`
	Data     mapper.Data          `db:"synced_data"`
}

type nested struct {
	Name  string    `json:"name" validate:"max=20"`
	At    time.Time `json:"at"`
	Below []nested  `json:"below"`
}

// cents reads "1.50", and is kept as it is read.
type cents struct{ n int64 }

func (c *cents) UnmarshalJSON(raw []byte) error {
	var text string
	if err := stdjson.Unmarshal(raw, &text); err != nil {
		return err
	}
	f, err := strconv.ParseFloat(text, 32)
	c.n = int64(f * 100)
	return err
}

func (c cents) Value() (driver.Value, error) { return c.n, nil }

func (c *cents) Scan(src any) (err error) {
	n, ok := src.(int64)
	if c.n = n; !ok {
		err = fmt.Errorf("a %T", src)
	}
	return err
}

// level reads a word.
type level int

func (l *level) UnmarshalText(text []byte) error {
	*l = level(len(text))
	if len(text) > 5 {
		return errors.New("too long\nfor a level")
	}
	return nil
}

// FuzzRecord_EveryKind: any object becomes a row or an error in one line. A row
// can be written, what was written is read back as an equal, and what does not
// come back, the stored object fills again.
func FuzzRecord_EveryKind(f *testing.F) {
	for _, raw := range everyKindSeeds {
		f.Add([]byte(raw))
	}
	p, err := New(reflect.TypeFor[everyKind](), Options{IDColumn: "synced_id", Volatile: []string{"deep.at", "other"},
		Map: func(o remote.Object, row any) error {
			r := row.(*everyKind)
			r.Doubled = r.Text + r.Text
			return nil
		}})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := remote.ParseObject(bytes.Clone(raw))
		if err != nil {
			return
		}
		mark := p.Fingerprint(o)
		rec, err := p.Map(o, Key{Column: "account_id", Value: int64(1)})
		if !bytes.Equal(o.Raw(), bytes.TrimSpace(raw)) {
			t.Fatalf("%q became %q", raw, o.Raw())
		}
		if mark != p.Fingerprint(o) {
			t.Fatal("the fingerprint is another one")
		}
		if err != nil {
			checkRecordError(t, err)
			return
		}
		if _, err := p.ID(o); err != nil && o.Raw() != nil {
			if _, has := o.Lookup("id"); has && !strings.Contains(string(raw), "null") {
				t.Fatalf("a row without an id: %v", err)
			}
		}
		back := writtenAndRead(t, p, rec)
		if err := p.Delegate(back); err != nil {
			t.Fatalf("delegate what was mapped: %v", err)
		}
		got, want := back.Value.(*everyKind), rec.Value.(*everyKind)
		if got.Note != want.Note || !reflect.DeepEqual(got.Deep, want.Deep) {
			t.Fatalf("delegated %q %v, not %q %v", got.Note, got.Deep, want.Note, want.Deep)
		}
		texts, err := p.TranslationsOf(o, func() (backend.Row, error) { return rec, nil })
		if err != nil || len(texts) != 1 || !texts[0].Equal(want.Story) {
			t.Fatalf("translations %v: %v", texts, err)
		}
	})
}

// everyKindSeeds are objects that are all right, and some that are hardly so.
var everyKindSeeds = []string{
	`{"id":1}`,
	`{"id":1,"int":-9223372036854775808,"int8":-128,"int16":null,"int32":7,"uint":18446744073709551615,"uint8":255,"uint64":0,"float32":3.4e38,"float64":-0,"bool":true}`,
	`{"id":2,"text":"a\u0000b","mail":"a@example.com","number":1e400,"bytes":"AAE=","at":"2026-01-02T03:04:05.123456789+02:00","until":"0000-01-01T00:00:00+01:00"}`,
	`{"id":3,"nested":{"name":"x","at":"9999-12-31T23:59:59Z","below":[{"name":"y"}]},"list":[null,{"name":"z"}],"map":{"a":[1,2.50]},"any":{"a":[1e400,null,{"b":"\u0000"}]},"raw":[1, 2],"pair":[1,2]}`,
	`{"id":4,"title":{"en":"x","de":null,"\u0000":"y"},"story":{"en":"once"},"null_text":"a","null_time":"2026-01-02T03:04:05Z","null_int":5,"uuid":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","cents":"1.50","level":"high"}`,
	`{"id":5,"note":"kept","deep":{"name":"d","at":"2026-01-02T03:04:05Z"},"other":{"x":1}}`,
	`{"id":6,"int8":128}`, `{"id":7,"text":"` + strings.Repeat("x", 51) + `"}`, `{"id":8,"level":"much too high"}`, `{"id":9,"uuid":7}`, `{"id":10,"pair":[1]}`, `{"id":1.0}`, `{"id":null}`, `{"id":11,"null_int":"5"}`, `{"id":12,"raw":null,"any":null,"list":null,"title":null}`,
}

// checkRecordError wants an error that fits into one line, and is not the
// declaration's.
func checkRecordError(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, "\n") && !strings.Contains(text, "for a level") {
		t.Fatalf("more than one line: %q", text)
	}
	if BrokenRule(err) {
		t.Fatalf("a record made a rule unusable: %v", err)
	}
}

// writtenAndRead is a record as it comes back from a database.
func writtenAndRead(t *testing.T, p *Plan, rec backend.Row) backend.Row {
	t.Helper()
	back := p.NewRow()
	for i, c := range p.Columns() {
		if !c.Equal(rec.Pointers[i], rec.Pointers[i]) {
			t.Fatalf("column %s is not itself", c.Name)
		}
		value, err := driver.DefaultParameterConverter.ConvertValue(reflect.ValueOf(rec.Pointers[i]).Interface())
		if err != nil {
			t.Fatalf("column %s can't be written: %v", c.Name, err)
		}
		if text, ok := value.(string); ok && strings.Contains(text, "\x00") {
			t.Fatalf("column %s has a NUL: %q", c.Name, text)
		}
		if at, ok := value.(time.Time); ok { // as SQLite keeps it
			value = at.Format("2006-01-02T15:04:05.000000Z07:00")
		}
		if err := scanInto(back.Pointers[i], value); err != nil {
			t.Fatalf("column %s can't be read from %v: %v", c.Name, value, err)
		}
		if !c.Equal(rec.Pointers[i], back.Pointers[i]) {
			t.Fatalf("column %s comes back as another value than %v", c.Name, value)
		}
	}
	return back
}

// scan reads a driver's value into what a column is scanned into.
func scanInto(into any, value driver.Value) error {
	if s, ok := into.(sql.Scanner); ok {
		return s.Scan(value)
	}
	v := reflect.ValueOf(into).Elem()
	if value == nil {
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(reflect.ValueOf(value).Convert(v.Type()))
	return nil
}

// A year of four digits may have more, or be negative, in UTC.
func TestRecord_TimesOutOfRange(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"} {
		for _, attribute := range []string{"at", "until", "null_time"} {
			_, err := mapped[everyKind](t, Options{IDColumn: "synced_id", Map: func(remote.Object, any) error { return nil }}, fmt.Sprintf(`{"id":1,%q:%q}`, attribute, at))
			require.ErrorContains(t, err, attribute+": the time ")
			require.ErrorContains(t, err, " is out of range: the years 0 to 9999 in UTC")
		}
	}
	row, err := mapped[everyKind](t, Options{IDColumn: "synced_id", Map: func(remote.Object, any) error { return nil }}, `{"id":1,"at":"0000-01-01T00:00:00Z","until":"9999-12-31T23:59:59Z"}`)
	require.NoError(t, err)
	require.Zero(t, row.At.Year())
}
