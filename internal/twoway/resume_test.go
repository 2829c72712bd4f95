package twoway_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

func TestContract_C396_AppliesWhatItHasStored(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := &link{client: newSite(t, "sqlite", ":memory:", "one", 7), handler: newSite(t, kind, ":memory:", "two", 7), check: func() {}}
			l.client.policy, l.handler.policy = peer.Keep, peer.Keep
			left := 0
			for n := range 30 {
				looks := 4 * n
				l.connect(t)
				g := &saga{labels: n, writes: n, accepted: map[*site][]string{}}
				l.client.write(t, g, []deed{{}}) // a new folder
				_, _ = l.exchange(t, killsHandler, 1, looks)
				stored := l.handler.query(t, "SELECT CAST(count(*) AS text) FROM synced_peer_inbox WHERE processed_at IS NULL")
				if stored[0] != "0" {
					left++
				}
				for range 2 { // the client has nothing else
					_, err := l.exchange(t, none, 0, 0)
					require.NoError(t, err)
				}
				require.Contains(t, l.handler.contents(t), fmt.Sprint("folders f", n+1), "killed after %d", looks)
			}
			require.Positive(t, left, "none was killed between")
		})
	}
}
