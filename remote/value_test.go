package remote_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

func TestValue_Kind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]byte{
		"null": 'n', "true": 't', "false": 'f', `"a"`: '"', "-1.5": '0', "0": '0', "9": '0', "{}": '{', " \n[1]": '[', "": 0, " ": 0, "x": 0, "]": 0,
	} {
		require.Equal(t, want, remote.Value(text).Kind(), "%q", text)
	}
}

func TestValue_JSON(t *testing.T) {
	t.Parallel()
	const list = `[1.00,12345678901234567890,"\u0041",null,{"b":1,"a":2}]`
	var values []remote.Value
	require.NoError(t, json.Unmarshal([]byte(list), &values))
	require.Equal(t, "12345678901234567890", values[1].String())
	text, err := json.Marshal(values)
	require.NoError(t, err)
	require.Equal(t, list, string(text))
	text, err = json.Marshal([]remote.Value{nil})
	require.NoError(t, err)
	require.Equal(t, "[null]", string(text))
}

func TestUncheckedObject(t *testing.T) {
	t.Parallel()
	o := remote.UncheckedObject([]byte(`{"id":7}`))
	id, err := remote.Get[int](o, "id")
	require.NoError(t, err)
	require.Equal(t, 7, id)
	var all map[string]any
	require.Error(t, remote.UncheckedObject([]byte(`{"id":7`)).Decode(&all), "where it is read")
}
