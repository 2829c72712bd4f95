package declare_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/store/sqlite"
)

type house struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

type photo struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	HouseID  *int64 `db:"house_id" synced:"parent"`
}

func setup(t *testing.T) *sqlite.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	return db
}

func bind(t *testing.T, db *sqlite.Store, d declare.Declaration) *declare.Bound {
	t.Helper()
	require.NoError(t, d.CreateTable(t.Context(), db))
	bound, err := d.Bind(t.Context(), db)
	require.NoError(t, err)
	return bound
}

// table is what a table says, but for its functions.
func table(b *declare.Bound) backend.Table {
	t := *b.Model.Table
	t.New, t.Columns = nil, append([]backend.Column(nil), t.Columns...)
	for i := range t.Columns {
		t.Columns[i].Equal = nil
	}
	return t
}

func TestBind_LeavesOtherModelsAlone(t *testing.T) {
	t.Parallel()
	db := setup(t)
	houses := declare.Declaration{Row: reflect.TypeFor[house](), Table: "houses"}
	photos := declare.Declaration{Row: reflect.TypeFor[photo](), Table: "photos"}
	parent, child := bind(t, db, houses), bind(t, db, photos)
	before := []backend.Table{table(parent), table(child)}
	models := []any{*parent.Model, *child.Model}

	photos.BelongsTo = []declare.Parent{{Attribute: "house", Column: "house_id", Model: parent}}
	for range 3 { // as a service that declares its models again for each request
		bound := bind(t, db, photos)
		require.Len(t, parent.Model.Dependents(), 1)
		require.Same(t, bound.Model, parent.Model.Dependents()[0].Child, "the last one declared")
	}
	houses.Associations = []declare.Association{{Attribute: "photos", Column: "house_id", Child: child}}
	again := bind(t, db, houses)
	require.True(t, again.Model.Associations[0].Child.Table.Columns[2].Managed)
	require.Len(t, again.Model.Dependents(), 1, "another model of the same table")

	require.Equal(t, before, []backend.Table{table(parent), table(child)})
	for i, m := range []any{*parent.Model, *child.Model} {
		require.True(t, sameFields(models[i], m))
	}
}

// sameFields reports whether two structs hold the same, pointers and all.
func sameFields(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if x.Field(i).Kind() != reflect.Func && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			return false
		}
	}
	return true
}

// Binding ends with the caller's context.
func TestBind_EndsWithTheContext(t *testing.T) {
	t.Parallel()
	db := setup(t)
	d := declare.Declaration{Row: reflect.TypeFor[house](), Table: "houses"}
	require.NoError(t, d.CreateTable(t.Context(), db))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Bind(ctx, db)
	require.ErrorIs(t, err, context.Canceled)
}
