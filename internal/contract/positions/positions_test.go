package positions_test

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C175_ARunAsksFromTheRemotesPosition(t *testing.T) {
	onEach(t, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"}, change{1, "One"}, change{4, "four"})
		rentals := harness.Bind(t, b, d)
		result := harness.Sync(t, rentals, scope)
		require.True(t, result.StoredPosition)
		require.Empty(t, result.NotStored)
		require.Equal(t, 4, result.Created)
		require.Equal(t, []string{"One", "two", "three", "four"}, harness.Names(t, rentals, scope))

		f.takeAsked()
		result = harness.Sync(t, rentals, scope)
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Equal(t, []string{"5"}, f.takeAsked())

		f.change(change{5, "five"}, change{5, "Five"}, change{2, ""}, change{3, "Three"}, change{3, ""}, change{4, ""}, change{4, "Four"})
		result = harness.Sync(t, rentals, scope)
		require.True(t, result.StoredPosition)
		require.Empty(t, result.Complete)
		require.Equal(t, []string{"One", "Four", "Five"}, harness.Names(t, rentals, scope))
		require.Equal(t, 2, result.Removed)
		require.Equal(t, 1, result.Created)
		require.Equal(t, "5", f.takeAsked()[0])

		require.NoError(t, rentals.Reset(context.Background(), scope))
		result = harness.Sync(t, rentals, scope)
		require.NotEqual(t, "12", f.takeAsked()[0])
		require.Equal(t, harness.Counts{Unchanged: 3}, harness.CountsOf(result))
		require.True(t, result.StoredPosition)
	})
}

func TestContract_C175_AVersionOfARecordComesBackOnOnePage(t *testing.T) {
	onEach(t, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"})
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, scope)
		f.change(change{1, "two"}, change{1, "one"})
		require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, rentals, scope)))
		require.Equal(t, []string{"one"}, harness.Names(t, rentals, scope))
	})
}

func TestContract_C176_NoPositionIsStoredWhereAPageFailed(t *testing.T) {
	onEach(t, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		rentals := harness.Bind(t, b, d)
		f.failAt(f.second())
		_, err := rentals.Synchronize(context.Background(), scope)
		require.ErrorContains(t, err, "500")
		harness.Sync(t, rentals, scope)

		f.change(change{1, ""}, change{2, "Two"}, change{4, "four"})
		f.takeAsked()
		f.failAt(2)
		_, err = rentals.Synchronize(context.Background(), scope)
		require.ErrorContains(t, err, "500")
		require.Equal(t, []string{"one", "Two", "three"}, harness.Names(t, rentals, scope), "the page before stands")
		require.Equal(t, "3", f.takeAsked()[0])
		harness.Sync(t, rentals, scope)
		require.Equal(t, "3", f.takeAsked()[0])
		require.Equal(t, []string{"Two", "three", "four"}, harness.Names(t, rentals, scope))
	})
}

func TestContract_C177_APositionThatTheRemoteNoLongerKnows(t *testing.T) {
	onEach(t, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, scope)
		f.change(change{4, "four"}, change{1, "One"}, change{2, ""}, change{5, "five"})
		f.Advance(8 * 24 * time.Hour)
		if f.style.name == "couchdb" { // it never forgets
			f.Fault(remotetest.Fault{Status: http.StatusGone})
		}
		result := harness.Sync(t, rentals, scope)
		require.Equal(t, "the remote rejected the position of the last run", result.Complete)
		require.Equal(t, harness.Counts{Created: 2, Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
		require.True(t, result.StoredPosition)
		f.takeAsked()
		harness.Sync(t, rentals, scope)
		require.Equal(t, []string{"7"}, f.takeAsked())
	})
}

func TestContract_C178_APositionIsOneInAnAnswerToTheSameQuestion(t *testing.T) {
	onEach(t, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"}, change{2, "two"}, change{3, "three"})
		harness.Sync(t, harness.Bind(t, b, d), scope)
		f.takeAsked()
		d.Ask.Query = url.Values{"kind": {"house"}}
		require.True(t, harness.Sync(t, harness.Bind(t, b, d), scope).StoredPosition)
		require.NotEqual(t, "3", f.takeAsked()[0])

		// A call's own query is another question.
		result := harness.Sync(t, harness.Bind(t, b, d), scope, synced.Call{Ask: synced.Ask{Query: url.Values{"kind": {"flat"}}}})
		require.False(t, result.StoredPosition)
		require.Contains(t, result.NotStored, "own query")
		f.takeAsked()
		harness.Sync(t, harness.Bind(t, b, d), scope)
		require.Equal(t, []string{"3"}, f.takeAsked(), "the one before stays")

		if f.style.name == "couchdb" {
			return // without a position it has no pages either
		}
		f.SetQuirks(remotetest.Quirks{NoPosition: true})
		rentals := harness.Bind(t, b, d)
		require.NoError(t, rentals.Reset(context.Background(), scope))
		if f.style.fake.Events.Start != "" {
			_, err := rentals.Synchronize(context.Background(), scope)
			require.ErrorContains(t, err, "where the feed stands: newStart: the position is missing (rest.Feed.StartPath)")
			return
		}
		result = harness.Sync(t, rentals, scope)
		require.False(t, result.StoredPosition)
		require.Contains(t, result.NotStored, "gives no position")
		require.Equal(t, 3, result.Unchanged)
	})
}

func TestContract_C178_AnotherStrategyLeavesThePosition(t *testing.T) {
	onEach(t, func(t *testing.T, b *harness.Bundle, f *feed, d synced.Synced[harness.Rental], scope synced.Scope) {
		f.change(change{1, "one"})
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, scope)
		harness.Sync(t, rentals, scope, synced.Call{Strategy: strategy.Full{}})
		f.takeAsked()
		harness.Sync(t, rentals, scope)
		require.Equal(t, []string{"1"}, f.takeAsked())
	})
}

func TestContract_C179_APositionThatCantBeKept(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		position := "1"
		d := harness.Rentals()
		d.Strategy, d.API = strategy.Position{}, remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
			return func(yield func(*remote.Page, error) bool) {
				yield(&remote.Page{Number: 1, Position: position, Objects: harness.Parsed(t, `{"id":1,"name":"one"}`)}, nil)
			}
		})
		rentals := harness.Model(t, b, d)
		require.True(t, harness.Sync(t, rentals, synced.In(1)).StoredPosition)
		for text, why := range map[string]string{strings.Repeat("x", 8<<10+1): "longer than 8 KiB", "a\x00": "no text", "\xff": "no text", "": "gives no position"} {
			position = text
			result := harness.Sync(t, rentals, synced.In(1))
			require.False(t, result.StoredPosition)
			require.Contains(t, result.NotStored, why)
			require.Equal(t, []string{"1"}, b.Column(t, "SELECT position FROM synced_positions"), "the one before stays")
		}
	})
}
