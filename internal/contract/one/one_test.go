package one_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
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
// with what belongs to it. The steps build on each other.
func TestContract_C61_SyncOne(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var events []string
		m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.OnChange = harness.Noting[harness.Cabin](&events, "cabin") })
		villas := b.Server.Collection("villas")
		villas.Put(harness.CabinOf(1, 5, "one", harness.PoolOf(1, 1, "p")), harness.CabinOf(2, 5, "two", harness.PoolOf(2, 1, "q")))
		step := func(name string, test func(t *testing.T)) {
			t.Helper()
			require.True(t, t.Run(name, test), "the next steps build on this one")
		}
		step("creates", func(t *testing.T) {
			result := syncOne(t, m, 1)
			require.Equal(t, synced.Counts{Created: 1}, result.Counts)
			require.Equal(t, synced.Counts{Created: 1}, result.Children["pools"])
			require.Equal(t, synced.Counts{Created: 1}, result.Children["villas_translations"])
			require.Equal(t, []int{1, 1}, []int{result.Requests, result.Records})
			require.Positive(t, result.Bytes)
			require.False(t, result.Gone)
			require.Zero(t, result.StoredTime)
			require.Equal(t, []string{"one one p"}, harness.ReadCabins(t, b))
			require.Equal(t, []string{"created 1"}, b.Column(t, "SELECT kind || ' ' || remote_id FROM synced_changes"))
		})
		step("asks for the one record", func(t *testing.T) {
			require.Equal(t, "/api/v3/villas/1", b.Server.Log()[0].Path)
			require.Equal(t, "pools", b.Server.Log()[0].Query.Get("include"))
		})
		step("leaves alone", func(t *testing.T) {
			require.Equal(t, synced.Counts{Unchanged: 1}, syncOne(t, m, int32(1)).Counts)
		})
		step("updates", func(t *testing.T) {
			villas.Put(harness.CabinOf(1, 6, "six", harness.PoolOf(1, 2, "P"), harness.PoolOf(3, 1, "r")))
			result := syncOne(t, m, 1)
			require.Equal(t, synced.Counts{Updated: 1}, result.Counts)
			require.Equal(t, synced.Counts{Updated: 1, Created: 1}, result.Children["pools"])
			require.Equal(t, []string{"six six P,r"}, harness.ReadCabins(t, b))
		})
		step("keeps a newer row", func(t *testing.T) {
			villas.Put(harness.CabinOf(1, 4, "four"))
			require.Equal(t, synced.Counts{Older: 1}, syncOne(t, m, 1).Counts)
			require.Equal(t, []string{"six six P,r"}, harness.ReadCabins(t, b))
		})
		step("believes no missing record without another that is found", func(t *testing.T) {
			villas.Delete(1)
			result := syncOne(t, m, 1)
			require.False(t, result.Gone)
			require.Contains(t, result.Refused.Reason, "no record is known to exist that could be asked for beside it")
			require.Equal(t, []string{"six six P,r"}, harness.ReadCabins(t, b))
		})
		first := func() string { return harness.ReadCabins(t, b)[0] }
		step("keeps what is gone, if told to", func(t *testing.T) {
			villas.Put(harness.CabinOf(2, 1, "two"))
			syncOne(t, m, 2)
			result := syncOne(t, m, 1, synced.Call{Remove: synced.KeepRows{}})
			require.True(t, result.Gone)
			require.Equal(t, synced.Counts{}, result.Counts)
			require.Contains(t, result.String(), "; gone remotely")
			require.Equal(t, "six six P,r", first())
		})
		step("cancels what is gone", func(t *testing.T) {
			result := syncOne(t, m, 1)
			require.True(t, result.Gone)
			require.Equal(t, synced.Counts{Removed: 1}, result.Counts)
			require.Equal(t, "six six P,r canceled", first())
		})
		step("cancels once", func(t *testing.T) {
			result := syncOne(t, m, 1)
			require.True(t, result.Gone)
			require.Equal(t, synced.Counts{}, result.Counts)
		})
		step("tells that there never was one", func(t *testing.T) {
			require.True(t, syncOne(t, m, 99).Gone)
		})
		step("restores", func(t *testing.T) {
			villas.Put(harness.CabinOf(1, 6, "six", harness.PoolOf(1, 2, "P"), harness.PoolOf(3, 1, "r")))
			require.Equal(t, synced.Counts{Restored: 1}, syncOne(t, m, 1).Counts)
		})
		step("destroys, with what belongs to it", func(t *testing.T) {
			b.Server.Fault(remotetest.Fault{Collection: "villas/1", Times: 2, Status: http.StatusGone})
			require.Equal(t, synced.Counts{Removed: 1}, syncOne(t, m, 1, synced.Call{Remove: synced.Destroy{}}).Counts)
			require.Equal(t, []string{"two two -"}, harness.ReadCabins(t, b))
			require.Empty(t, b.Column(t, "SELECT name FROM pools"))
			require.Equal(t, []string{"two"}, b.Column(t, "SELECT title FROM villas_translations"))
		})
		step("tells the handler of each change", func(t *testing.T) {
			require.Equal(t, []string{"created cabin 1", "updated cabin 1", "created cabin 2", "removed cabin 1", "restored cabin 1", "removed cabin 1"}, events)
		})
	})
}

func TestContract_C60_SyncOneOfAnInvalidRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		m := harness.Cabins(t, b, nil)
		aside := func() []string { return b.Column(t, "SELECT remote_id FROM synced_quarantine") }
		b.Server.Collection("villas").Put(harness.CabinOf(1, 5, "bad"), harness.CabinOf(2, 5, "bad"))
		require.Equal(t, synced.Counts{Quarantined: 1}, syncOne(t, m, 1).Counts)
		require.Equal(t, []string{"1"}, aside())
		b.Server.Collection("villas").Put(harness.CabinOf(1, 5, "good"))
		require.Equal(t, synced.Counts{Created: 1}, syncOne(t, m, 1).Counts)
		require.Empty(t, aside())
		syncOne(t, m, 2)
		b.Server.Collection("villas").Delete(2)
		require.True(t, syncOne(t, m, 2, synced.Call{Remove: synced.KeepRows{}}).Gone)
		require.Empty(t, aside(), "what the remote deleted leaves the quarantine")

		b.Server.Collection("villas").Put(harness.CabinOf(1, 6, "bad"))
		strict := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Invalid = synced.Fail{} })
		_, err := strict.SyncOne(ctx, synced.In(1), 1)
		require.EqualError(t, err, `synced: villas (account_id 1): record 1: name: rule "ne=bad" of field Name does not hold for "bad"`)
		require.Equal(t, []string{"good good -"}, harness.ReadCabins(t, b))
	})
}

func TestSyncOneOfATombstone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		d.Tombstone = func(o remote.Object) bool { name, _ := remote.Get[string](o, "name"); return name == "deleted" }
		m := harness.Model(t, b, d)
		b.Put("one", "two")
		harness.Sync(t, m, synced.In(1))
		b.Put("deleted", "two")
		kept := syncOne(t, m, 1, synced.Call{Remove: synced.KeepRows{}})
		require.Equal(t, []any{true, 0}, []any{kept.Gone, kept.Updated}, "a tombstone is not mapped")
		require.Equal(t, []string{"one", "two"}, harness.Names(t, m, synced.In(1)))
		result := syncOne(t, m, 1)
		require.Equal(t, []any{true, 1}, []any{result.Gone, result.Removed})
		require.Equal(t, []string{"two"}, harness.Names(t, m, synced.In(1)))
	})
}

// Without proof, nothing is removed.
func TestContract_C62_SyncOneWithoutProof(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		m := harness.Model(t, b, d)
		b.Put("one", "two")
		harness.Sync(t, m, synced.In(1))
		harness.Sync(t, m, synced.In(2))
		b.Server.Collection("rentals").Delete(1)

		filtered := synced.Call{Ask: synced.Ask{Query: url.Values{"status": {"open"}}}}
		result := syncOne(t, m, 1, filtered)
		require.Equal(t, &synced.Refusal{Rows: 1, Of: 1, Reason: "the call's own query may leave out records that exist"}, result.Refused)
		require.False(t, result.Gone)
		require.Nil(t, syncOne(t, m, 99, filtered).Refused, "nothing to remove")
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "three"})
		for name, fault := range map[string]remotetest.Fault{
			"500": {Status: 500}, "401": {Status: 401}, "429": {Status: 429}, "empty": {Status: 200, Body: `{"rentals":[]}`}, "two": {Status: 200, Body: `{"rentals":[{"id":1},{"id":2}]}`}, "cut": {Status: 200, Body: `{"rent`},
		} {
			b.Server.Fault(fault)
			_, err := m.SyncOne(ctx, synced.In(1), 1)
			require.Error(t, err, name)
			require.NotErrorIs(t, err, remote.ErrNotFound, name)
			require.ErrorContains(t, err, "synced: rentals (account_id 1): record 1: ", name)
		}
		b.Server.Fault(remotetest.Fault{Times: 2, Status: 200, Body: `{"rentals":[{"id":3,"name":"three"}]}`}) // the control as well
		_, err := m.SyncOne(ctx, synced.In(1), 1)
		require.EqualError(t, err, "synced: rentals (account_id 1): record 1: the remote answered with record 3 instead: check the endpoint, and which attribute is the remote id")
		require.Equal(t, []string{"one", "two"}, harness.Names(t, m, synced.In(1)))

		filtered.AllowRemoval = true
		require.Equal(t, 1, syncOne(t, m, 1, filtered).Removed)
		require.Equal(t, []string{"two"}, harness.Names(t, m, synced.In(1)))
		require.Equal(t, []string{"one", "two"}, harness.Names(t, m, synced.In(2)), "another scope's")
	})
}

func TestSyncOne_MistakesInTheCall(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		m := harness.Model(t, b, harness.Rentals())
		const prefix = "synced: rentals (account_id 1): "
		lists := remote.Func(b.API.Pages)
		for want, try := range map[string]func() error{
			prefix + "record 1: a remote.Func can't fetch one record: give an API that is a remote.Getter, as rest.Client is": func() error {
				_, err := m.SyncOne(ctx, synced.In(1), 1, synced.Call{API: lists})
				return err
			},
			prefix + "remote id x is of type string, but the model's remote id is an integer": func() error {
				_, err := m.SyncOne(ctx, synced.In(1), "x")
				return err
			},
			prefix + "SyncOne asks for one record and writes it in one transaction: leave Records, Strategy, Commit, DryRun, Stop, From and Until out of its call": func() error {
				_, err := m.SyncOne(ctx, synced.In(1), 1, synced.Call{DryRun: true})
				return err
			},
			`synced: rentals: no scope given, but rows belong to a scope by column "account_id": pass synced.In(…)`: func() error {
				_, err := m.SyncOne(ctx, synced.NoScope, nil) // the scope is told first
				return err
			},
		} {
			require.EqualError(t, try(), want)
		}
		d := harness.Rentals()
		d.APIFor = func(context.Context, synced.Scope) (remote.API, error) { return nil, nil }
		_, err := harness.Bind(t, b, d).SyncOne(ctx, synced.In(1), 1)
		require.ErrorIs(t, err, synced.ErrNoAPI)
		require.Zero(t, b.Server.Requests())
	})
}

// What the declaration asks for by scope is sent, and parents are fetched before
// the transaction begins.
func TestContract_C10_SyncOneSendsTheParameters(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		d.AskFor = func(s synced.Scope) synced.Ask {
			return synced.Ask{Query: url.Values{"account": {s.String()}}, Include: []string{"photos"}}
		}
		m := harness.Model(t, b, d)
		b.Put("one")
		syncOne(t, m, 1)
		query := b.Server.Log()[0].Query
		require.Equal(t, []string{"1", "photos"}, []string{query.Get("account"), query.Get("include")})
		require.False(t, query.Has("updated_since"))
	})
	t.Run("with parents", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			_, photos := harness.Album(t, b, synced.MissingFetch)
			b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
			b.Server.Collection("photos").Put(harness.PhotoOf(1, 7))
			b.Server.OnRequest(func(remotetest.Request) {
				if b.Pool == nil {
					b.Execute(t, "DELETE FROM photos WHERE synced_id = -1") // no writer is up
				} else if open := b.OpenTransactions(t); len(open) > 0 {
					t.Error(open)
				}
			})
			require.Equal(t, 2, syncOne(t, photos, 1).Requests)
			require.Equal(t, []string{"1:seven"}, harness.Shown(t, b))
		})
	})
}

// A record of its own does not make the next run ask for everything.
func TestContract_C41_SyncOneKeepsTheTimeOfTheRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Timestamps = timestamp.PerRecord{}
		m := harness.Model(t, b, d)
		syncOne(t, m, 1)
		require.Equal(t, []string{"null"}, b.Column(t, "SELECT CAST(synced_all_at AS text) FROM rentals"), "the first run is to ask for everything")
		stored := harness.Sync(t, m, synced.In(1)).StoredTime
		require.NotZero(t, stored)
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "three"})
		require.Equal(t, 1, syncOne(t, m, 3).Created)
		require.Equal(t, stored, harness.Sync(t, m, synced.In(1)).Since)
	})
}

// The handler's error leaves nothing behind.
func TestContract_C66_SyncOneFails(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { return errors.New("no") }
		m := harness.Model(t, b, d)
		b.Put("one")
		result, err := m.SyncOne(context.Background(), synced.In(1), 1)
		require.EqualError(t, err, "synced: rentals (account_id 1): OnChange: no")
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Equal(t, 1, result.Requests)
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 1, 'one'), (1, 9, 'nine')")
		result, err = m.SyncOne(context.Background(), synced.In(1), 9)
		require.Error(t, err)
		require.False(t, result.Gone)
		require.Equal(t, []string{"one", "nine"}, harness.Names(t, m, synced.In(1)))
		require.Empty(t, b.OpenTransactions(t))

		ctx, cancel := context.WithCancel(context.Background())
		b.Server.OnRequest(func(remotetest.Request) { cancel() })
		b.Server.Fault(remotetest.Fault{Delay: time.Hour})
		_, err = m.SyncOne(ctx, synced.In(1), 1)
		require.ErrorIs(t, err, context.Canceled)
	})
}
