package rest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// invalidTexts are bodies of which one record, or something else, is no valid JSON.
var invalidTexts = []struct {
	name, body, objects string // "" for an error
	invalid             int
}{
	{"half a pair", `{"rentals":[{"id":1},{"id":2,"name":"a\ud83d"},{"id":3}]}`, `{"id":1} {"id":2,"name":"a\ud83d"} {"id":3}`, 1},
	{"the other half", `{"rentals":[{"id":2,"name":"\ude00\u0041"}]}`, `{"id":2,"name":"\ude00\u0041"}`, 1},
	{"no UTF-8", "{\"rentals\":[{\"id\":1,\"name\":\"\xff\xc3\"},{\"id\":3}]}", `{"id":1,"name":"\udcff\udcc3"} {"id":3}`, 1},
	{"one name twice", `{"rentals":[{"id":1},{"id":2,"a":1,"a":{"]":2}}],"meta":{}}`, `{"id":1} {"id":2,"a":1,"a":{"]":2}}`, 1},
	{"in a name, nested", `{"meta":{"x":[{"y":1}]},"rentals":[{"id":1,"more":[{"\ud83d":"]}"}]}]}`, `{"id":1,"more":[{"\ud83d":"]}"}]}`, 1},
	{"two lists", `{"rentals":[{"id":1}],"rentals":[{"id":2,"name":"\ud83d"}]}`, "", 0},
	{"beside the records", `{"rentals":[{"id":1}],"meta":{"who":"\ud83d"}}`, "", 0},
	{"beside an invalid record", `{"rentals":[{"id":1,"name":"\ud83d"}],"meta":{"who":1,"who":2}}`, "", 0},
	{"cut short", `{"rentals":[{"id":1,"name":"\ud83d"},{"id":2`, "", 0},
	{"no JSON", `{"rentals":[{"id":1,"name":"\ud83d"},{"id":02}]}`, "", 0},
}

// listedOf returns the objects of the only page of a body.
func listedOf(t *testing.T, body string, mend bool) (objects []remote.Object, err error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	defer srv.Close()
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Retry: wire.Retry{Max: -1}, ReplaceInvalid: mend})
	require.NoError(t, err)
	for page, err := range api.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
		if err != nil {
			return nil, err
		}
		objects = append(objects, page.Objects...)
	}
	return objects, nil
}

func TestInvalidRecords(t *testing.T) {
	t.Parallel()
	for _, c := range invalidTexts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			objects, err := listedOf(t, c.body, false)
			if c.objects == "" {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			text, invalid := "", 0
			for i, o := range objects {
				if i > 0 {
					text += " "
				}
				if text += string(o.Raw()); o.Err() != nil {
					invalid++
				}
				_, ok := o.Lookup("id")
				require.True(t, ok)
			}
			require.Equal(t, c.objects, text)
			require.Equal(t, c.invalid, invalid)
		})
	}
}

func TestReplaceInvalid(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"rentals":[{"id":2,"name":"a\ud83d"}]}`:                                     `{"id":2,"name":"a\ufffd"}`,
		`{"rentals":[{"id":2,"name":"\ude00\ud83d\ude00\\ud83d\uD83D\uDE00\u00e9"}]}`: `{"id":2,"name":"\ufffd\ud83d\ude00\\ud83d\uD83D\uDE00\u00e9"}`,
		"{\"rentals\":[{\"id\":2,\"name\":\"é\xff€\"}],\"meta\":\"\xc3\"}":            `{"id":2,"name":"é\ufffd€"}`,
	} {
		objects, err := listedOf(t, body, true)
		require.NoError(t, err)
		require.Len(t, objects, 1)
		require.NoError(t, objects[0].Err())
		require.Equal(t, want, string(objects[0].Raw()))
	}
	objects, err := listedOf(t, `{"rentals":[{"id":2,"a":1,"a":"\ud83d"}]}`, true)
	require.NoError(t, err)
	require.ErrorContains(t, objects[0].Err(), "duplicate", "a text is mended, and nothing else")
}
