package stress_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

type villa struct {
	ID        int64               `db:"id"`
	SyncedID  int64               `json:"id" db:"synced_id"`
	AccountID int64               `db:"account_id"`
	OwnerID   *int64              `db:"owner_id" synced:"parent"`
	Name      string              `json:"name" db:"name" validate:"ne=bad"`
	Title     synced.Translations `json:"title" db:"title" synced:"translated"`
}

type room struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	VillaID   int64  `db:"villa_id" synced:"parent"`
	Name      string `json:"name" db:"name" validate:"ne=bad"`
}

type owner struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

func villaOf(id int, name string, owner any, rooms ...any) remotetest.Record {
	if rooms == nil {
		rooms = []any{}
	}
	return remotetest.Record{"id": id, "name": name, "owner": owner, "title": harness.Nested{"en": name}, "rooms": rooms}
}

func roomOf(id int, name string) any { return harness.Nested{"id": id, "name": name} }

// givesUp has the server give up each kind of transaction: the first time, and each
// third from then on.
func givesUp(t *testing.T, b *harness.Bundle, code string) {
	t.Helper()
	for _, table := range []string{"synced_runs", "synced_outbox"} {
		b.Execute(t, fmt.Sprintf("CREATE SEQUENCE %s_tries", table))
		b.Execute(t, fmt.Sprintf(`CREATE FUNCTION %[1]s_give_up() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN IF nextval(''%[1]s_tries'') %% 3 = 1 THEN RAISE EXCEPTION ''given up'' USING ERRCODE = ''%[2]s''; END IF; RETURN NULL; END'`, table, code))
		b.Execute(t, fmt.Sprintf("CREATE CONSTRAINT TRIGGER give_up AFTER INSERT OR UPDATE ON %[1]s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION %[1]s_give_up()", table))
	}
}

// outcome is what some runs came to.
type outcome struct {
	results []string
	tables  map[string][]string
}

// story runs over and over while records come, change, move, go, and are invalid.
func story(t *testing.T, b *harness.Bundle, c synced.Commit) outcome {
	t.Helper()
	var o outcome
	owners := harness.Model(t, b, synced.Synced[owner]{Table: "owners", Scope: "account_id", Strategy: strategy.Full{}, Outbox: true})
	rooms := harness.Model(t, b, synced.Synced[room]{Table: "rooms", Scope: "account_id", Invalid: synced.Quarantine{Limit: 1}, Outbox: true})
	villas := harness.Model(t, b, synced.Synced[villa]{Table: "villas", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{}, Invalid: synced.Quarantine{Limit: 1},
		Outbox: true, Commit: c,
		Associations: []synced.Association{synced.HasMany(rooms, "rooms", "villa_id")},
		BelongsTo:    []synced.Parent{synced.BelongsTo(owners, "owner", "owner_id", synced.MissingNull)}})
	run := func(records ...remotetest.Record) {
		b.Server.Collection("villas").Delete(b.Server.Collection("villas").IDs()...)
		for _, r := range records {
			b.Server.Collection("villas").Put(r)
		}
		r := harness.Sync(t, villas, synced.In(1), synced.Call{AllowRemoval: true})
		o.results = append(o.results, fmt.Sprint(harness.CountsOf(r), r.Quarantined, r.Children))
	}
	b.Server.Collection("owners").Put(remotetest.Record{"id": 1, "name": "ann"})
	harness.Sync(t, owners, synced.In(1))
	run(villaOf(1, "a", 1, roomOf(1, "x"), roomOf(2, "bad")), villaOf(2, "bad", 2), villaOf(3, "c", 2), villaOf(4, "d", 1, roomOf(3, "y")), villaOf(5, "e", nil))
	b.Server.Collection("owners").Put(remotetest.Record{"id": 2, "name": "bob"})
	harness.Sync(t, owners, synced.In(1))
	// Room 1 moves to a later page, room 3 to an earlier one; a villa becomes valid, and one goes.
	run(villaOf(1, "a2", 1, roomOf(2, "z"), roomOf(3, "y2")), villaOf(2, "b", 2), villaOf(3, "bad", 2), villaOf(4, "d", 1, roomOf(1, "x")), villaOf(6, "f", 1, roomOf(4, "bad")))
	run(villaOf(1, "a2", 1, roomOf(2, "z")), villaOf(3, "bad", 2), villaOf(4, "d2", 1, roomOf(1, "x2")), villaOf(6, "f", 1, roomOf(4, "bad")), villaOf(7, "g", 9))
	run(villaOf(1, "a2", 1, roomOf(2, "z")), villaOf(3, "bad", 2), villaOf(4, "d2", 1, roomOf(1, "x2")), villaOf(6, "f", 1, roomOf(4, "bad")), villaOf(7, "g", 9))
	_, err := villas.SyncOne(t.Context(), synced.In(1), 4)
	require.NoError(t, err)
	o.tables = map[string][]string{
		"villas":     b.Column(t, "SELECT concat_ws(' ', synced_id, name, (SELECT name FROM owners WHERE owners.id = owner_id), (SELECT string_agg(title, ',') FROM villas_translations WHERE parent_id = villas.id)) FROM villas ORDER BY synced_id"),
		"rooms":      b.Column(t, "SELECT concat_ws(' ', rooms.synced_id, rooms.name, villas.synced_id) FROM rooms LEFT JOIN villas ON villas.id = villa_id ORDER BY rooms.synced_id"),
		"quarantine": b.Column(t, "SELECT concat_ws(' ', model, remote_id, attempts, error) FROM synced_quarantine ORDER BY 1"),
		"waiting":    b.Column(t, "SELECT concat_ws(' ', model, remote_id, parent_id) FROM synced_waiting ORDER BY 1"),
		"changes":    b.Column(t, "SELECT concat_ws(' ', id, model, kind, remote_id) FROM synced_changes ORDER BY id"),
	}
	return o
}

func TestContract_C97_GivenUpTransactionsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"40001", "40P01"} {
		for name, c := range map[string]synced.Commit{"pages": synced.PerPage{Checkpoint: time.Nanosecond}, "atomic": synced.Atomic{}} {
			t.Run(code+" "+name, func(t *testing.T) {
				t.Parallel()
				want := story(t, harness.Setup(t, "postgres"), c)
				b := harness.Setup(t, "postgres")
				givesUp(t, b, code)
				got := story(t, b, c)
				require.Equal(t, want, got)
				require.NotEqual(t, []string{"1"}, b.Column(t, "SELECT last_value::text FROM synced_runs_tries"), "nothing was given up")
			})
		}
	}
}

// Also where a statement of the handler's is what the server gives up.
func TestContract_C97_Handler(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	b.Put("one", "two")
	calls := 0
	d := harness.Rentals()
	d.OnChange = func(ctx context.Context, tx store.Tx, changes []synced.Change[harness.Rental]) error {
		for i := range changes {
			changes[i].New.Name += "!" // which is the handler's own copy
		}
		if calls++; calls < 4 {
			return fmt.Errorf("mine: %w", &pgconn.PgError{Code: "40P01"})
		}
		return nil
	}
	rentals := harness.Model(t, b, d)
	r := harness.Sync(t, rentals, synced.In(1))
	require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(r))
	require.Equal(t, 4, calls)
	require.Equal(t, []string{"one", "two"}, harness.Names(t, rentals, synced.In(1)))

	// Not for ever, and not what another try can't help.
	b.Put("three", "four")
	calls = -1000
	_, err := rentals.Synchronize(t.Context(), synced.In(1))
	require.ErrorContains(t, err, "in each of 6 tries")
	require.Equal(t, -994, calls)
	broken := errors.New("broken")
	b2 := harness.Setup(t, "postgres")
	b2.Put("one")
	calls = 0
	d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { calls++; return broken }
	_, err = harness.Model(t, b2, d).Synchronize(t.Context(), synced.In(1))
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, calls)
}

// Rows that another transaction of the service's locks in another order.
func TestContract_C97_Deadlock(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	b.Put("one", "two")
	rentals := harness.Model(t, b, harness.Rentals())
	harness.Sync(t, rentals, synced.In(1))
	for n := range 3 {
		b.Put(fmt.Sprint("one ", n), fmt.Sprint("two ", n))
		ctx := context.Background()
		tx, err := b.Pool.Begin(ctx)
		require.NoError(t, err)
		_, err = tx.Exec(ctx, "SET LOCAL deadlock_timeout = '1h'")
		require.NoError(t, err)
		_, err = tx.Exec(ctx, "UPDATE rentals SET notes = 'locked' WHERE synced_id = 2")
		require.NoError(t, err)
		end := make(chan error, 1)
		go func() {
			_, err := rentals.Synchronize(ctx, synced.In(1))
			end <- err
		}()
		require.NoError(t, b.AwaitBlocked(end))
		_, err = tx.Exec(ctx, "UPDATE rentals SET notes = 'locked' WHERE synced_id = 1")
		require.NoError(t, err)
		require.NoError(t, tx.Commit(ctx))
		require.NoError(t, <-end)
		require.Equal(t, []string{fmt.Sprint("one ", n), fmt.Sprint("two ", n)}, harness.Names(t, rentals, synced.In(1)))
	}
}

// Eight processes create the tables at once, as their first act.
func TestContract_C97_CreateTableAtOnce(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			other := b.Other(t)
			wg.Go(func() {
				if errs[i] = other.DB.Migrate(context.Background()); errs[i] == nil {
					errs[i] = harness.Rentals().CreateTable(context.Background(), other.DB)
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		b.Put("one")
		harness.Sync(t, harness.Bind(t, b, harness.Rentals()), synced.In(1))
	})
}
