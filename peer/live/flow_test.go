package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

func TestContract_C382_SlowPeersAreWaitedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, _ string) {
		hold := make(chan struct{})
		center := newSite(t, answers, peer.Config{MaxChanges: 1, Authorize: func(ctx context.Context, _ journal.Change, _ peer.Remote) error {
			select {
			case <-hold:
			case <-ctx.Done():
			}
			return nil
		}}, live.Config{})
		center.add(t, count("note", 9)...)
		r := dialRaw(t, center.listen(t, live.Frames32))
		r.meet(t, "a-slow-one")
		var ids []int64
		for range 2 {
			ids = append(ids, r.until(t, "changes").ID)
		}
		for n := range 3 { // answers come, and no third batch
			r.say(t, fmt.Sprintf(`{"type":"unknown","id":%d}`, 100+n))
			m, err := r.next()
			require.NoError(t, err)
			require.Equal(t, "error", m.Type)
		}
		r.say(t, fmt.Sprintf(`{"type":"acknowledge","re":%d,"body":{"received":1,"processed":1}}`, ids[0]))
		var b peer.Batch
		require.NoError(t, json.Unmarshal(r.until(t, "changes").Body, &b))
		require.EqualValues(t, 2, b.After)

		// And who sends more than is taken is stopped.
		for n := range 4 {
			after := n
			if n == 0 {
				after = -1 // it is taken, and waits
			}
			r.say(t, fmt.Sprintf(`{"type":"changes","id":%d,"body":{"after":%d,"upto":%d,"changes":[{"seq":%[3]d,"last":true,"origin":"a-slow-one","origin_seq":%[3]d,"model":"notes","row":{"origin":"a-slow-one","key":["%[3]d"]},"op":"create","new":{"text":"x"},"version":"%[3]d-a-slow-one","at":"2026-01-02T03:04:05Z"}]}}`, 10+n, after, n+1))
		}
		status, text := r.trouble(t)
		require.Equal(t, 400, status, text)
		require.Contains(t, text, "more than 2 batches")
		close(hold)
	})
}

func TestContract_C383_NonsenseEndsItsConnectionAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		center, one := newSite(t, answers, peer.Config{}, live.Config{MaxMessageBytes: 50_000}), newSite(t, connects, peer.Config{}, live.Config{})
		dial := center.listen(t, live.Frames32)
		one.connect(t, live.Target{Name: "center", Dial: dial})
		for text, reason := range map[string]string{
			"":                           "a frame of 0 bytes",
			"{":                          "message",
			`[]`:                         "message",
			`{"id":1}`:                   `type ""`,
			`{"type":"x"}`:               "no messages of type",
			`{"type":"hello","body":{}}`: "once",
			`{"type":"acknowledge","re":7,"body":{}}`:                         "waits for none",
			`{"type":"acknowledge","body":{"received":1,"processed":2}}`:      "receipt",
			`{"type":"changes","id":1,"body":{"after":3,"upto":2}}`:           "from 3 to 2",
			`{"type":"` + strings.Repeat("x", 100) + `"}`:                     "type",
			`{"type":"ping","type":"pong"}`:                                   "duplicate",
			`{"type":"page","id":1,"body":{"from":-1}}`:                       "snapshot",
			`{"type":"changes","body":"` + strings.Repeat("x", 60_000) + `"}`: "50000",
		} {
			r := dialRaw(t, dial)
			r.meet(t, "nonsense")
			if len(text) > 50_000 { // its length is enough
				_, err := r.conn.Write([]byte{0, 0, 0xea, 0x60})
				require.NoError(t, err)
			} else {
				r.say(t, text)
			}
			status, told := r.trouble(t)
			require.Equal(t, reason == "no messages of type", status == 404, "%.80s: %d %s", text, status, told)
			require.Contains(t, told, reason, "%.80s", text)
			_, err := r.next()
			require.Error(t, err, "it is closed")
		}
		r := dialRaw(t, dial) // a flood of what wants an answer
		r.meet(t, "nonsense")
		_, _ = r.conn.Write([]byte(strings.Repeat("\x00\x00\x00\x0f"+`{"type":"ping"}`, 50_000)))
		waitFor(t, func() bool { return strings.Contains(center.errors(), "read before you send more") })

		r = dialRaw(t, dial) // somebody who is not known may say little
		_, err := r.conn.Write([]byte{0, 0, 0x60, 0})
		require.NoError(t, err)
		_, told := r.trouble(t)
		require.Contains(t, told, "16384")
		one.add(t, "a")
		agree(t, []string{"a"}, center, one)
		require.Empty(t, one.errors())
	})
}

func TestContract_C387_SeveralConnectionsOfOnePeer(t *testing.T) {
	onBoth(t, func(t *testing.T, answers, connects string) {
		small := peer.Config{MaxChanges: 2}
		center, one := newSite(t, answers, small, live.Config{}), newSite(t, connects, small, live.Config{})
		dial := center.listen(t, live.Frames32)
		other := &site{Bundle: one.Bundle, j: one.j, p: one.p}
		other.open(t, live.Config{})
		one.connect(t, live.Target{Name: "center", Dial: dial})
		other.connect(t, live.Target{Name: "center", Dial: dial})
		waitFor(t, func() bool { return len(center.n.Connected()) == 2 })
		one.add(t, count("one", 15)...)
		center.add(t, count("center", 15)...)
		agree(t, append(count("center", 15), count("one", 15)...), center, one)
		one.Execute(t, "UPDATE notes SET stars = 1")
		waitFor(t, func() bool { return center.Column(t, "SELECT count(*) FROM notes WHERE stars = 1")[0] == "30" })
		require.Empty(t, center.errors()+one.errors()+other.errors())

		for range 8 {
			dialRaw(t, dial).meet(t, "many")
		}
		waitFor(t, func() bool { return len(center.n.Connected()) == 10 })
		r := dialRaw(t, dial)
		r.meet(t, "many")
		status, text := r.trouble(t)
		require.Equal(t, 429, status)
		require.Contains(t, text, "has 8 connections already")
	})
}
