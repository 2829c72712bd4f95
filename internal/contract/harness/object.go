package harness

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Nested is an object within another.
type Nested = map[string]any

// Object returns v as an object of a page.
func Object(t testing.TB, v map[string]any) remote.Object {
	t.Helper()
	o, err := remote.ObjectOf(v)
	require.NoError(t, err)
	return o
}

// Parsed parses objects.
func Parsed(t testing.TB, raw ...string) []remote.Object {
	t.Helper()
	list := []remote.Object{}
	for _, text := range raw {
		o, err := remote.ParseObject([]byte(text))
		require.NoError(t, err)
		list = append(list, o)
	}
	return list
}

// Objects returns records as a caller gives them.
func Objects(t testing.TB, b *Bundle, records ...remotetest.Record) []remote.Object {
	t.Helper()
	list := []remote.Object{}
	for _, r := range records {
		c := b.Server.Collection("made")
		c.Put(r)
		raw, _ := c.Raw(r["id"])
		o, err := remote.ParseObject([]byte(raw))
		require.NoError(t, err)
		list = append(list, o)
	}
	return list
}
