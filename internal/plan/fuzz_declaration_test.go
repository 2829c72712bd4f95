package plan

import (
	"database/sql"
	stdjson "encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// embedded is what a declared struct may embed.
type embedded struct {
	Embedded string `json:"embedded" db:"embedded"`
}

// loop contains itself.
type loop struct {
	Loop *loop `json:"loop"`
	By   map[string]loop
}

// fieldTypes are what a declared field may be of, wise or not.
var fieldTypes = []reflect.Type{
	reflect.TypeFor[int64](), reflect.TypeFor[string](), reflect.TypeFor[mapper.Data](), reflect.TypeFor[*string](), reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time](),
	reflect.TypeFor[mapper.Translations](), reflect.TypeFor[*mapper.Translations](), reflect.TypeFor[bool](), reflect.TypeFor[uint8](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[**int](),
	reflect.TypeFor[[]byte](), reflect.TypeFor[*[]byte](), reflect.TypeFor[any](), reflect.TypeFor[error](), reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[complex128](), reflect.TypeFor[uintptr](),
	reflect.TypeFor[map[string]any](), reflect.TypeFor[map[[2]int]int](), reflect.TypeFor[[]loop](), reflect.TypeFor[loop](), reflect.TypeFor[*loop](), reflect.TypeFor[struct{}](), reflect.TypeFor[struct{ hidden int }](), reflect.TypeFor[[0]int](), reflect.TypeFor[[3]string](),
	reflect.TypeFor[sql.NullString](), reflect.TypeFor[*sql.NullString](), reflect.TypeFor[sql.Null[time.Time]](), reflect.TypeFor[sql.Null[sql.NullInt64]](), reflect.TypeFor[sql.Null[[]string]](), reflect.TypeFor[sql.Null[any]](), reflect.TypeFor[sql.Null[*int]](), reflect.TypeFor[sql.NullTime](),
	reflect.TypeFor[uuid.UUID](), reflect.TypeFor[*uuid.UUID](), reflect.TypeFor[uuid.NullUUID](), reflect.TypeFor[stdjson.Number](), reflect.TypeFor[stdjson.RawMessage](), reflect.TypeFor[time.Duration](), reflect.TypeFor[*time.Location](), reflect.TypeFor[big.Int](), reflect.TypeFor[*big.Rat](), reflect.TypeFor[url.URL](),
	reflect.TypeFor[cents](), reflect.TypeFor[*cents](), reflect.TypeFor[level](), reflect.TypeFor[remote.Object](), reflect.TypeFor[nested](), reflect.TypeFor[embedded](), reflect.TypeFor[[]map[string]*nested](), reflect.TypeFor[map[int]string](), reflect.TypeFor[map[bool]string](), reflect.TypeFor[fmt.Stringer](), reflect.TypeFor[*mapper.Data](),
}

// dbTypes are what columns may be of.
var dbTypes = []string{"", "bigint", "smallint", "text", "uuid", "jsonb", "json", "numeric", "timestamp with time zone", "date", "bytea", "boolean", "real", "text[]", "bpchar", "citext", "INTEGER"}

// declared makes a struct type of a text: a line a field, the first character its
// type, the rest its tag.
func declared(text string) reflect.Type {
	var fields []reflect.StructField
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || len(fields) == 40 {
			continue
		}
		of := fieldTypes[int(line[0])%len(fieldTypes)]
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", len(fields)), Type: of, Tag: reflect.StructTag(line[1:]),
			Anonymous: of == reflect.TypeFor[embedded]() && len(line)%2 == 0})
	}
	return reflect.StructOf(fields)
}

// line is a field of a seed.
func line(of reflect.Type, tag string) string {
	for i := range fieldTypes {
		for c := i; c < 0x7f; c += len(fieldTypes) {
			if fieldTypes[i] == of && c >= ' ' {
				return string(rune(c)) + tag + "\n"
			}
		}
	}
	panic(of)
}

// FuzzDeclaration: whatever the types, tags, paths and options of a declaration,
// there is an error in one line, or a plan that maps.
func FuzzDeclaration(f *testing.F) {
	id := line(reflect.TypeFor[int64](), `json:"id" db:"synced_id"`)
	data := line(reflect.TypeFor[mapper.Data](), `db:"synced_data"`)
	for _, seed := range []string{
		id, id + data, line(reflect.TypeFor[string](), `json:"id" db:"synced_id"`), line(reflect.TypeFor[uuid.UUID](), `json:"id" db:"synced_id"`),
		id + line(reflect.TypeFor[string](), `json:"name,omitempty" db:"name" validate:"required,max=5"`),
		id + line(reflect.TypeFor[string](), `json:"name" validate:"eqfield=Nothing|dive"`) + data,
		id + line(reflect.TypeFor[mapper.Translations](), `json:"title" db:"title" synced:"translated"`),
		id + line(reflect.TypeFor[loop](), `json:"loop" db:"loop" validate:"dive,required"`) + data,
		id + line(reflect.TypeFor[*time.Time](), `json:"at" db:"at"`) + line(reflect.TypeFor[sql.Null[any]](), `json:"x" db:"x"`),
		id + line(reflect.TypeFor[string](), `db:"c" synced:"computed"`) + line(reflect.TypeFor[int64](), `db:"p" synced:"parent"`),
		id + line(reflect.TypeFor[map[[2]int]int](), `json:"m" db:"m"`), id + line(reflect.TypeFor[embedded](), ``) + line(reflect.TypeFor[embedded](), ` `),
		id + line(reflect.TypeFor[sql.Null[[]string]](), `json:"s" db:"s" validate:"max=2"`), `Ajson:"a" db:`, "A\x00", id + line(reflect.TypeFor[big.Int](), `json:"b" db:"b" validate:"gt=0"`),
	} {
		f.Add(seed, "synced_id", "meta.at,name", "at", `{"id":1,"name":"one","title":{"en":"x"},"at":"2026-01-02T03:04:05Z","loop":{"loop":null},"b":12}`, uint64(0x1234567))
	}
	f.Add(id+data, "", "..", "", `{"id":"x"}`, uint64(0))
	f.Fuzz(func(t *testing.T, text, idColumn, volatile, version, raw string, chance uint64) {
		typ := declared(text)
		options := Options{IDColumn: idColumn, Version: int(chance % 7)}
		if volatile != "" {
			options.Volatile = strings.Split(volatile, ",")
		}
		if chance%3 != 0 {
			options.Map = func(remote.Object, any) error { return nil }
		}
		p, err := New(typ, options)
		if err != nil {
			checkDeclarationError(t, err)
			return
		}
		if version != "" && p.Version(version) != nil {
			checkDeclarationError(t, p.Version(version))
		}
		columns := p.Columns()
		if rec := p.NewRow(); len(rec.Pointers) != len(columns) {
			t.Fatalf("%d columns, %d pointers", len(columns), len(rec.Pointers))
		}
		d := backend.Description{Strict: chance%2 == 1}
		for i, c := range columns {
			if c.Type == 0 || c.Equal == nil || c.Name == "" {
				t.Fatalf("column %+v", c)
			}
			kind := ""
			if chance%5 == 0 {
				kind = dbTypes[int(chance>>(i%60))%len(dbTypes)]
			}
			d.Columns = append(d.Columns, backend.DescribedColumn{Name: c.Name, Type: kind})
		}
		if err := p.Bind(d); err != nil {
			checkDeclarationError(t, err)
			return
		}
		if err := p.CheckVersion(); err != nil {
			checkDeclarationError(t, err)
			return
		}
		o, err := remote.ParseObject([]byte(raw))
		if err != nil {
			return
		}
		p.Fingerprint(o)
		_, _ = p.ID(o)
		rec, err := p.Map(o)
		if err != nil {
			checkRecordError(t, err)
			return
		}
		for i, c := range p.Columns() {
			c.Equal(rec.Pointers[i], rec.Pointers[i])
		}
		if err := p.Delegate(rec); err != nil {
			t.Fatalf("delegate what was mapped: %v", err)
		}
		p.SetTranslations(p.NewRow().Value, p.Translations(rec.Value))
	})
}

// checkDeclarationError wants one line that says something.
func checkDeclarationError(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); text == "" || strings.Contains(text, "\n") {
		t.Fatalf("not one line: %q", text)
	}
}
