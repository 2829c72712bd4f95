package exports_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// A list in windows of time is an export for each window, and the time moves with them.
func TestContract_C206_AnExportForEachWindow(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const day = 24 * time.Hour
		b.Server = remotetest.New(remotetest.Config{
			Token: harness.Token, Style: remotetest.Style{Format: remotetest.AsNDJSON}, Export: &remotetest.Export{},
			Since: remotetest.Since{Param: "from", Until: "to", Window: 10 * day},
		})
		t.Cleanup(b.Server.Close)
		for id := range 3 {
			b.Server.Collection("rentals").Put(remotetest.Record{"id": id + 1, "name": "a"})
			b.Server.Advance(10 * day)
		}
		api, err := rest.NewClient(rest.Config{
			BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), Clock: b.Server.Clock(), SyncedAtPath: "started_at",
			Since: rest.Since{Param: "from", Until: "to", Window: 10 * day},
			Body:  rest.NDJSON{}, Export: func() *rest.Export { e := export(); e.Hosts = []string{b.Server.Files()}; return e }(),
		})
		require.NoError(t, err)
		d := harness.Stripped(api)
		d.Strategy, d.Tombstone = strategy.UpdatedSince{Initial: remotetest.Start}, func(remote.Object) bool { return false }
		model := harness.Model(t, b, d)
		// The second window's file is lost: the first one's rows and time stay.
		b.Server.Fault(remotetest.Fault{Collection: "files/2/1", Status: 404})
		result, err := model.Synchronize(t.Context(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.Equal(t, 1, result.Created)
		b.Server.ResetLog()
		require.Equal(t, 2, harness.Sync(t, model, synced.In(1)).Created)
		starts := slices.DeleteFunc(b.Server.Log(), func(r remotetest.Request) bool { return r.Collection != "rentals" })
		require.NotEmpty(t, starts)
		from, err := time.Parse(time.RFC3339, starts[0].Query.Get("from"))
		require.NoError(t, err)
		require.WithinDuration(t, remotetest.Start.Add(10*day), from, time.Minute, "it goes on at the second window")
		require.Zero(t, b.Server.Exports())
	})
}
