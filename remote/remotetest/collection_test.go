package remotetest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

func TestCollection_PutUpdateDelete(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 0)
	c := srv.Collection("rentals")

	given := remotetest.Record{"id": 1, "name": "Villa", "tags": []string{"a"}, "null": nil}
	c.Put(given, remotetest.Record{"id": "two"}, remotetest.Record{"id": int64(3)})
	require.NotContains(t, given, "updated_at", "the caller's")
	require.Equal(t, []any{int64(1), "two", int64(3)}, c.IDs())
	r, ok := c.Get(int64(1))
	require.True(t, ok)
	require.Equal(t, remotetest.Record{
		"id": int64(1), "name": "Villa", "tags": []any{"a"}, "null": nil, "updated_at": "2026-01-01T12:00:00Z",
	}, r)

	c.Update(1, remotetest.Record{"name": "Chalet", "size": 1.5})
	raw, ok := c.Raw(1)
	require.True(t, ok)
	require.Equal(t, `{"id":1,"name":"Chalet","null":null,"size":1.5,"tags":["a"],"updated_at":"2026-01-01T12:00:00Z"}`, raw)

	c.Put(remotetest.Record{"id": 1}) // in its place
	require.Equal(t, []any{int64(1), "two", int64(3)}, c.IDs())
	c.Move(1, 1)
	require.Equal(t, []any{"two", int64(1), int64(3)}, c.IDs())
	c.Move(1, 100)
	c.Move(int64(3), -1)
	require.Equal(t, []any{int64(3), "two", int64(1)}, c.IDs())

	c.Delete(3, "two")
	require.Equal(t, 1, c.Len())
	_, ok = c.Get("two")
	require.False(t, ok)
}

func TestCollection_PutRawKeepsTheBytes(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 0)
	c := srv.Collection("rentals")
	const raw = "{ \"id\":9007199254740993,\"n\":12345678901234567890.00,\"z\":\"\\u0000\",\"bad\":\"\xff\",\"bad\":1}"
	c.PutRaw(raw)

	require.Equal(t, []any{int64(9007199254740993)}, c.IDs())
	require.Contains(t, get(t, srv, "", "/rentals").body, "["+raw+"]")
	require.Contains(t, get(t, srv, "", "/rentals?fields=n,z").body,
		`[{"id":9007199254740993,"n":12345678901234567890.00,"z":"\u0000"}]`)

	c.PutRaw(`{"id":1,"n":12345678901234567890.00}`)
	c.Update(1, remotetest.Record{"x": true})
	updated, _ := c.Raw(1)
	require.Equal(t, `{"id":1,"n":12345678901234567890.00,"updated_at":"2026-01-01T12:00:02Z","x":true}`, updated)
}

func TestCollection_Fields(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 0)
	srv.Collection("rentals").Put(remotetest.Record{"id": 1, "a": 1, "b": map[string]any{"a": 2}, "c": 3})
	require.Contains(t, get(t, srv, "", "/rentals?fields=b,c,zzz").body, `[{"b":{"a":2},"c":3,"id":1}]`)
}

func TestCollection_Summaries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shows []string
		want  string
	}{{[]string{"a"}, `[{"a":1,"id":1}]`}, {[]string{}, `[{"id":1}]`}, {nil, `[{"a":1,"b":2,"id":1,"updated_at"`}} {
		srv := setup(t, remotetest.Config{Style: remotetest.Style{Summary: c.shows}}, 0)
		srv.Collection("rentals").Put(remotetest.Record{"id": 1, "a": 1, "b": 2})
		require.Contains(t, get(t, srv, "", "/rentals").body, c.want)
		require.Contains(t, get(t, srv, "", "/rentals/1").body, `{"a":1,"b":2,"id":1`)
	}
}

func TestCollection_GenerateDependsOnTheSeedOnly(t *testing.T) {
	t.Parallel()
	record := func(i int, r *rand.Rand) remotetest.Record {
		return remotetest.Record{"id": fmt.Sprintf("%08x-%d", r.Uint32(), i)}
	}
	ids := func(seed uint64, first, second string) []any {
		srv := setup(t, remotetest.Config{Seed: seed}, 0)
		srv.Collection(first).Generate(3, record)
		srv.Collection(second).Generate(3, record)
		return srv.Collection("a").IDs()
	}
	require.Equal(t, ids(1, "a", "b"), ids(1, "b", "a"))
	require.NotEqual(t, ids(1, "a", "b"), ids(2, "a", "b"))
}

func TestCollection_MistakesPanic(t *testing.T) {
	t.Parallel()
	c := setup(t, remotetest.Config{}, 1).Collection("rentals")
	for want, mistake := range map[string]func(){
		"remotetest: rentals: record map[] has no id":          func() { c.Put(remotetest.Record{}) },
		`remotetest: rentals: record {"a":1} has no id`:        func() { c.PutRaw(`{"a":1}`) },
		`remotetest: rentals: record {"id":null} has no id`:    func() { c.PutRaw(`{"id":null}`) },
		"remotetest: rentals: no record 7":                     func() { c.Delete(7) },
		`remotetest: rentals: no record "1"`:                   func() { c.Update("1", nil) },
		"remotetest: rentals: record 1: its id can't become 2": func() { c.Update(1, remotetest.Record{"id": 2}) },
	} {
		require.PanicsWithValue(t, want, mistake)
	}
	require.Panics(t, func() { c.PutRaw(`not JSON`) })
	require.Panics(t, func() { c.Put(remotetest.Record{"id": 1, "f": func() {}}) })
	require.Equal(t, 1, c.Len())
}
