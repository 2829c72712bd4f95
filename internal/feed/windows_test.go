package feed_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/feed"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/stagetest"
	"github.com/syncedgo/synced/internal/window"
	"github.com/syncedgo/synced/remote"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

// hours is an API that lists one hour at a time, on so many pages, and fails in one.
type hours struct {
	pages int
	fails int // the hour
	mu    sync.Mutex
	begun []string
	open  int
	most  int // were open at once
	given int // pages that were taken or wait
}

func (h *hours) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		at := int(req.UpdatedSince.Sub(noon).Hours())
		h.mu.Lock()
		h.begun = append(h.begun, fmt.Sprint(at))
		h.open++
		h.most = max(h.most, h.open)
		h.mu.Unlock()
		defer func() {
			h.mu.Lock()
			h.open--
			h.mu.Unlock()
		}()
		for n := 1; n <= h.pages; n++ {
			if ctx.Err() != nil {
				return // as an API might
			}
			if h.fails == at && n == 2 {
				yield(&remote.Page{Number: n, Requests: 1}, errors.New("broken"))
				return
			}
			h.mu.Lock()
			h.given++
			h.mu.Unlock()
			if !yield(&remote.Page{Number: n, More: n < h.pages, Cursor: fmt.Sprint(at, " ", n), Requests: 1}, nil) {
				return
			}
		}
	}
}

// list reads windows one after the other.
func list(t *testing.T, h *hours, inFlight int, w window.Walk, joined bool) (pages []string, err error) {
	t.Helper()
	ws := feed.NewWindows(t.Context(), h, w, inFlight)
	ws.Joined = joined
	defer ws.Close()
	f := feed.Feed{API: h, Maker: &page.Maker{}, Windows: ws}
	for at, more := w.First(), true; more; at, more = w.After(at) {
		ws.At = at
		for p, err := range f.Pages(t.Context(), remote.Request{}) {
			if err != nil {
				return pages, err
			}
			pages = append(pages, fmt.Sprintf("%d %s", p.Number, p.Cursor))
		}
		if joined {
			break
		}
	}
	return pages, nil
}

func TestWindows_InOrder(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{0, 1, 3, 10} {
		h := &hours{pages: 2, fails: -1}
		got, err := list(t, h, inFlight, window.Walk{Longest: time.Hour, From: hour(2), Until: hour(4), OldFrom: hour(0), OldUntil: hour(2)}, false)
		require.NoError(t, err)
		require.Equal(t, []string{"1 2 1", "2 2 2", "1 3 1", "2 3 2", "1 1 1", "2 1 2", "1 0 1", "2 0 2"}, got)
		require.LessOrEqual(t, h.most, max(inFlight, 1))
		require.Zero(t, h.open)
	}
}

// No window on the way back is asked for before the way forwards is over.
func TestWindows_OldOnesWait(t *testing.T) {
	t.Parallel()
	h := &hours{pages: 1, fails: -1}
	w := window.Walk{Longest: time.Hour, From: hour(2), Until: hour(4), OldFrom: hour(0), OldUntil: hour(2)}
	ws := feed.NewWindows(t.Context(), h, w, 10)
	defer ws.Close()
	f := feed.Feed{API: h, Maker: &page.Maker{}, Windows: ws}
	for _, err := range f.Pages(t.Context(), remote.Request{}) {
		require.NoError(t, err)
	}
	ws.Close()
	require.NotContains(t, h.begun, "0")
	require.NotContains(t, h.begun, "1")
}

// The pages that wait are bounded, whatever a window has, and their end costs what was
// asked.
func TestWindows_AreBounded(t *testing.T) {
	t.Parallel()
	h := &hours{pages: 1000, fails: -1}
	ws := feed.NewWindows(t.Context(), h, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(100)}, 4)
	f := feed.Feed{API: h, Maker: stagetest.Maker(stagetest.Rentals(t)), Windows: ws}
	n := 0
	for _, err := range f.Pages(t.Context(), remote.Request{}) {
		require.NoError(t, err)
		if n++; n == 3 {
			break
		}
	}
	spent := ws.Close()
	require.LessOrEqual(t, h.given, 3+1+2*4+4, "two of each window, and one of each that had begun")
	require.GreaterOrEqual(t, spent.Requests, 1)
	require.Zero(t, h.open)
	require.LessOrEqual(t, len(h.begun), 4)
}

func TestWindows_AnErrorIsThatOfItsWindow(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 3} {
		got, err := list(t, &hours{pages: 2, fails: 1}, inFlight, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(4)}, false)
		require.EqualError(t, err, "broken")
		require.Equal(t, []string{"1 0 1", "2 0 2", "1 1 1"}, got)
	}
}

// A canceled run ends with an error, whatever the API makes of it.
func TestWindows_Canceled(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		h := &hours{pages: 5, fails: -1}
		ws := feed.NewWindows(ctx, h, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(4)}, inFlight)
		f := feed.Feed{API: h, Maker: &page.Maker{}, Windows: ws}
		var last error
		for _, err := range f.Pages(ctx, remote.Request{}) {
			last = err
			cancel()
		}
		require.ErrorIs(t, last, context.Canceled)
		ws.Close()
		require.Zero(t, h.open)
	}
}

// A panic of the API's is the run's.
func TestWindows_Panics(t *testing.T) {
	t.Parallel()
	api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(func(*remote.Page, error) bool) { panic("of the API") }
	})
	ws := feed.NewWindows(t.Context(), api, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(4)}, 3)
	defer ws.Close()
	f := feed.Feed{API: api, Maker: &page.Maker{}, Windows: ws}
	require.PanicsWithValue(t, "of the API", func() {
		for range f.Pages(t.Context(), remote.Request{}) {
		}
	})
}

// Joined windows are one list: its pages are numbered, more follow until the last, and no
// page resumes it.
func TestWindows_Joined(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 3} {
		got, err := list(t, &hours{pages: 2, fails: -1}, inFlight, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(2)}, true)
		require.NoError(t, err)
		require.Equal(t, []string{"1 ", "2 ", "3 ", "4 "}, got)
		_, err = list(t, &hours{pages: 2, fails: 1}, inFlight, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(2)}, true)
		require.EqualError(t, err, "changes from 2026-01-01T13:00:00Z until 2026-01-01T14:00:00Z: broken")
	}
}

// A window whose total was not reached makes the whole list partial, and the last page
// says that windows don't prove that a record is gone.
func TestWindows_JoinedEvidence(t *testing.T) {
	t.Parallel()
	api := remote.Func(func(_ context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			p := &remote.Page{Number: 1, TotalKnown: true, Unended: "no end"}
			if req.UpdatedSince.Equal(hour(1)) {
				p.Total, p.Unended = 3, ""
			}
			yield(p, nil)
		}
	})
	for whole, unended := range map[bool]string{true: "the API lists what changed in windows of time, so that a record of another time is in none", false: "no end"} {
		ws := feed.NewWindows(t.Context(), api, window.Walk{Longest: time.Hour, From: hour(0), Until: hour(3)}, 2)
		ws.Joined, ws.Whole = true, whole
		f := feed.Feed{API: api, Maker: &page.Maker{}, Windows: ws}
		var partial, unendeds []string
		for p, err := range f.Pages(t.Context(), remote.Request{}) {
			require.NoError(t, err)
			partial, unendeds = append(partial, p.Partial), append(unendeds, p.Unended)
			require.Equal(t, len(partial) < 3, p.More)
			require.False(t, p.TotalKnown)
		}
		ws.Close()
		require.Equal(t, []string{"", "changes from 2026-01-01T13:00:00Z until 2026-01-01T14:00:00Z: the remote said that it has 3 records and listed 0", ""}, partial)
		require.Equal(t, []string{"", "", unended}, unendeds)
	}
}
