package offsets_test

import (
	"encoding/base64"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/offsets"
)

func coat(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestIn(t *testing.T) {
	t.Parallel()
	for cursor, want := range map[string]bool{
		"25": true, "2": true, "0": true, coat("25"): true, coat("1"): true, coat(coat("25")): true,
		coat("offset:25"): true, "offset=25&limit=25": true, "page:2": true, coat("page=2"): true, coat("o=25"): true, "p2": false, "p=2": true,
		coat(`{"offset":25}`): true, coat(`{"a":{"page":2},"b":[]}`): true, `{"skip":"25"}`: true, coat("arrayconnection:24"): true,
		base64.RawURLEncoding.EncodeToString([]byte(`{"offset":25,"q":"?>"}`)): true, url.QueryEscape(coat(`{"offset":25}`)): true,
		"cursor:25": true, coat("c25"): true,

		"": false, "98273645": false, "1767268800": false, "9f8d7c6b5a4e": false, coat(`{"after":25}`): false, coat(`{"id":25,"sort":"id"}`): false,
		"id:25": false, coat("after_25"): false, "cus_NffrFeUfNV2Hib": false, "2026-01-01T00:00:00Z": false, coat(`["2026-01-01",25]`): false,
		coat(`{"start":"2026-01-01"}`): false, coat(`{"from":1767268800}`): false, "cursor:7": false, "aGk": false, "{": false, coat(`{"offset":2.5}`): false,
	} {
		require.Equal(t, want, offsets.In(cursor, 25), cursor)
	}
}
