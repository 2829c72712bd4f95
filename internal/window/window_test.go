package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/syncedgo/synced/internal/window"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// all returns the windows of a walk.
func all(w window.Walk) []window.Window {
	list := []window.Window{w.First()}
	for {
		next, more := w.After(list[len(list)-1])
		if !more {
			return list
		}
		list = append(list, next)
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	h := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	for name, c := range map[string]struct {
		walk window.Walk
		want []window.Window
	}{
		"one":          {window.Walk{Longest: 3 * time.Hour, From: h(0), Until: h(3)}, []window.Window{{From: h(0), Until: h(3)}}},
		"some":         {window.Walk{Longest: 3 * time.Hour, From: h(0), Until: h(7)}, []window.Window{{From: h(0), Until: h(3)}, {From: h(3), Until: h(6)}, {From: h(6), Until: h(7)}}},
		"with overlap": {window.Walk{Longest: 3 * time.Hour, Overlap: time.Hour, From: h(0), Until: h(6)}, []window.Window{{From: h(0), Until: h(3)}, {From: h(2), Until: h(5)}, {From: h(4), Until: h(6)}}},
		"and back": {window.Walk{Longest: 3 * time.Hour, From: h(8), Until: h(9), OldFrom: h(1), OldUntil: h(8)},
			[]window.Window{{From: h(8), Until: h(9)}, {From: h(5), Until: h(8), Old: true}, {From: h(2), Until: h(5), Old: true}, {From: h(1), Until: h(2), Old: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, all(c.walk))
		})
	}
}

// The windows of a walk cover both of its spans, and none is longer than it may be.
func TestWalk_CoversAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := func(name string, from, to int) time.Duration {
			return time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Second
		}
		w := window.Walk{Longest: seconds("longest", 2, 50), From: noon}
		w.Overlap = min(seconds("overlap", 0, 10), w.Longest-time.Second)
		w.Until = noon.Add(seconds("span", 1, 200))
		w.OldUntil = noon
		w.OldFrom = noon.Add(-seconds("old", 0, 200))
		at, oldest := noon, noon
		for _, one := range all(w) {
			require.LessOrEqual(t, one.Until.Sub(one.From), w.Longest)
			require.Positive(t, one.Until.Sub(one.From))
			if one.Old {
				require.Equal(t, oldest, one.Until)
				oldest = one.From
				continue
			}
			require.False(t, one.From.After(at))
			at = one.Until
		}
		require.Equal(t, w.Until, at)
		require.Equal(t, w.OldFrom, oldest)
	})
}
