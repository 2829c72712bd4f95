package live_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

// A connection goes on where another one of the same peer has brought it, and is refused where
// that position was acknowledged and the peer is behind it again and again.
func TestContract_C387_AheadByAnotherConnection(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, _ string) {
		center := newSite(t, answers, peer.Config{MaxChanges: 1}, live.Config{})
		dial := center.listen(t, live.Frames32)
		slow, quick := dialRaw(t, dial), dialRaw(t, dial)
		slow.meet(t, "one-peer")
		quick.meet(t, "one-peer")
		center.add(t, count("note", 9)...)
		// take reads a batch, and takes says that it was taken.
		take := func(r *raw) (id int64, b peer.Batch) {
			m := r.until(t, "changes")
			require.NoError(t, json.Unmarshal(m.Body, &b))
			return m.ID, b
		}
		takes := func(r *raw, id, upto int64) {
			r.say(t, fmt.Sprintf(`{"type":"acknowledge","re":%d,"body":{"received":%d,"processed":%d}}`, id, upto, upto))
		}
		first, _ := take(slow)
		second, b := take(slow)
		for upto := int64(0); upto < 9; {
			id, b := take(quick)
			upto = b.Upto
			takes(quick, id, upto)
		}
		waitFor(t, func() bool {
			all, err := center.p.Status(t.Context())
			require.NoError(t, err)
			return len(all) == 1 && all[0].Delivered == 9
		})
		takes(slow, first, 1)
		takes(slow, second, b.Upto)
		center.add(t, "the tenth")
		id, b := take(slow)
		require.EqualValues(t, 9, b.After, "what the other connection took is not sent again")
		require.Len(t, b.Changes, 1)

		// It has less than it acknowledged, whatever it is sent.
		for range 9 {
			slow.say(t, fmt.Sprintf(`{"type":"error","re":%d,"body":{"protocol":%q,"status":409,"error":"behind","expected":2}}`, id, peer.Protocol))
			m, err := slow.next()
			require.NoError(t, err)
			if m.Type == "error" {
				require.Contains(t, string(m.Body), "restored from an older copy")
				require.Contains(t, string(m.Body), "412")
				return
			}
			id = m.ID
		}
		t.Fatal("nobody was told")
	})
}
