package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

func TestContract_C395_VersionsThatNobodyMakes(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, _ string) {
		center := newSite(t, handler, "center", peer.Config{})
		srv := center.serve(t, peer.HandlerConfig{})
		hello := func(guid string) (int, string) {
			return ask(t, srv, "POST", "/hello", "", fmt.Sprintf(`{"protocol":"1.0","guid":%q}`, guid), nil)
		}
		status, text := hello("g 1")
		require.Equal(t, 403, status, text)
		status, text = hello("g1")
		require.Equal(t, 200, status, text)
		send := func(version, base string) (int, string) {
			return ask(t, srv, "POST", "/changes", "g1", fmt.Sprintf(`{"after":-1,"upto":1,"changes":[{"seq":1,"last":true,"origin":"g1","origin_seq":1,`+
				`"model":"tags","row":{"key":["red"]},"op":"create","new":{"name":"red"},"version":%q,"bases":[%q]}]}`, version, base), nil)
		}
		for _, wrong := range []string{"9223372036854775807-g1", "4611686018427387905-g1", "1-g 1", "-1-g1", "1", "x-g1", "1-"} {
			status, text = send(wrong, "1-g1")
			require.Equal(t, 400, status, text)
			require.Contains(t, text, "no version")
			status, text = send("2-g1", wrong)
			require.Equal(t, 400, status, text)
		}
		// The latest that is taken leaves room.
		status, text = send("4611686018427387904-g1", "1-g1")
		require.Equal(t, 200, status, text)
		center.Execute(t, "UPDATE tags SET color = 'here'")
		n := 0
		for c, err := range center.j.Changes(t.Context(), 0) {
			require.NoError(t, err)
			if n++; n == 2 {
				require.Equal(t, int64(4611686018427387905), c.Version.Time)
			}
		}
		require.Equal(t, 2, n)
	})
}
