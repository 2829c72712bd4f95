package attribute

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// expecting parses what is expected.
func expecting(t *testing.T, paths ...string) Expected {
	t.Helper()
	var e Expected
	for _, text := range paths {
		p, err := Parse(text)
		require.NoError(t, err)
		e.Paths = append(e.Paths, p)
	}
	return e
}

func TestWatch(t *testing.T) {
	t.Parallel()
	e := expecting(t, "id", "name", "a.b", "größe", "photos")
	e.Nested = []Nested{{Path: e.Paths[4], Expected: expecting(t, "id", "title")}}
	for _, c := range []struct {
		objects []string
		want    []string
	}{
		{nil, nil},
		{[]string{`{}`}, []string{"id", "name", "a.b", "größe", "photos"}},
		{[]string{`{"id":1,"name":null}`, `{"a":{"b":2}}`, `{"gr\u00f6\u00dfe":1}`}, []string{"photos"}},
		{[]string{`{"id":1,"name":"b","a":{"name":1}}`}, []string{"a.b", "größe", "photos"}},
		{[]string{`{"id":1,"Name":"id"}`}, []string{"name", "a.b", "größe", "photos"}},
		{[]string{`{"id":1,"name":1,"a":{"b":1},"größe":1,"photos":[]}`}, nil},
		{[]string{`{"id":1,"name":1,"a":{"b":1},"größe":1,"photos":[{"id":1},{"id":2}]}`}, []string{"photos.title"}},
		{[]string{`{"id":1,"name":1,"a":{"b":1},"größe":1,"photos":{"title":1}}`, `{"photos":[{"id":1}]}`}, nil},
		{[]string{`{"id":1,"name":1,"a":{"b":1},"größe":1,"photos":[7,null]}`}, nil},
	} {
		w := NewWatch(e)
		for _, raw := range c.objects {
			o, err := remote.ParseObject([]byte(raw))
			require.NoError(t, err)
			w.Look(o)
		}
		require.Equal(t, c.want, w.Missing(), "%s", c.objects)
	}
	var w Watch
	require.True(t, w.Done())
	w.Look(remote.Object{})
	require.Empty(t, w.Missing())
}
