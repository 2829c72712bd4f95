package plan

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// idOptions are the options of most plans.
var idOptions = Options{IDColumn: "synced_id"}

// planOf makes the plan of T, unbound.
func planOf[T any](t *testing.T, options Options) *Plan {
	t.Helper()
	p, err := New(reflect.TypeFor[T](), options)
	require.NoError(t, err)
	return p
}

// described is a table that fits a plan, with other types for some columns.
func described(p *Plan, types map[string]string) backend.Description {
	var d backend.Description
	for _, c := range p.Columns() {
		d.Columns = append(d.Columns, backend.DescribedColumn{Name: c.Name, Type: types[c.Name]})
	}
	return d
}

// strict describes the same columns in a database that keeps to their types.
func strict(d backend.Description) backend.Description {
	d.Strict = true
	return d
}

func object(t *testing.T, raw string) remote.Object {
	t.Helper()
	o, err := remote.ParseObject([]byte(raw))
	require.NoError(t, err)
	return o
}

// mapped maps an object by an unbound plan.
func mapped[T any](t *testing.T, options Options, raw string) (*T, error) {
	t.Helper()
	rec, err := planOf[T](t, options).Map(object(t, raw))
	row, _ := rec.Value.(*T)
	return row, err
}

type row struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	Name       string      `json:"name" db:"name"`
	Slug       string      `db:"slug" synced:"computed"`
	Notes      string      `db:"notes"`
	Bedrooms   int         `json:"bedrooms_count"`
	SeenAt     time.Time   `json:"seen_at"`
	SyncedData mapper.Data `db:"synced_data"`
}

func slug(o remote.Object, r any) error {
	r.(*row).Slug = "slug of " + r.(*row).Name
	return nil
}

func TestPlan_Columns(t *testing.T) {
	t.Parallel()
	p := planOf[row](t, Options{IDColumn: "synced_id", Map: slug})
	require.NoError(t, p.Bind(described(p, nil)))
	managed := map[string]bool{}
	for _, c := range p.Columns() {
		managed[c.Name] = c.Managed
	}
	require.Equal(t, map[string]bool{"id": false, "synced_id": true, "name": true, "slug": true, "notes": false, "synced_data": true}, managed)
	require.True(t, p.Columns()[0].Key)
	require.Equal(t, []string{"id", "name", "bedrooms_count", "seen_at"}, p.RemoteNames())
	require.Equal(t, "synced_data", p.DataColumn())
	require.Equal(t, `attribute "name"`, p.Filled("name"))
	require.Equal(t, "Map", p.Filled("slug"))
	require.Equal(t, "the whole object", p.Filled("synced_data"))
	require.Empty(t, p.Filled("notes"))
	require.Empty(t, p.Filled("elsewhere"))
	require.Empty(t, p.Filled(""), "delegated fields have no column")
}

func TestPlan_MapSetsComputedAttributes(t *testing.T) {
	t.Parallel()
	r, err := mapped[row](t, Options{IDColumn: "synced_id", Map: slug}, `{"id": 1, "name": "one"}`)
	require.NoError(t, err)
	require.Equal(t, "slug of one", r.Slug)

	broken := errors.New("no name")
	_, err = mapped[row](t, Options{IDColumn: "synced_id", Map: func(remote.Object, any) error { return broken }}, `{"id": 1}`)
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "map: no name")
}

type mapsItself struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Slug     string `db:"slug" synced:"computed"`
}

func (m *mapsItself) MapRemote(o remote.Object) (err error) {
	m.Slug, err = remote.Get[string](o, "name")
	return err
}

func TestPlan_MapRemoteSetsComputedAttributes(t *testing.T) {
	t.Parallel()
	r, err := mapped[mapsItself](t, idOptions, `{"id": 1, "name": "one"}`)
	require.NoError(t, err)
	require.Equal(t, "one", r.Slug)

	_, err = mapped[mapsItself](t, idOptions, `{"id": 1, "name": 5}`)
	// The rest of the text is chosen by the JSON library, by chance.
	require.ErrorContains(t, err, "map: name: json: ")
}

func TestPlan_ComputedTextIsCleaned(t *testing.T) {
	t.Parallel()
	set := func(text string) Options {
		return Options{IDColumn: "synced_id", Map: func(_ remote.Object, r any) error {
			r.(*row).Slug = text
			return nil
		}}
	}
	r, err := mapped[row](t, set("a\x00b"), `{"id": 1}`)
	require.NoError(t, err)
	require.Equal(t, "a␀b", r.Slug)

	_, err = mapped[row](t, set("a\xffb"), `{"id": 1}`)
	require.EqualError(t, err, `Slug: "a\xffb" in field Slug is not valid UTF-8`)
}

func TestPlan_Delegate(t *testing.T) {
	t.Parallel()
	p := planOf[row](t, Options{IDColumn: "synced_id", Map: slug})
	read := func(stored string) (*row, error) {
		rec := p.NewRow()
		r := rec.Value.(*row)
		r.Name = "local"
		if stored != "" {
			r.SyncedData = mapper.Data(stored)
		}
		return r, p.Delegate(rec)
	}

	r, err := read(`{"bedrooms_count": 3, "name": "remote", "seen_at": "2026-01-02T03:04:05.123456789+02:00"}`)
	require.NoError(t, err)
	require.Equal(t, 3, r.Bedrooms)
	require.Equal(t, "local", r.Name, "attributes with a column are read from it")
	require.Equal(t, time.Date(2026, 1, 2, 1, 4, 5, 123456000, time.UTC), r.SeenAt)

	for _, nothing := range []string{"", "null"} {
		r, err = read(nothing)
		require.NoError(t, err)
		require.Zero(t, r.Bedrooms)
	}

	for stored, want := range map[string]string{
		`{"bedrooms_count": "many"}`: `bedrooms_count: the string "many" does not fit field Bedrooms of type int`,
		`["bedrooms_count", 3]`:      `the stored object in column "synced_data": the array ["bedrooms_count", 3] is not an object`,
		`{"bedrooms_count": 3`:       `the stored object in column "synced_data": jsontext: unexpected EOF after offset 20`,
		`17`:                         `the stored object in column "synced_data": the number 17 is not an object`,
	} {
		_, err = read(stored)
		require.EqualError(t, err, want)
	}
}

func TestPlan_DataKeepsWhatWasReceived(t *testing.T) {
	t.Parallel()
	const raw = `{"id": 1,  "name":"a\u0000b", "z": 12345678901234567890.10, "a": [3,1,2]}`
	p := planOf[row](t, Options{IDColumn: "synced_id", Map: slug})

	for dbType, want := range map[string]string{
		"json": raw, "text": raw,
		"jsonb": `{"id": 1,  "name":"a\u2400b", "z": 12345678901234567890.10, "a": [3,1,2]}`,
	} {
		require.NoError(t, p.Bind(strict(described(p, map[string]string{"synced_data": dbType}))))
		rec, err := p.Map(object(t, raw))
		require.NoError(t, err)
		require.Equal(t, want, rec.Value.(*row).SyncedData.String(), dbType)
		require.Equal(t, "a␀b", rec.Value.(*row).Name)
		require.Equal(t, "slug of a␀b", rec.Value.(*row).Slug)
	}
}

func TestPlan_Fingerprint(t *testing.T) {
	t.Parallel()
	type base struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	type reordered struct {
		Name     string `json:"name" db:"name"`
		SyncedID int64  `json:"id" db:"synced_id"`
	}
	type renamedField struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Title    string `json:"name" db:"name"`
	}
	type withOwn struct {
		base
		Notes string `db:"notes" validate:"max=3"`
	}
	type otherColumn struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"title"`
	}
	type otherAttribute struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"title" db:"name"`
	}
	type otherType struct {
		SyncedID int64   `json:"id" db:"synced_id"`
		Name     *string `json:"name" db:"name"`
	}
	type more struct {
		base
		Size int `json:"size" db:"size"`
	}
	o := object(t, `{"id": 1, "name": "one"}`)
	want := planOf[base](t, idOptions).Fingerprint(o)

	require.Equal(t, want, planOf[base](t, idOptions).Fingerprint(o))
	require.Equal(t, want, planOf[reordered](t, idOptions).Fingerprint(o))
	require.Equal(t, want, planOf[renamedField](t, idOptions).Fingerprint(o))
	require.Equal(t, want, planOf[withOwn](t, idOptions).Fingerprint(o))

	require.NotEqual(t, want, planOf[base](t, idOptions).Fingerprint(object(t, `{"id": 1, "name": "ONE"}`)))
	require.NotEqual(t, want, planOf[base](t, Options{IDColumn: "synced_id", Version: 1}).Fingerprint(o))
	require.NotEqual(t, want, planOf[otherColumn](t, idOptions).Fingerprint(o))
	require.NotEqual(t, want, planOf[otherAttribute](t, idOptions).Fingerprint(o))
	require.NotEqual(t, want, planOf[otherType](t, idOptions).Fingerprint(o))
	require.NotEqual(t, want, planOf[more](t, idOptions).Fingerprint(o))

	bound := planOf[base](t, idOptions)
	require.NoError(t, bound.Bind(described(bound, map[string]string{"name": "varchar(20)"})))
	bound.Manage("name")
	require.Equal(t, want, bound.Fingerprint(o), "binding to a table changes nothing")
}
