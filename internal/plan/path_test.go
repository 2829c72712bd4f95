package plan

import (
	"errors"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/mapper"
)

// deepRow reads attributes within objects.
type deepRow struct {
	SyncedID string              `json:"node.id" db:"synced_id"`
	Name     string              `json:"attributes.name" db:"name"`
	City     *string             `json:"attributes.address.city" db:"city"`
	Title    mapper.Translations `json:"attributes.title" db:"title" synced:"translated"`
	Etag     string              `json:"@odata.etag" db:"etag"`
	System   string              `json:"fields.System.Title" db:"system"`
	Node     map[string]any      `json:"node" db:"node"`
	Size     int                 `json:"attributes.size"`
	Data     mapper.Data         `db:"synced_data"`
}

func TestRecord_Paths(t *testing.T) {
	t.Parallel()
	p, err := New(reflect.TypeFor[deepRow](), Options{IDColumn: "synced_id"})
	require.NoError(t, err)
	read := func(raw string) *deepRow {
		o := object(t, raw)
		row, err := p.Map(o)
		require.NoError(t, err, raw)
		require.NoError(t, p.Delegate(row))
		return row.Value.(*deepRow)
	}
	row := read(`{"node":{"id":"n1"},"attributes":{"size":3,"name":"Villa","address":{"city":"Lisbon"},"title":{"en":"Hi"}},"@odata.etag":"e","fields":{"System.Title":"bug"}}`)
	require.Equal(t, "n1", row.SyncedID)
	require.Equal(t, "Villa", row.Name)
	require.Equal(t, "Lisbon", *row.City)
	require.Equal(t, "Hi", *row.Title["en"])
	require.Equal(t, "e", row.Etag)
	require.Equal(t, "bug", row.System)
	require.Equal(t, map[string]any{"id": "n1"}, row.Node)
	require.Equal(t, 3, row.Size)

	id, err := p.ID(object(t, `{"node":{"id":"n1"}}`))
	require.NoError(t, err)
	require.Equal(t, "n1", id.String())

	t.Run("a member with the dots in its name comes first, wherever it stands", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "exact", read(`{"node":{"id":"n1"},"attributes":{"name":"within"},"attributes.name":"exact"}`).Name)
		require.Equal(t, "exact", read(`{"attributes.name":"exact","node":{"id":"n1"},"attributes":{"name":"within"}}`).Name)
		require.Equal(t, "longer", *read(`{"node":{"id":"n1"},"attributes.address":{"city":"longer"},"attributes":{"address.city":"later"}}`).City)
		type one struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"attributes.name" db:"name"`
		}
		row, err := mapped[one](t, Options{IDColumn: "synced_id"}, `{"id":1,"attributes.name":"exact","attributes":"none"}`)
		require.NoError(t, err, "nothing is missing")
		require.Equal(t, "exact", row.Name)
	})
	t.Run("what lacks the path leaves the field zero", func(t *testing.T) {
		t.Parallel()
		for _, attributes := range []string{`null`, `{}`, `[]`, `[ ]`, `{"address":null}`, `{"address":{"city":null}}`, `{"name":null}`} {
			row := read(`{"node":{"id":"n1"},"attributes":` + attributes + `}`)
			require.Empty(t, row.Name)
			require.Nil(t, row.City)
		}
	})
	t.Run("a name with escapes is read", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "Villa", read(`{"node":{"id":"n1"},"\u0061ttributes":{"n\u0061me":"Villa"}}`).Name)
	})
	t.Run("another value in the way is an error, and so is one that does not fit", func(t *testing.T) {
		t.Parallel()
		for _, attributes := range []string{`"Villa"`, `7`, `true`, `["Villa"]`, `{"name":7}`} {
			_, err := p.Map(object(t, `{"node":{"id":"n1"},"attributes":`+attributes+`}`))
			wrong, ok := errors.AsType[*mapper.FieldError](err)
			require.True(t, ok, "%s: %v", attributes, err)
			require.Equal(t, "attributes.name", wrong.Attribute)
		}
	})
	t.Run("the object bears out what is read of it", func(t *testing.T) {
		t.Parallel()
		require.True(t, p.Bare(object(t, `{"node.id":"n1"}`)))
		require.False(t, p.Bare(object(t, `{"node":{"id":"n1"},"attributes":{"size":1}}`)))
	})
}

func TestNew_Tags(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"json:\"name":                         `write each part as key:"value"`,
		`json: "name"`:                        `write each part as key:"value"`,
		`json='name'`:                         `write each part as key:"value"`,
		`json:'name'`:                         `write each part as key:"value"`,
		"json:`name`":                         `write each part as key:"value"`,
		`name`:                                `write each part as key:"value"`,
		`json:"name" db`:                      `write each part as key:"value"`,
		`json:"name",db:"name"`:               `write db:"name", with a space`,
		`Json:"name" db:"name"`:               `write json:"name"`,
		`json:"name" DB:"name"`:               `write db:"name"`,
		`json:"name" json:"title"`:            "json twice",
		`json:"name, omitempty" db:"name"`:    `write json:"name,omitempty"`,
		`json:"name ,omitempty" db:"name"`:    `write json:"name,omitempty"`,
		`json:" name" db:"name"`:              `write json:"name"`,
		`json:"name" db:"name "`:              `write db:"name"`,
		`json:"name" db:"name" synced:""`:     "unknown tag",
		`json:"name" db:"name" synced:"what"`: "unknown tag",
		`json:"a.a.a.a.a.a.a.a.a.a" db:"a"`:   "more than 8 objects deep",
	} {
		typ := reflect.StructOf([]reflect.StructField{
			{Name: "SyncedID", Type: reflect.TypeFor[int64](), Tag: `json:"id" db:"synced_id"`},
			{Name: "Name", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tag)},
		})
		_, err := New(typ, Options{IDColumn: "synced_id"})
		require.ErrorContains(t, err, "field Name: ", tag)
		require.ErrorContains(t, err, want, tag)
	}
	for _, tag := range []string{``, ` `, `json:"name,omitempty"  db:"name"`, `json:"name"db:"name"`, `yaml:"x" xml:"y"`, `json:"-" db:"-"`, `custom:"a\"b"`} {
		typ := reflect.StructOf([]reflect.StructField{
			{Name: "SyncedID", Type: reflect.TypeFor[int64](), Tag: `json:"id" db:"synced_id"`},
			{Name: "Name", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tag)},
		})
		_, err := New(typ, Options{IDColumn: "synced_id"})
		require.NoError(t, err, tag)
	}
}

func TestNew_VolatilePaths(t *testing.T) {
	t.Parallel()
	for path, ok := range map[string]bool{"attributes.updated": true, "meta": true, "attributes.size": true, "attributes": false, "attributes.name": false, "attributes.name.x": false} {
		p, err := New(reflect.TypeFor[deepRow](), Options{IDColumn: "synced_id", Volatile: []string{path}})
		require.Equal(t, ok, err == nil, "%s: %v", path, err)
		if ok && path == "attributes.updated" {
			require.Equal(t, p.Fingerprint(object(t, `{"attributes":{"updated":1,"name":"x"}}`)), p.Fingerprint(object(t, `{"attributes":{"updated":2,"name":"x"}}`)))
			require.NotEqual(t, p.Fingerprint(object(t, `{"attributes":{"updated":1,"name":"x"}}`)), p.Fingerprint(object(t, `{"attributes":{"updated":1,"name":"y"}}`)))
		}
	}
}
