package full_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// What alone never makes a row updated.
func TestUnchangedObjects(t *testing.T) {
	const before = `{"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[1,{"x":1.0}],"meta":{"generated_at":"now","views":1,"kind":"k"}}`
	cases := map[string]struct {
		after   string
		updated int
	}{
		"order of members":    {`{"meta":{"kind":"k","views":1,"generated_at":"now"},"list":[1,{"x":1.0}],"surface":10,"big":9007199254740993,"price":"1.50","name":"a","id":1}`, 0},
		"spelling of numbers": {`{"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[1e0,{"x":1.00}],"meta":{"generated_at":"now","views":1.0,"kind":"k"}}`, 0},
		"spelling of strings": {`{"id":1,"name":"\u0061","price":"1.50","surface":10,"big":9007199254740993,"list":[1,{"x":1.0}],"meta":{"generated_at":"now","views":1,"kind":"\u006b"}}`, 0},
		"white space":         {`{"id": 1, "name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[1, {"x":1.0}],"meta":{"generated_at":"now","views":1,"kind":"k"}}`, 0},
		"volatile values":     {`{"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[1,{"x":1.0}],"meta":{"generated_at":"later","views":[2,3],"kind":"k"}}`, 0},
		"volatile and order":  {`{"meta":{"kind":"k","views":7,"generated_at":null},"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[1,{"x":1.0}]}`, 0},
		"another value":       {`{"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[1,{"x":1.0}],"meta":{"generated_at":"now","views":1,"kind":"K"}}`, 1},
		"a large number":      {`{"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740992,"list":[1,{"x":1.0}],"meta":{"generated_at":"now","views":1,"kind":"k"}}`, 1},
		"order of a list":     {`{"id":1,"name":"a","price":"1.50","surface":10,"big":9007199254740993,"list":[{"x":1.0},1],"meta":{"generated_at":"now","views":1,"kind":"k"}}`, 1},
	}
	for name, c := range cases {
		for _, guarded := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					d := harness.Rentals()
					d.Volatile = []string{"meta.generated_at", "meta.views"}
					rentals := guardedOrNot(t, b, d, guarded)
					b.Server.Collection("rentals").PutRaw(before)
					harness.Sync(t, rentals, synced.In(1))
					versions := rowVersions(t, b)
					b.Server.Collection("rentals").PutRaw(c.after)
					for _, updated := range []int{c.updated, 0} {
						require.Equal(t, harness.Counts{Updated: updated, Unchanged: 1 - updated}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
						if updated == 0 {
							require.Equal(t, versions, rowVersions(t, b), "not rewritten")
						}
						versions = rowVersions(t, b)
					}
				})
			})
		}
	}
	t.Run("mistakes", func(t *testing.T) {
		b := harness.Setup(t, "sqlite")
		for path, message := range map[string]string{
			"meta.": `synced: rentals: volatile path "meta." has an empty name: write names with a dot between`,
			"name":  `synced: rentals: volatile path "name" is in an attribute that field Name keeps in a column: a change of it is one of the row`,
		} {
			d := harness.Rentals()
			d.Volatile = []string{path}
			_, err := synced.New(context.Background(), b.DB, d)
			require.EqualError(t, err, message)
		}
	})
}
