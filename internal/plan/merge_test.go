package plan

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	type row struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	p, err := New(reflect.TypeFor[row](), Options{IDColumn: "synced_id", Volatile: []string{"meta.at"}})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		base, over, want string // "" for the base
	}{
		"a member":            {`{"id":1,"name":"a","size":2}`, `{"id":1,"name":"b"}`, `{"id":1,"name":"b","size":2}`},
		"another order":       {`{"id":1,"name":"a","size":2}`, `{"size":3,"name":"b","id":1}`, `{"id":1,"name":"b","size":3}`},
		"spaces stay":         {"{ \"id\": 1,\n\t\"name\": \"a\" }", `{"id":1,"name":"b"}`, "{ \"id\": 1,\n\t\"name\": \"b\" }"},
		"a new member":        {`{"id":1}`, `{"id":1,"name":"b"}`, `{"id":1,"name":"b"}`},
		"new ones and spaces": {"{\"id\":1\n}", `{"name":"b","x":[1]}`, "{\"id\":1,\"name\":\"b\",\"x\":[1]\n}"},
		"into an empty one":   {`{}`, `{"id":1,"x":null}`, `{"id":1,"x":null}`},
		"null is a value":     {`{"id":1,"name":"a"}`, `{"id":1,"name":null}`, `{"id":1,"name":null}`},
		"an object is whole":  {`{"id":1,"a":{"b":1,"c":2}}`, `{"a":{"c":3}}`, `{"id":1,"a":{"c":3}}`},
		"names with escapes":  {`{"id":1,"n\u0061me":"a"}`, `{"\u0069d":1,"name":"b","q\"":1}`, `{"id":1,"n\u0061me":"b","q\"":1}`},
		"nothing new":         {`{"id":1,"name":"a"}`, `{"id":1}`, ""},
		"the same":            {`{"id": 1, "a": {"b": 1.0}}`, `{"a":{"b":1},"id":1}`, ""},
		"volatile alone":      {`{"id":1,"meta":{"at":1,"by":"x"}}`, `{"id":1,"meta":{"at":2,"by":"x"}}`, ""},
		"volatile beside":     {`{"id":1,"meta":{"at":1,"by":"x"}}`, `{"meta":{"at":2,"by":"y"}}`, `{"id":1,"meta":{"at":2,"by":"y"}}`},
		"big numbers":         {`{"id":1,"n":9007199254740993}`, `{"id":1,"n":9007199254740992}`, `{"id":1,"n":9007199254740992}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, err := remote.ParseObject([]byte(c.base))
			require.NoError(t, err)
			over, err := remote.ParseObject([]byte(c.over))
			require.NoError(t, err)
			merged, changed := p.Merge(base, over)
			require.Equal(t, c.want != "", changed)
			if c.want == "" {
				c.want = c.base
			}
			require.Equal(t, c.want, string(merged.Raw()))
			_, err = remote.ParseObject(merged.Raw())
			require.NoError(t, err)
			require.Equal(t, c.base, string(base.Raw()), "it is not written to")
		})
	}
}
