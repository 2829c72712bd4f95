package synced_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// syncOne syncs one record, and expects no error.
func syncOne[T any](t *testing.T, m *synced.Model[T], id any, call ...synced.Call) synced.Result {
	t.Helper()
	result, err := m.SyncOne(context.Background(), synced.In(1), id, call...)
	require.NoError(t, err)
	return result
}

// One record is created, updated, left alone, removed and restored as in a run,
// with what belongs to it.
func TestContract_C61_SyncOne(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		var events []string
		m := cabins(t, b, func(d *synced.Synced[Cabin]) { d.OnChange = noting[Cabin](&events, "cabin") })
		b.srv.Collection("villas").Put(cabin(1, 5, "one", pool(1, 1, "p")), cabin(2, 5, "two", pool(2, 1, "q")))
		result := syncOne(t, m, 1)
		require.Equal(t, synced.Counts{Created: 1}, result.Counts)
		require.Equal(t, synced.Counts{Created: 1}, result.Children["pools"])
		require.Equal(t, synced.Counts{Created: 1}, result.Children["villas_translations"])
		require.Equal(t, []int{1, 1}, []int{result.Requests, result.Records})
		require.False(t, result.Gone)
		require.Zero(t, result.StoredTime)
		require.Equal(t, "/api/v3/villas/1", b.srv.Log()[0].Path)
		require.Equal(t, "pools", b.srv.Log()[0].Query.Get("include"))
		require.Equal(t, []string{"one one p"}, estateOf(t, b))
		require.Equal(t, []string{"created 1"}, column(t, b, "SELECT kind || ' ' || remote_id FROM synced_changes"))

		require.Equal(t, synced.Counts{Unchanged: 1}, syncOne(t, m, int32(1)).Counts)
		b.srv.Collection("villas").Put(cabin(1, 6, "six", pool(1, 2, "P"), pool(3, 1, "r")))
		result = syncOne(t, m, 1)
		require.Equal(t, synced.Counts{Updated: 1}, result.Counts)
		require.Equal(t, synced.Counts{Updated: 1, Created: 1}, result.Children["pools"])
		require.Equal(t, []string{"six six P,r"}, estateOf(t, b))
		b.srv.Collection("villas").Put(cabin(1, 4, "four"))
		require.Equal(t, synced.Counts{Older: 1}, syncOne(t, m, 1).Counts)
		require.Equal(t, []string{"six six P,r"}, estateOf(t, b))

		// Gone.
		b.srv.Collection("villas").Delete(1)
		kept := syncOne(t, m, 1, synced.Call{Remove: synced.Keep})
		require.True(t, kept.Gone)
		require.Equal(t, synced.Counts{}, kept.Counts)
		require.Contains(t, kept.String(), "; gone remotely")
		require.Equal(t, []string{"six six P,r"}, estateOf(t, b))
		result = syncOne(t, m, 1)
		require.True(t, result.Gone)
		require.Equal(t, synced.Counts{Removed: 1}, result.Counts)
		require.Equal(t, []string{"six six P,r cancelled"}, estateOf(t, b))
		result = syncOne(t, m, 1)
		require.True(t, result.Gone)
		require.Equal(t, synced.Counts{}, result.Counts)
		require.True(t, syncOne(t, m, 99).Gone, "there never was one")

		b.srv.Collection("villas").Put(cabin(1, 6, "six", pool(1, 2, "P"), pool(3, 1, "r")))
		require.Equal(t, synced.Counts{Restored: 1}, syncOne(t, m, 1).Counts)
		b.srv.Fault(remotetest.Fault{Status: http.StatusGone})
		require.Equal(t, synced.Counts{Removed: 1}, syncOne(t, m, 1, synced.Call{Remove: synced.Destroy}).Counts)
		require.Empty(t, estateOf(t, b))
		require.Empty(t, column(t, b, "SELECT name FROM pools"))
		require.Empty(t, column(t, b, "SELECT title FROM villas_translations"))
		require.Equal(t, []string{"created cabin 1", "updated cabin 1", "removed cabin 1", "restored cabin 1", "removed cabin 1"}, events)
	})
}

func TestContract_C60_SyncOneOfAnInvalidRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		m := cabins(t, b, nil)
		aside := func() []string { return column(t, b, "SELECT remote_id FROM synced_quarantine") }
		b.srv.Collection("villas").Put(cabin(1, 5, "bad"), cabin(2, 5, "bad"))
		require.Equal(t, synced.Counts{Quarantined: 1}, syncOne(t, m, 1).Counts)
		require.Equal(t, []string{"1"}, aside())
		b.srv.Collection("villas").Put(cabin(1, 5, "good"))
		require.Equal(t, synced.Counts{Created: 1}, syncOne(t, m, 1).Counts)
		require.Empty(t, aside())
		syncOne(t, m, 2)
		b.srv.Collection("villas").Delete(2)
		require.True(t, syncOne(t, m, 2, synced.Call{Remove: synced.Keep}).Gone)
		require.Empty(t, aside(), "what the remote deleted leaves the quarantine")

		b.srv.Collection("villas").Put(cabin(1, 6, "bad"))
		strict := cabins(t, b, func(d *synced.Synced[Cabin]) { d.Invalid = synced.Fail })
		_, err := strict.SyncOne(ctx, synced.In(1), 1)
		require.EqualError(t, err, `synced: villas (account_id 1): record 1: name: rule "ne=bad" of field Name does not hold for "bad"`)
		require.Equal(t, []string{"good good -"}, estateOf(t, b))
	})
}

func TestSyncOneOfATombstone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		d := fullRentals()
		d.Remove = synced.Destroy
		d.Tombstone = func(o remote.Object) bool { name, _ := remote.Get[string](o, "name"); return name == "deleted" }
		m := model(t, b, d)
		put(b, "one", "two")
		synchronize(t, m, synced.In(1))
		put(b, "deleted", "two")
		kept := syncOne(t, m, 1, synced.Call{Remove: synced.Keep})
		require.Equal(t, []any{false, 1}, []any{kept.Gone, kept.Updated}, "as in a run without removal")
		result := syncOne(t, m, 1)
		require.Equal(t, []any{true, 1}, []any{result.Gone, result.Removed})
		require.Equal(t, []string{"two"}, names(t, m, synced.In(1)))
	})
}

// Without proof, nothing is removed.
func TestContract_C62_SyncOneWithoutProof(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		d := fullRentals()
		d.Remove = synced.Destroy
		m := model(t, b, d)
		put(b, "one", "two")
		synchronize(t, m, synced.In(1))
		synchronize(t, m, synced.In(2))
		b.srv.Collection("rentals").Delete(1)

		filtered := synced.Call{Query: url.Values{"status": {"open"}}}
		result := syncOne(t, m, 1, filtered)
		require.Equal(t, &synced.Refusal{Rows: 1, Of: 1, Reason: "the call's own query may leave out records that exist"}, result.Refused)
		require.False(t, result.Gone)
		require.Nil(t, syncOne(t, m, 99, filtered).Refused, "nothing to remove")
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "three"})
		for name, fault := range map[string]remotetest.Fault{
			"500": {Status: 500}, "401": {Status: 401}, "429": {Status: 429}, "empty": {Status: 200, Body: `{"rentals":[]}`}, "two": {Status: 200, Body: `{"rentals":[{"id":1},{"id":2}]}`}, "cut": {Status: 200, Body: `{"rent`},
		} {
			b.srv.Fault(fault)
			_, err := m.SyncOne(ctx, synced.In(1), 1)
			require.Error(t, err, name)
			require.NotErrorIs(t, err, remote.ErrNotFound, name)
			require.ErrorContains(t, err, "synced: rentals (account_id 1): record 1: ", name)
		}
		b.srv.Fault(remotetest.Fault{Status: 200, Body: `{"rentals":[{"id":3,"name":"three"}]}`})
		_, err := m.SyncOne(ctx, synced.In(1), 1)
		require.EqualError(t, err, "synced: rentals (account_id 1): record 1: the remote answered with record 3 instead: check the endpoint, and which attribute is the remote id")
		require.Equal(t, []string{"one", "two"}, names(t, m, synced.In(1)))

		filtered.AllowRemoval = true
		require.Equal(t, 1, syncOne(t, m, 1, filtered).Removed)
		require.Equal(t, []string{"two"}, names(t, m, synced.In(1)))
		require.Equal(t, []string{"one", "two"}, names(t, m, synced.In(2)), "another scope's")
	})
}

func TestSyncOne_MistakesInTheCall(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		m := model(t, b, fullRentals())
		const prefix = "synced: rentals (account_id 1): "
		lists := remote.Func(b.api.Pages)
		for want, try := range map[string]func() error{
			prefix + "record 1: a remote.Func can't fetch one record: give an API that is a remote.Getter, as remote.Client is": func() error {
				_, err := m.SyncOne(ctx, synced.In(1), 1, synced.Call{API: lists})
				return err
			},
			prefix + "remote id x is a string, but the model's remote id is an integer": func() error {
				_, err := m.SyncOne(ctx, synced.In(1), "x")
				return err
			},
			prefix + "SyncOne asks for one record and writes it in one transaction: leave Records, Strategy, Commit and DryRun out of its call": func() error {
				_, err := m.SyncOne(ctx, synced.In(1), 1, synced.Call{DryRun: true})
				return err
			},
			`synced: rentals: no scope given, but rows belong to a scope by column "account_id": pass synced.In(…)`: func() error {
				_, err := m.SyncOne(ctx, synced.NoScope, 1)
				return err
			},
		} {
			require.EqualError(t, try(), want)
		}
		d := fullRentals()
		d.APIFor = func(context.Context, synced.Scope) (remote.API, error) { return nil, nil }
		_, err := bind(t, b, d).SyncOne(ctx, synced.In(1), 1)
		require.ErrorIs(t, err, synced.ErrNoAPI)
		require.Zero(t, b.srv.Requests())
	})
}

// What the declaration asks for by scope is sent, and parents are fetched before
// the transaction begins.
func TestContract_C10_SyncOneSendsTheParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		d := fullRentals()
		d.QueryFor = func(s synced.Scope) url.Values { return url.Values{"account": {s.String()}} }
		d.IncludeFor = func(synced.Scope) []string { return []string{"photos"} }
		m := model(t, b, d)
		put(b, "one")
		syncOne(t, m, 1)
		query := b.srv.Log()[0].Query
		require.Equal(t, []string{"1", "photos"}, []string{query.Get("account"), query.Get("include")})
		require.False(t, query.Has("updated_since"))
	})
	t.Run("with parents", func(t *testing.T) {
		onBoth(t, func(t *testing.T, b *bundle) {
			_, photos := album(t, b, synced.Fetch)
			b.srv.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
			b.srv.Collection("photos").Put(photo(1, 7))
			b.srv.OnRequest(func(remotetest.Request) {
				if b.pool == nil {
					execute(t, b, "DELETE FROM photos WHERE synced_id = -1") // no writer is up
				} else if open := openTransactions(t, b); len(open) > 0 {
					t.Error(open)
				}
			})
			require.Equal(t, 2, syncOne(t, photos, 1).Requests)
			require.Equal(t, []string{"1:seven"}, shown(t, b))
		})
	})
}

// A record of its own does not make the next run ask for everything.
func TestContract_C41_SyncOneKeepsTheTimeOfTheRecords(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two")
		d := incremental(strategy.UpdatedSince{})
		d.Timestamps = timestamp.PerRecord{}
		m := model(t, b, d)
		syncOne(t, m, 1)
		require.Equal(t, []string{"null"}, column(t, b, "SELECT CAST(synced_all_at AS text) FROM rentals"), "the first run is to ask for everything")
		stored := synchronize(t, m, synced.In(1)).StoredTime
		require.NotZero(t, stored)
		b.srv.Advance(time.Hour)
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "three"})
		require.Equal(t, 1, syncOne(t, m, 3).Created)
		require.Equal(t, stored, synchronize(t, m, synced.In(1)).Since)
	})
}

// The handler's error leaves nothing behind.
func TestContract_C66_SyncOneFails(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		d := fullRentals()
		d.Remove = synced.Destroy
		d.OnChange = func(context.Context, store.Tx, []synced.Change[Rental]) error { return errors.New("no") }
		m := model(t, b, d)
		put(b, "one")
		result, err := m.SyncOne(context.Background(), synced.In(1), 1)
		require.EqualError(t, err, "synced: rentals (account_id 1): OnChange: no")
		require.Equal(t, counts{}, countsOf(result))
		require.Equal(t, 1, result.Requests)
		execute(t, b, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 9, 'nine')")
		result, err = m.SyncOne(context.Background(), synced.In(1), 9)
		require.Error(t, err)
		require.False(t, result.Gone)
		require.Equal(t, []string{"nine"}, names(t, m, synced.In(1)))
		require.Empty(t, openTransactions(t, b))

		ctx, cancel := context.WithCancel(context.Background())
		b.srv.OnRequest(func(remotetest.Request) { cancel() })
		b.srv.Fault(remotetest.Fault{Delay: time.Hour})
		_, err = m.SyncOne(ctx, synced.In(1), 1)
		require.ErrorIs(t, err, context.Canceled)
	})
}
