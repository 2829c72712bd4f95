package synced_test

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
func before(t *testing.T, b *bundle, d synced.Synced[Rental], rows int) {
	t.Helper()
	require.NoError(t, d.CreateTable(context.Background(), b.db))
	for i := range rows {
		b.srv.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint("name ", i+1), "surface": 10 * (i + 1)})
	}
	older := synced.Synced[RentalBefore]{Table: "rentals", Scope: "account_id", Strategy: d.Strategy, Remove: d.Remove, API: b.api}
	ddl, err := older.Schema(b.db)
	require.NoError(t, err)
	execute(t, b, ddl) // its trigger
	m := bind(t, b, older)
	synchronize(t, m, synced.In(1), synced.Call{Commit: synced.Atomic})
	synchronize(t, m, synced.In(2), synced.Call{Commit: synced.Atomic})
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
	onBoth(t, func(t *testing.T, b *bundle) {
		d := fullRentals()
		d.Remove = synced.Cancel("canceled_at")
		before(t, b, d, 4)
		execute(t, b, "UPDATE rentals SET notes = 'mine ' || synced_id")
		execute(t, b, "UPDATE rentals SET synced_data = NULL, name = 'no object' WHERE account_id = 2 AND synced_id = 4")
		execute(t, b, "INSERT INTO rentals (account_id, name, price) VALUES (1, 'nobody''s', '1')")
		b.srv.Collection("rentals").Delete(3)
		synchronize(t, bind(t, b, synced.Synced[RentalBefore]{Table: "rentals", Scope: "account_id", Strategy: d.Strategy, Remove: d.Remove}), synced.In(1))
		require.NoError(t, d.CreateTable(context.Background(), b.db)) // the newer trigger

		var log bytes.Buffer
		var events []string
		d.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		d.OnChange, d.Outbox = noting[Rental](&events, "rentals"), true
		rentals := bind(t, b, d)
		require.Contains(t, log.String(), "Remap maps their stored objects again")
		require.True(t, needs(t, rentals))
		requests := b.srv.Requests()

		result := remap(t, rentals, synced.In(1))
		require.Equal(t, counts{updated: 4}, countsOf(result))
		require.Equal(t, 4, result.Records)
		require.True(t, needs(t, rentals), "the other scope")
		result = remap(t, rentals, synced.NoScope)
		require.Equal(t, counts{updated: 3, unchanged: 1}, countsOf(result), "the cancelled row has no fingerprint and is looked at again")
		require.False(t, needs(t, rentals))
		require.Equal(t, counts{unchanged: 1}, countsOf(remap(t, rentals, synced.NoScope)))
		require.Equal(t, requests, b.srv.Requests())
		require.Equal(t, events, told(deliver(t, b, "search", -1)))
		require.Len(t, events, 7)

		require.Equal(t, []string{
			"1 1 10 mine 1 live", "1 2 20 mine 2 live", "1 3 30 mine 3 cancelled", "1 4 40 mine 4 live",
			"2 1 10 mine 1 live", "2 2 20 mine 2 live", "2 3 30 mine 3 live", "2 4 - mine 4 live",
		}, column(t, b, "SELECT account_id || ' ' || synced_id || ' ' || COALESCE(CAST(remote_size AS text), '-') || ' ' || notes || ' ' ||"+
			" CASE WHEN canceled_at IS NULL THEN 'live' ELSE 'cancelled' END FROM rentals WHERE synced_id IS NOT NULL ORDER BY account_id, synced_id"))

		// What a run makes of it: nothing, and the cancelled row can come back.
		d.OnChange, d.Map = nil, nil
		require.Equal(t, counts{unchanged: 3}, countsOf(synchronize(t, rentals, synced.In(1))))
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "name 3", "surface": 30})
		require.Equal(t, counts{unchanged: 3, restored: 1}, countsOf(synchronize(t, rentals, synced.In(1))))
	})
}

func TestRemap_GivesTheFingerprintOfARun(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		// jsonb spells objects its own way; the fingerprint is still that of the
		// object as received.
		ddl, err := fullRentals().Schema(b.db)
		require.NoError(t, err)
		execute(t, b, strings.Replace(ddl, `"synced_data" json`, `"synced_data" jsonb`, 1))
		before(t, b, fullRentals(), 3)
		require.NoError(t, fullRentals().CreateTable(context.Background(), b.db))
		rentals := bind(t, b, fullRentals())
		remap(t, rentals, synced.NoScope)
		hashes := column(t, b, "SELECT CAST(synced_hash AS text) FROM rentals WHERE account_id = 1 ORDER BY synced_id")
		require.Equal(t, 3, synchronize(t, rentals, synced.In(3)).Created)
		require.Equal(t, hashes, column(t, b, "SELECT CAST(synced_hash AS text) FROM rentals WHERE account_id = 3 ORDER BY synced_id"))
		require.NotContains(t, hashes, "null")
	})
}

func TestRemap_NeedsIt(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		put(b, "one", "two")
		d := fullRentals()
		d.MapVersion = 1
		d.Map = func(remote.Object, *Rental) error { return nil }
		rentals := model(t, b, d)
		require.False(t, needs(t, rentals), "no rows")
		synchronize(t, rentals, synced.In(1))
		require.False(t, needs(t, rentals))

		d.MapVersion = 2
		rentals = bind(t, b, d)
		require.True(t, needs(t, rentals))
		require.Equal(t, counts{unchanged: 2}, countsOf(remap(t, rentals, synced.NoScope)), "mapped as before, with the new fingerprint")
		require.False(t, needs(t, rentals))
		require.Equal(t, 0, remap(t, rentals, synced.NoScope).Records)

		// A run does as well.
		d.MapVersion = 3
		rentals = bind(t, b, d)
		synchronize(t, rentals, synced.In(1))
		require.False(t, needs(t, rentals))

		// A row that was edited locally is mended.
		execute(t, b, "UPDATE rentals SET name = 'edited' WHERE synced_id = 1")
		require.False(t, needs(t, rentals))
		require.Equal(t, counts{updated: 1}, countsOf(remap(t, rentals, synced.In(1))))
		require.Equal(t, []string{"one", "two"}, names(t, rentals, synced.In(1)))

		type Plain struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		plain := model(t, b, synced.Synced[Plain]{Table: "plains"})
		_, err := plain.Remap(ctx, synced.NoScope)
		require.EqualError(t, err, "synced: plains: nothing to map again: the model does not keep the remote objects; add SyncedData synced.Data `db:\"synced_data\"`, or run strategy.Full{}")
		_, err = plain.NeedsRemap(ctx)
		require.Error(t, err)
		_, err = plain.Remap(ctx, synced.In(1))
		require.ErrorContains(t, err, "declares no Scope column")

		// Without fingerprints, every row is compared.
		d.Table = "bare"
		d.Endpoint = "rentals"
		bare := unguarded(t, b, d)
		synchronize(t, bare, synced.In(1))
		execute(t, b, "UPDATE bare SET name = 'edited' WHERE synced_id = 1")
		require.Equal(t, counts{updated: 1, unchanged: 1}, countsOf(remap(t, bare, synced.NoScope)))
		_, err = bare.NeedsRemap(ctx)
		require.ErrorContains(t, err, "has no fingerprints that a trigger guards")
	})
}

func TestRemap_GoesOnWhereItWasEnded(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		d := fullRentals()
		before(t, b, d, 1100)
		require.NoError(t, d.CreateTable(ctx, b.db))
		mapped, bad := 0, errors.New("not this one")
		d.MapVersion = 1
		d.Map = func(_ remote.Object, r *Rental) error {
			if mapped++; r.SyncedID == 777 {
				return bad
			}
			return nil
		}
		rentals := bind(t, b, d)
		result, err := rentals.Remap(ctx, synced.In(1))
		require.ErrorIs(t, err, bad)
		require.EqualError(t, err, "synced: rentals (account_id 1): record 777: map: not this one")
		require.Equal(t, counts{updated: 500}, countsOf(result), "the first batch")
		require.Equal(t, []string{"500"}, column(t, b, "SELECT CAST(count(*) AS text) FROM rentals WHERE remote_size IS NOT NULL"))

		// A handler's error ends it as well.
		fail := errors.New("no")
		d.Map = func(remote.Object, *Rental) error { mapped++; return nil }
		d.OnChange = func(context.Context, store.Tx, []synced.Change[Rental]) error { return fail }
		_, err = bind(t, b, d).Remap(ctx, synced.In(1))
		require.ErrorIs(t, err, fail)
		d.OnChange = nil
		mapped = 0
		rentals = bind(t, b, d)
		require.Equal(t, counts{updated: 600}, countsOf(remap(t, rentals, synced.In(1))))
		require.Equal(t, 600, mapped)
		require.Equal(t, counts{updated: 1100}, countsOf(remap(t, rentals, synced.NoScope)))
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
	onBoth(t, func(t *testing.T, b *bundle) {
		var texts, uuids []string
		for i := range 1200 {
			texts = append(texts, fmt.Sprintf(`{"id":"key %d ü","name":"x"}`, i))
			uuids = append(uuids, fmt.Sprintf(`{"id":%q,"name":"x"}`, uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)})))
		}
		remapsAll(t, b, synced.Synced[Keyed[string, string]]{Table: "texts", Scope: "owner"}, "an owner", texts)
		remapsAll(t, b, synced.Synced[Keyed[uuid.UUID, uuid.UUID]]{Table: "uuids", Scope: "owner"}, uuid.Max, uuids)
	})
}

func remapsAll[T any](t *testing.T, b *bundle, d synced.Synced[T], scope any, raw []string) {
	t.Helper()
	synchronize(t, model(t, b, d), synced.In(scope), synced.Call{Records: parsed(t, raw...)})
	execute(t, b, "UPDATE "+d.Table+" SET synced_hash = synced_hash + 1099511627776 * 1024, name = 'old'")
	m := bind(t, b, d)
	require.True(t, needs(t, m))
	require.Equal(t, counts{updated: len(raw)}, countsOf(remap(t, m, synced.NoScope)))
	require.False(t, needs(t, m))
	require.Equal(t, counts{unchanged: len(raw)}, countsOf(synchronize(t, m, synced.In(scope), synced.Call{Records: parsed(t, raw...)})))
}

func TestRemap_ChildrenKeepTheirParents(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		e := newEstate(t, b, synced.Destroy)
		b.srv.Collection("houses").Put(remotetest.Record{"id": 1, "name": "x", "rooms": []nested{room(10, "a"), room(11, "b")}})
		synchronize(t, e.houses, synced.In(7))
		execute(t, b, "UPDATE rooms SET name = 'edited', notes = 'mine'")
		*e.events = nil
		require.Equal(t, counts{updated: 2}, countsOf(remap(t, e.rooms, synced.NoScope)))
		require.Equal(t, []string{"1 a mine", "1 b mine"}, column(t, b, "SELECT h.synced_id || ' ' || r.name || ' ' || r.notes FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY r.synced_id"))
		require.Equal(t, []string{"updated room 10", "updated room 11"}, *e.events)
		require.Equal(t, synced.Counts{Unchanged: 2}, synchronize(t, e.houses, synced.In(7)).Children["rooms"])
	})
}

// A run that writes a row waits for the batch that has it, and its object stays.
func TestRemap_UndoesNoRun(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := setup(t, "postgres")
	d := fullRentals()
	d.Remove = synced.Destroy
	before(t, b, d, 2)
	require.NoError(t, d.CreateTable(ctx, b.db))
	rentals := bind(t, b, d)
	done := make(chan error, 1)
	slow := d
	slow.MapVersion = 1
	slow.Map = func(_ remote.Object, r *Rental) error {
		if r.SyncedID != 1 {
			return nil
		}
		go func() {
			_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{Records: parsed(t, `{"id":1,"name":"newer"}`)})
			done <- err
		}()
		for column(t, b, "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0] == "0" {
			if len(done) > 0 {
				return errors.New("the run did not wait")
			}
		}
		return nil
	}
	remap(t, bind(t, b, slow), synced.In(1))
	require.NoError(t, <-done)
	require.Equal(t, []string{"newer"}, names(t, rentals, synced.In(1)))
}

func TestRemap_AnObjectThatIsNone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two")
		rentals := model(t, b, fullRentals())
		synchronize(t, rentals, synced.In(1))
		for _, wrong := range []string{`[]`, `{"id":7,"name":"another"}`} {
			execute(t, b, "UPDATE rentals SET synced_data = '"+wrong+"' WHERE synced_id = 2")
			_, err := rentals.Remap(context.Background(), synced.In(1))
			require.ErrorContains(t, err, "synced: rentals (account_id 1): record 2: the stored object")
		}
	})
}
