package attribute

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

func TestPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, object, want string }{
		{"name", `{"name":1}`, "1"},
		{"name", `{"Name":1}`, ""},
		{"a.b", `{"a":{"b":1}}`, "1"},
		{"a.b", `{"a":{"b":null}}`, "null"},
		{"a.b", `{"a":null}`, ""},
		{"a.b", `{"a":[{"b":1}]}`, ""},
		{"a.b", `{"a":"b"}`, ""},
		{"a.b", `{"a":{"b":1},"a.b":2}`, "2"},
		{"a.b", `{"a.b":2,"a":{"b":1}}`, "2"},
		{"@odata.etag", `{"@odata.etag":"x"}`, `"x"`},
		{"fields.System.Title", `{"fields":{"System.Title":"x"}}`, `"x"`},
		{"a.b.c", `{"a.b":{"c":1},"a":{"b.c":2}}`, "1"},
		{"a.b.c", `{"a.b":{"d":1},"a":{"b.c":2}}`, "2"},
		{"a.b.c", `{"a.b":3,"a":{"b":{"c":4}}}`, "4"},
		{"fields.Inv. No.", `{"fields":{"Inv. No.":7}}`, "7"},
		{".a", `{".a":1}`, "1"},
		{"a..b", `{"a..b":1}`, "1"},
		{".", `{".":1}`, "1"},
	} {
		p, err := Parse(c.path)
		require.NoError(t, err)
		o, err := remote.ParseObject([]byte(c.object))
		require.NoError(t, err)
		v, ok := p.In(o)
		require.Equal(t, c.want, v.String(), "%s in %s", c.path, c.object)
		require.Equal(t, c.want != "", ok)
		require.Equal(t, c.path, p.String())
		// Names tells the same, in the same order.
		var first remote.Value
		for _, way := range p.Names() {
			if v, ok := o.Lookup(way...); ok {
				first = v
				break
			}
		}
		require.Equal(t, c.want, first.String(), "%s in %s", c.path, c.object)
	}
}

func TestPathErrors(t *testing.T) {
	t.Parallel()
	_, err := Parse("")
	require.ErrorContains(t, err, "no name")
	_, err = Parse(strings.Repeat("a.", 9) + "a")
	require.ErrorContains(t, err, "more than 8 objects deep")
}

func TestPathWithin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, other string
		want        bool
	}{{"a", "a", true}, {"a.b", "a", true}, {"a", "a.b", false}, {"ab", "a", false}} {
		require.Equal(t, c.want, Path{text: c.path}.Within(Path{text: c.other}))
	}
}
