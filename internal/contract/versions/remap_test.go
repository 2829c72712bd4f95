package versions_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// RentalBefore is the Rental of an older release, without its size.
type RentalBefore struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Price      *string     `json:"price" db:"price"`
	SyncedData synced.Data `db:"synced_data"`
}

// before runs an older declaration, in two scopes, on the table of the newer one.
func before(t *testing.T, b *harness.Bundle, d synced.Synced[harness.Rental], rows int) {
	t.Helper()
	require.NoError(t, d.CreateTable(context.Background(), b.DB))
	for i := range rows {
		b.Server.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint("name ", i+1), "surface": 10 * (i + 1)})
	}
	older := synced.Synced[RentalBefore]{Table: "rentals", Scope: "account_id", Strategy: d.Strategy, Remove: d.Remove, API: b.API}
	ddl, err := older.Schema(b.DB)
	require.NoError(t, err)
	b.Execute(t, ddl) // its trigger
	m := harness.Bind(t, b, older)
	harness.Sync(t, m, synced.In(1), synced.Call{Commit: synced.Atomic{}})
	harness.Sync(t, m, synced.In(2), synced.Call{Commit: synced.Atomic{}})
}

func needs[T any](t *testing.T, m *synced.Model[T]) bool {
	t.Helper()
	needed, err := m.NeedsRemap(context.Background())
	require.NoError(t, err)
	return needed
}

func remap[T any](t *testing.T, m *synced.Model[T], scope synced.Scope) synced.Result {
	t.Helper()
	result, err := m.Remap(context.Background(), scope)
	require.NoError(t, err)
	return result
}

func TestRemap_FillsANewAttribute(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		d.Remove = synced.Cancel{Column: "canceled_at"}
		before(t, b, d, 4)
		b.Execute(t, "UPDATE rentals SET notes = 'mine ' || synced_id")
		b.Execute(t, "UPDATE rentals SET synced_data = NULL, name = 'no object' WHERE account_id = 2 AND synced_id = 4")
		b.Execute(t, "INSERT INTO rentals (account_id, name, price) VALUES (1, 'nobody''s', '1')")
		b.Server.Collection("rentals").Delete(3)
		harness.Sync(t, harness.Bind(t, b, synced.Synced[RentalBefore]{Table: "rentals", Scope: "account_id", Strategy: d.Strategy, Remove: d.Remove}), synced.In(1))
		require.NoError(t, d.CreateTable(context.Background(), b.DB)) // the newer trigger

		var log bytes.Buffer
		var events []string
		d.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		d.OnChange, d.Outbox = harness.Noting[harness.Rental](&events, "rentals"), true
		rentals := harness.Bind(t, b, d)
		require.Contains(t, log.String(), "Remap maps their stored objects again")
		require.True(t, needs(t, rentals))
		requests := b.Server.Requests()

		result := remap(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Updated: 4}, harness.CountsOf(result))
		require.Equal(t, 4, result.Records)
		require.Equal(t, []string{"updated rentals 1", "updated rentals 2", "updated rentals 4", "removed rentals 3"}, events, "C114: who copies the live rows does not take in the canceled one")
		require.True(t, needs(t, rentals), "the other scope")
		result = remap(t, rentals, synced.NoScope)
		require.Equal(t, harness.Counts{Updated: 3, Unchanged: 1}, harness.CountsOf(result), "the canceled row has no fingerprint and is looked at again")
		require.False(t, needs(t, rentals))
		require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(remap(t, rentals, synced.NoScope)))
		require.Equal(t, requests, b.Server.Requests())
		require.Equal(t, events, harness.Told(harness.Deliver(t, b, "search", -1)))
		require.Len(t, events, 7)

		require.Equal(t, []string{
			"1 1 10 mine 1 live", "1 2 20 mine 2 live", "1 3 30 mine 3 canceled", "1 4 40 mine 4 live",
			"2 1 10 mine 1 live", "2 2 20 mine 2 live", "2 3 30 mine 3 live", "2 4 - mine 4 live",
		}, b.Column(t, "SELECT account_id || ' ' || synced_id || ' ' || COALESCE(CAST(remote_size AS text), '-') || ' ' || notes || ' ' ||"+
			" CASE WHEN canceled_at IS NULL THEN 'live' ELSE 'canceled' END FROM rentals WHERE synced_id IS NOT NULL ORDER BY account_id, synced_id"))

		// What a run makes of it: nothing, and the canceled row can come back.
		d.OnChange, d.Map = nil, nil
		require.Equal(t, harness.Counts{Unchanged: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "name 3", "surface": 30})
		require.Equal(t, harness.Counts{Unchanged: 3, Restored: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
	})
}

func TestRemap_GivesTheFingerprintOfARun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		// jsonb spells objects its own way; the fingerprint is still that of the
		// object as received.
		ddl, err := harness.Rentals().Schema(b.DB)
		require.NoError(t, err)
		b.Execute(t, strings.Replace(ddl, `"synced_data" json`, `"synced_data" jsonb`, 1))
		before(t, b, harness.Rentals(), 3)
		require.NoError(t, harness.Rentals().CreateTable(context.Background(), b.DB))
		rentals := harness.Bind(t, b, harness.Rentals())
		remap(t, rentals, synced.NoScope)
		hashes := b.Column(t, "SELECT CAST(synced_hash AS text) FROM rentals WHERE account_id = 1 ORDER BY synced_id")
		require.Equal(t, 3, harness.Sync(t, rentals, synced.In(3)).Created)
		require.Equal(t, hashes, b.Column(t, "SELECT CAST(synced_hash AS text) FROM rentals WHERE account_id = 3 ORDER BY synced_id"))
		require.NotContains(t, hashes, "null")
	})
}

func TestRemap_NeedsIt(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two")
		d := harness.Rentals()
		d.MapVersion = 1
		d.Map = func(remote.Object, *harness.Rental) error { return nil }
		rentals := harness.Model(t, b, d)
		require.False(t, needs(t, rentals), "no rows")
		harness.Sync(t, rentals, synced.In(1))
		require.False(t, needs(t, rentals))

		d.MapVersion = 2
		rentals = harness.Bind(t, b, d)
		require.True(t, needs(t, rentals))
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(remap(t, rentals, synced.NoScope)), "mapped as before, with the new fingerprint")
		require.False(t, needs(t, rentals))
		require.Equal(t, 0, remap(t, rentals, synced.NoScope).Records)

		// A run does as well.
		d.MapVersion = 3
		rentals = harness.Bind(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		require.False(t, needs(t, rentals))

		// A row that was edited locally is mended.
		b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id = 1")
		require.False(t, needs(t, rentals))
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(remap(t, rentals, synced.In(1))))
		require.Equal(t, []string{"one", "two"}, harness.Names(t, rentals, synced.In(1)))

		type Plain struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		plain := harness.Model(t, b, synced.Synced[Plain]{Table: "plains"})
		_, err := plain.Remap(ctx, synced.NoScope)
		require.EqualError(t, err, "synced: plains: nothing to map again: the model does not keep the remote objects; add SyncedData synced.Data `db:\"synced_data\"`, or run strategy.Full{}")
		_, err = plain.NeedsRemap(ctx)
		require.Error(t, err)
		_, err = plain.Remap(ctx, synced.In(1))
		require.ErrorContains(t, err, "declares no Scope column")

		// Without fingerprints, every row is compared.
		d.Table = "bare"
		d.Endpoint = "rentals"
		bare := harness.Unguarded(t, b, d)
		harness.Sync(t, bare, synced.In(1))
		b.Execute(t, "UPDATE bare SET name = 'edited' WHERE synced_id = 1")
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(remap(t, bare, synced.NoScope)))
		_, err = bare.NeedsRemap(ctx)
		require.ErrorContains(t, err, "has no fingerprints that a trigger guards")
	})
}

func TestRemap_GoesOnWhereItWasEnded(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		d := harness.Rentals()
		before(t, b, d, 1100)
		require.NoError(t, d.CreateTable(ctx, b.DB))
		mapped, bad := 0, errors.New("not this one")
		d.MapVersion = 1
		d.Map = func(_ remote.Object, r *harness.Rental) error {
			if mapped++; r.SyncedID == 777 {
				return bad
			}
			return nil
		}
		rentals := harness.Bind(t, b, d)
		result, err := rentals.Remap(ctx, synced.In(1))
		require.ErrorIs(t, err, bad)
		require.EqualError(t, err, "synced: rentals (account_id 1): record 777: map: not this one")
		require.Equal(t, harness.Counts{Updated: 500}, harness.CountsOf(result), "the first batch")
		require.Equal(t, []string{"500"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM rentals WHERE remote_size IS NOT NULL"))

		// A handler's error ends it as well.
		fail := errors.New("no")
		d.Map = func(remote.Object, *harness.Rental) error { mapped++; return nil }
		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { return fail }
		_, err = harness.Bind(t, b, d).Remap(ctx, synced.In(1))
		require.ErrorIs(t, err, fail)
		d.OnChange = nil
		mapped = 0
		rentals = harness.Bind(t, b, d)
		require.Equal(t, harness.Counts{Updated: 600}, harness.CountsOf(remap(t, rentals, synced.In(1))))
		require.Equal(t, 600, mapped)
		require.Equal(t, harness.Counts{Updated: 1100}, harness.CountsOf(remap(t, rentals, synced.NoScope)))
		require.False(t, needs(t, rentals))

		canceled, cancel := context.WithCancel(ctx)
		cancel()
		_, err = rentals.Remap(canceled, synced.NoScope)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// Keyed has remote ids that are text or UUIDs.
type Keyed[ID, Scope any] struct {
	SyncedID ID          `json:"id" db:"synced_id"`
	Owner    Scope       `db:"owner"`
	Name     string      `json:"name" db:"name"`
	Data     synced.Data `db:"synced_data"`
}

func TestRemap_OtherKindsOfIDs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var texts, uuids []string
		for i := range 1200 {
			texts = append(texts, fmt.Sprintf(`{"id":"key %d ü","name":"x"}`, i))
			uuids = append(uuids, fmt.Sprintf(`{"id":%q,"name":"x"}`, uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)})))
		}
		remapsAll(t, b, synced.Synced[Keyed[string, string]]{Table: "texts", Scope: "owner"}, "an owner", texts)
		remapsAll(t, b, synced.Synced[Keyed[uuid.UUID, uuid.UUID]]{Table: "uuids", Scope: "owner"}, uuid.Max, uuids)
	})
}

func remapsAll[T any](t *testing.T, b *harness.Bundle, d synced.Synced[T], scope any, raw []string) {
	t.Helper()
	harness.Sync(t, harness.Model(t, b, d), synced.In(scope), synced.Call{Records: harness.Parsed(t, raw...)})
	b.Execute(t, "UPDATE "+d.Table+" SET synced_hash = synced_hash + 1099511627776 * 1024, name = 'old'")
	m := harness.Bind(t, b, d)
	require.True(t, needs(t, m))
	require.Equal(t, harness.Counts{Updated: len(raw)}, harness.CountsOf(remap(t, m, synced.NoScope)))
	require.False(t, needs(t, m))
	require.Equal(t, harness.Counts{Unchanged: len(raw)}, harness.CountsOf(harness.Sync(t, m, synced.In(scope), synced.Call{Records: harness.Parsed(t, raw...)})))
}

func TestRemap_ChildrenKeepTheirParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		e := harness.NewEstate(t, b, synced.Destroy{})
		b.Server.Collection("houses").Put(remotetest.Record{"id": 1, "name": "x", "rooms": []harness.Nested{harness.RoomOf(10, "a"), harness.RoomOf(11, "b")}})
		harness.Sync(t, e.Houses, synced.In(7))
		b.Execute(t, "UPDATE rooms SET name = 'edited', notes = 'mine'")
		*e.Events = nil
		require.Equal(t, harness.Counts{Updated: 2}, harness.CountsOf(remap(t, e.Rooms, synced.NoScope)))
		require.Equal(t, []string{"1 a mine", "1 b mine"}, b.Column(t, "SELECT h.synced_id || ' ' || r.name || ' ' || r.notes FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY r.synced_id"))
		require.Equal(t, []string{"updated room 10", "updated room 11"}, *e.Events)
		require.Equal(t, synced.Counts{Unchanged: 2}, harness.Sync(t, e.Houses, synced.In(7)).Children["rooms"])
	})
}

// A run that writes a row waits for the batch that has it, and its object stays.
func TestRemap_UndoesNoRun(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := harness.Setup(t, "postgres")
	d := harness.Rentals()
	d.Remove = synced.Destroy{}
	before(t, b, d, 2)
	require.NoError(t, d.CreateTable(ctx, b.DB))
	rentals := harness.Bind(t, b, d)
	done := make(chan error, 1)
	slow := d
	slow.MapVersion = 1
	slow.Map = func(_ remote.Object, r *harness.Rental) error {
		if r.SyncedID != 1 {
			return nil
		}
		go func() {
			_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{Records: harness.Parsed(t, `{"id":1,"name":"newer"}`)})
			done <- err
		}()
		return b.AwaitBlocked(done)
	}
	remap(t, harness.Bind(t, b, slow), synced.In(1))
	require.NoError(t, <-done)
	require.Equal(t, []string{"newer"}, harness.Names(t, rentals, synced.In(1)))
}

func TestRemap_AnObjectThatIsNone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		rentals := harness.Model(t, b, harness.Rentals())
		harness.Sync(t, rentals, synced.In(1))
		for _, wrong := range []string{`[]`, `{"id":7,"name":"another"}`} {
			b.Execute(t, "UPDATE rentals SET synced_data = '"+wrong+"' WHERE synced_id = 2")
			_, err := rentals.Remap(context.Background(), synced.In(1))
			require.ErrorContains(t, err, "synced: rentals (account_id 1): record 2: the stored object")
		}
	})
}
