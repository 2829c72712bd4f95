package windows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// New refuses what can't go together with an API that lists windows, and so does a run
// whose API is told only then.
func TestContract_C181_SettingsThatDoNotGoTogether(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := spanned(t, b, 1, remotetest.Config{})
		api, err := rest.NewClient(s.config)
		require.NoError(t, err)
		initial := remotetest.Start
		const windows = "the API lists at most 239h59m58s of changes at once (rest.Since.Window), "
		const noBeginning = windows + "so that the first run must know where to begin: declare strategy.UpdatedSince with Initial, the time of the oldest change"
		for _, c := range []struct {
			strategy strategy.Strategy
			times    timestamp.Strategy
			api      remote.API
			want     string
		}{
			{strategy.UpdatedSince{}, nil, api, noBeginning},
			{strategy.Full{}, nil, api, noBeginning},
			{strategy.Check{}, nil, api, noBeginning},
			{strategy.Position{}, nil, api, windows + "which strategy position does not ask for: use strategy.UpdatedSince, or an API without Window"},
			{&strategy.Position{}, nil, api, windows + "which strategy position does not ask for: use strategy.UpdatedSince, or an API without Window"},
			{strategy.UpdatedSince{Initial: initial, Retention: 90 * day}, nil, api, "the API lists windows of time (rest.Since.Window), which never prove that a record is gone: leave Retention out"},
			{strategy.UpdatedSince{Initial: initial, Tolerance: 10 * day}, nil, api, "the tolerance, 240h0m0s, is as long as the longest window of the API, 239h59m58s: give less"},
			{strategy.UpdatedSince{Initial: initial, NewestFirst: true}, timestamp.PerRecord{}, api, "NewestFirst needs timestamp.PerScope, which can keep how far back the changes were asked for"},
			{strategy.UpdatedSince{Initial: initial, NewestFirst: true}, nil, b.API, "NewestFirst is for an API that lists windows of time, and this one does not: set rest.Since.Window, or leave it out"},
		} {
			d := harness.Rentals()
			d.Strategy, d.Timestamps, d.API = c.strategy, c.times, c.api
			_, err := synced.New(context.Background(), b.DB, d)
			require.EqualError(t, err, "synced: rentals: "+c.want)
		}

		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{}))
		_, err = rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: api})
		require.EqualError(t, err, "synced: rentals (account_id 1): "+noBeginning)
		d := harness.Incremental(strategy.UpdatedSince{InitialFor: func(any) time.Time { return time.Time{} }})
		d.API = api
		_, err = harness.Bind(t, b, d).Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: rentals (account_id 1): the API lists windows of time (rest.Since.Window), and strategy.UpdatedSince.InitialFor returned no time for this scope: return that of its oldest change")
		require.Zero(t, s.srv.Requests())
	})
}
