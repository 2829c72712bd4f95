package live_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

// count makes texts in order.
func count(name string, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%s%02d", name, i))
	}
	return list
}

func TestContract_C381_LostConnectionsAreResumed(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		small := peer.Config{MaxChanges: 3}
		center, one := newSite(t, answers, small, live.Config{}), newSite(t, connects, small, live.Config{})
		// Rows from before the journal come as a snapshot.
		require.NoError(t, center.j.Uninstall(t.Context()))
		center.add(t, count("old", 5)...)
		require.NoError(t, center.j.Install(t.Context()))
		center.add(t, count("center", 9)...)
		one.add(t, count("one", 9)...)
		one.connect(t, live.Target{Name: "center", Dial: cutting(center.listen(t, live.Frames32), 100, 577, 9)})
		want := slices.Sorted(slices.Values(slices.Concat(count("old", 5), count("center", 9), count("one", 9))))
		agree(t, want, center, one)
		waitFor(t, func() bool { return len(one.n.Connected()) == 1 })
		one.Execute(t, "UPDATE notes SET stars = 1")
		waitFor(t, func() bool {
			return center.Column(t, "SELECT count(*) FROM notes WHERE stars = 1")[0] == fmt.Sprint(len(want))
		})
		require.Contains(t, one.errors(), "closed network connection")
		require.Contains(t, center.errors(), "EOF")
		for _, s := range []*site{center, one} {
			failures, err := s.p.Failures(t.Context())
			require.NoError(t, err)
			require.Empty(t, failures)
			conflicts, err := s.p.Conflicts(t.Context())
			require.NoError(t, err)
			require.Empty(t, conflicts)
		}
	})
}

func TestContract_C384_HalfOpenConnectionsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, _ string) {
		center := newSite(t, answers, peer.Config{}, live.Config{Ping: 300 * time.Millisecond})
		r := dialRaw(t, center.listen(t, live.Frames32))
		r.meet(t, "a-half")
		for range 2 {
			r.until(t, "ping")
			r.say(t, `{"type":"pong"}`)
		}
		require.Len(t, center.n.Connected(), 1)
		waitFor(t, func() bool { return len(center.n.Connected()) == 0 }) // it neither reads nor writes
		waitFor(t, func() bool { return center.errors() != "" })
		require.Contains(t, center.errors(), "timeout")
	})
}

func TestContract_C385_CloseEndsWhatIsInFlight(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		single := peer.Config{MaxChanges: 1}
		center, one := newSite(t, answers, single, live.Config{}), newSite(t, connects, single, live.Config{})
		one.add(t, count("one", 12)...)
		center.add(t, count("center", 12)...)
		url := center.serve(t)
		done := one.connect(t, live.Target{URL: url})
		waitFor(t, func() bool { return len(center.rows(t)) > 12 && len(one.rows(t)) > 12 })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		require.NoError(t, one.n.Close(ctx))
		require.NoError(t, <-done)
		require.ErrorContains(t, one.n.Send(ctx, center.p.GUID(), "any", nil), "not connected")
		for _, pair := range [][2]*site{{one, center}, {center, one}} {
			ours, err := pair[0].p.Status(t.Context())
			require.NoError(t, err)
			theirs, err := pair[1].p.Status(t.Context())
			require.NoError(t, err)
			require.NotZero(t, ours[0].Delivered)
			require.Equal(t, theirs[0].Received, ours[0].Delivered, "both know the same")
		}
		require.Empty(t, center.errors()+one.errors())

		one.open(t, live.Config{})
		one.connect(t, live.Target{URL: url})
		agree(t, slices.Concat(count("center", 12), count("one", 12)), center, one)
	})
}
