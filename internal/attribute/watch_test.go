package attribute

import (
	"fmt"
	"math/rand/v2"
	"strings"
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
		{[]string{`{"id":1,"name":1,"a":{"b":1},"größe":1,"photos":[]}`, `{"photos":[{"id":1}]}`, `{}`, `{"photos":[{}]}`}, []string{"photos.title"}},
		{[]string{`{"id":1,"name":1,"a":{"b":1},"photos":[{"id":1,"title":2}]}`, `{}`, `{"gr\u00f6\u00dfe":1}`}, nil},
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

// TestWatchRandom compares with what a look at each object in turn finds.
func TestWatchRandom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	paths := []string{"a", "name", "k", "updated_at", "host.name", "rooms"}
	pick := func(members ...string) string {
		var list []string
		for _, m := range members {
			if r.IntN(6) == 0 {
				list = append(list, m)
			}
		}
		return "{" + strings.Join(list, ",") + "}"
	}
	for range 3000 {
		e := expecting(t, paths...)
		e.Nested = []Nested{{Path: e.Paths[5], Expected: expecting(t, "id", "beds_of_room")}}
		w := NewWatch(e)
		had, came := map[string]bool{}, false
		for range r.IntN(8) + 1 {
			room := pick(`"id":1`, `"beds_of_room":2`, `"name":"a"`)
			raw := pick(`"a":1`, `"about":"name"`, `"name":"k"`, `"k":"a\"b"`, `"updated_at":2`, `"host":{"name":1}`, `"host":{"names":1}`, `"rooms":[]`, `"rooms":[`+room+`]`)
			o, err := remote.ParseObject([]byte(raw))
			if err != nil {
				continue // two have one name
			}
			w.Look(o)
			came = true
			for _, p := range e.Paths {
				_, ok := p.In(o)
				had[p.text] = had[p.text] || ok
			}
			if strings.Contains(raw, `"rooms":[{`) {
				had["room"] = true
				for _, p := range e.Nested[0].Paths {
					had["rooms."+p.text] = had["rooms."+p.text] || strings.Contains(room, `"`+p.text+`"`)
				}
			}
		}
		var want []string
		for _, name := range append(paths, "rooms.id", "rooms.beds_of_room") {
			if came && !had[name] && (had["room"] || !strings.HasPrefix(name, "rooms.")) {
				want = append(want, name)
			}
		}
		require.Equal(t, want, w.Missing())
	}
}

func BenchmarkWatch(b *testing.B) {
	var members strings.Builder
	for i := range 33 {
		fmt.Fprintf(&members, `,"member_%d":%s`, i, []string{`"a text"`, "12.5", "true"}[i%3])
	}
	var e Expected
	for _, name := range []string{"remarks", "internal_name", "updated_by"} {
		p, err := Parse(name)
		require.NoError(b, err)
		e.Paths = append(e.Paths, p)
	}
	for name, raw := range map[string]string{
		"members": `{"id":1` + members.String() + `}`,
		"prose":   `{"id":1,"name":"Villa","about":"` + strings.Repeat("Our quiet villa by the sea is under pines. ", 32) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			w, o := NewWatch(e), remote.UncheckedObject([]byte(raw))
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				w.Look(o)
			}
			require.Len(b, w.Missing(), 3)
		})
	}
}
