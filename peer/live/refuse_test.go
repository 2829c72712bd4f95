package live_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

func TestContract_C386_WhoIsRefusedHearsWhy(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		center, one := newSite(t, answers, peer.Config{}, live.Config{}), newSite(t, connects, peer.Config{}, live.Config{})
		url, dial := center.serve(t), center.listen(t, live.Frames32)

		// A newer protocol, of who connects and of who answers.
		r := dialRaw(t, dial)
		r.say(t, hello("from-the-future", "2.0"))
		status, text := r.trouble(t)
		require.Equal(t, 426, status)
		require.Contains(t, text, "newer protocol")
		waitFor(t, func() bool { return strings.Contains(center.errors(), "newer protocol") })
		ours, theirs := net.Pipe()
		told := make(chan string, 1)
		go func() {
			r := &raw{theirs}
			_, _ = r.next()
			r.say(t, hello("from-the-future", "2.0"))
			m, _ := r.next()
			told <- string(m.Body)
		}()
		err := one.n.Connect(t.Context(), live.Target{Name: "future", Dial: func(context.Context) (net.Conn, error) { return ours, nil }})
		require.ErrorIs(t, err, peer.ErrNewer)
		require.Contains(t, <-told, "newer protocol")

		for _, target := range []live.Target{{URL: url}, {Name: "center", Dial: dial}} {
			target.Authorization = "Bearer wrong"
			err := <-one.connect(t, target)
			var refused *live.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, 401, refused.Status)
			require.Contains(t, refused.Reason, "unknown peer: give the credentials")
			target.Authorization, target.Decides = "", true
			err = <-one.connect(t, target)
			require.ErrorAs(t, err, &refused)
			require.Equal(t, 400, refused.Status)
			require.Contains(t, refused.Reason, "each of the two would decide")
		}
		require.Error(t, <-one.connect(t, live.Target{}))

		// Something else answers there.
		h, err := peer.NewHandler(center.p, peer.HandlerConfig{Authenticate: peer.Bearer(map[string]string{"one": "token of one"})})
		require.NoError(t, err)
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		one.connect(t, live.Target{URL: srv.URL + "/live"})
		waitFor(t, func() bool { return strings.Contains(one.errors(), "(404): no such path") })
		other := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(other.Close)
		one.connect(t, live.Target{URL: other.URL + "/nobody"})
		waitFor(t, func() bool {
			return strings.Contains(one.errors(), other.URL+`/nobody, but "404 page not found\n": check the URL`)
		})
		require.NotContains(t, center.errors()+one.errors(), "token of")
		require.Empty(t, center.n.Connected())
	})
}

func TestContract_C388_RegisteredMessages(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		heard := make(chan string, 1)
		center := newSite(t, answers, peer.Config{}, live.Config{Messages: map[string]func(context.Context, peer.Remote, []byte) error{
			"greet": func(_ context.Context, from peer.Remote, body []byte) error {
				heard <- from.Name + ": " + string(body)
				return nil
			},
			"refuse": func(context.Context, peer.Remote, []byte) error { return errors.New("not today") },
		}})
		one := newSite(t, connects, peer.Config{}, live.Config{})
		require.ErrorIs(t, one.n.Send(t.Context(), center.p.GUID(), "greet", "hi"), live.ErrNotConnected)
		one.connect(t, live.Target{URL: center.serve(t)})
		waitFor(t, func() bool { return len(one.n.Connected()) == 1 && len(center.n.Connected()) == 1 })
		require.NoError(t, one.n.Send(t.Context(), center.p.GUID(), "greet", map[string]int{"n": 1}))
		require.Equal(t, `one: {"n":1}`, <-heard)
		for typ, reason := range map[string]string{"refuse": "not today", "nothing": `no messages of type "nothing"`} {
			var refused *live.RefusedError
			require.ErrorAs(t, one.n.Send(t.Context(), center.p.GUID(), typ, nil), &refused)
			require.Contains(t, refused.Reason, reason)
		}
		require.ErrorContains(t, one.n.Send(t.Context(), center.p.GUID(), "greet", strings.Repeat("x", 100_000)), "at most 65536")
		_, err := live.New(one.p, live.Config{Messages: map[string]func(context.Context, peer.Remote, []byte) error{"changes": nil}})
		require.ErrorContains(t, err, "can't be registered")
		one.add(t, "a")
		agree(t, []string{"a"}, center)
		require.Empty(t, center.errors()+one.errors())
	})
}

func TestContract_C389_FramesOf16Bits(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		center, one := newSite(t, answers, peer.Config{}, live.Config{}), newSite(t, connects, peer.Config{}, live.Config{})
		long := strings.Repeat("x", 9000)
		for _, text := range count(long, 20) {
			one.add(t, text)
		}
		one.connect(t, live.Target{Name: "center", Dial: center.listen(t, live.Frames16), Frames: live.Frames16})
		agree(t, count(long, 20), center)
		center.Execute(t, "DELETE FROM notes")
		agree(t, []string{}, one)
		require.Empty(t, center.errors()+one.errors())
		one.add(t, strings.Repeat("x", 70_000))
		waitFor(t, func() bool { return strings.Contains(one.errors(), "use frames of 32 bits") })
	})
}
