package live_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

func TestContract_C380_ChangesGoBothWaysAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		center := newSite(t, answers, peer.Config{}, live.Config{})
		one, two := newSite(t, connects, peer.Config{}, live.Config{}), newSite(t, answers, peer.Config{}, live.Config{})
		center.add(t, "a")
		one.add(t, "b")
		one.connect(t, live.Target{URL: center.serve(t)})
		two.connect(t, live.Target{Name: "center", Dial: center.listen(t, live.Frames32), Authorization: "Bearer token of two"})
		agree(t, []string{"a", "b"}, center, one, two)

		one.Execute(t, "UPDATE notes SET text = 'A' WHERE text = 'a'")
		agree(t, []string{"A", "b"}, center, one, two)
		two.Execute(t, "DELETE FROM notes WHERE text = 'b'")
		two.add(t, "c")
		agree(t, []string{"A", "c"}, center, one, two)

		// The creator knows the key of the other side, and both sides know where they stand.
		id := "SELECT id FROM notes WHERE text = 'c'"
		key, err := two.j.Key("notes", journal.Row{"id": json.Number(two.Column(t, id)[0])})
		require.NoError(t, err)
		waitFor(t, func() bool {
			theirs, known, err := two.p.KeyOn(t.Context(), center.p.GUID(), "notes", key)
			return err == nil && known && theirs == center.Column(t, id)[0]
		})
		last, err := two.p.Last(t.Context())
		require.NoError(t, err)
		waitFor(t, func() bool {
			list, err := two.p.Status(context.Background())
			return err == nil && len(list) == 1 && list[0].Waiting == 0 && list[0].Done == last
		})
		require.Empty(t, center.errors()+one.errors()+two.errors())
		require.Len(t, center.n.Connected(), 2)
	})
}
