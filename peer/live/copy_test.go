package live_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

func TestContract_C349_CopiesOfOneGUID(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		center := newSite(t, answers, peer.Config{}, live.Config{})
		first, second := newSite(t, connects, peer.Config{}, live.Config{}), newSite(t, connects, peer.Config{}, live.Config{})
		second.Execute(t, "UPDATE synced_journal_state SET guid = '"+first.p.GUID()+"'")
		ctx := context.Background()
		var err error
		second.j, err = journal.Open(ctx, second.DB, journal.Config{Tables: []journal.Table{{Name: "notes"}}})
		require.NoError(t, err)
		second.p, err = peer.New(ctx, second.DB, second.j, peer.Config{Models: []peer.Model{{Table: "notes"}}})
		require.NoError(t, err)
		second.open(t, live.Config{})

		url := center.serve(t)
		first.add(t, "a", "b")
		first.connect(t, live.Target{Name: "center", URL: url})
		agree(t, []string{"a", "b"}, center)
		first.shut(t)
		require.Empty(t, center.errors())
		second.add(t, "x", "y")
		require.ErrorContains(t, <-second.connect(t, live.Target{Name: "center", URL: url}), "NewInstallation")
		waitFor(t, func() bool { return center.errors() != "" })
		require.Contains(t, center.errors(), "NewInstallation")
		agree(t, []string{"a", "b"}, center)
	})
}
