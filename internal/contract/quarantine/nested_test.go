package quarantine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Pet is one of a keeper's, and must have a name.
type Pet struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	KeeperID int64  `db:"keeper_id" synced:"parent"`
	Name     string `json:"name" db:"name" validate:"required"`
}

// lenientPet needs no name.
type lenientPet struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	KeeperID int64  `db:"keeper_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
}

// Keeper has pets.
type Keeper struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name" validate:"required"`
}

func keepers[P any](t *testing.T, b *harness.Bundle, create bool, s strategy.Strategy) (*synced.Model[Keeper], *synced.Model[P]) {
	t.Helper()
	make := harness.Bind[P]
	if create {
		make = harness.Model[P]
	}
	pets := make(t, b, synced.Synced[P]{Table: "pets", Strategy: strategy.Full{}, Invalid: synced.Quarantine{}})
	d := synced.Synced[Keeper]{Table: "keepers", Strategy: s, Remove: synced.Destroy{}, Invalid: synced.Quarantine{},
		Associations: []synced.Association{synced.HasMany(pets, "pets", "keeper_id")}}
	if create {
		return harness.Model(t, b, d), pets
	}
	return harness.Bind(t, b, d), pets
}

// keep puts a keeper with pets of the given names.
func keep(b *harness.Bundle, id int, name string, pets ...remotetest.Record) {
	b.Server.Collection("keepers").Put(remotetest.Record{"id": id, "name": name, "pets": pets})
}

func pet(id int, name string) remotetest.Record { return remotetest.Record{"id": id, "name": name} }

func pets(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT concat(k.synced_id, ' ', p.synced_id, ' ', p.name) FROM pets p JOIN keepers k ON k.id = p.keeper_id ORDER BY p.synced_id")
}

func TestContract_C60_NestedRecords(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				keep(b, 1, "Ann", pet(11, "cat"), pet(12, ""))
				keep(b, 2, "Bob", pet(21, "dog"), pet(22, ""))
				b.Server.Advance(time.Hour)
				model, nested := keepers[Pet](t, b, true, strategy.UpdatedSince{})
				call := synced.Call{Commit: commit}
				result := harness.Sync(t, model, synced.NoScope, call)
				require.Equal(t, synced.Counts{Created: 2, Quarantined: 2}, result.Children["pets"])
				require.Zero(t, result.Quarantined)
				require.Equal(t, []string{"12: " + nameless + " (1)", "22: " + nameless + " (1)"}, quarantined(t, nested, synced.NoScope))

				// A quarantined parent keeps its children, and those of them in quarantine.
				b.Server.Advance(time.Hour)
				keep(b, 1, "")
				result = harness.Sync(t, model, synced.NoScope, call)
				require.Equal(t, 1, result.Quarantined)
				require.Equal(t, synced.Counts{Quarantined: 2}, result.Children["pets"])
				require.Equal(t, []string{"1 11 cat", "2 21 dog"}, pets(t, b))

				// Tried again without being listed; its parent no longer has it.
				b.Server.Advance(time.Hour)
				keep(b, 1, "Ann", pet(11, "cat"))
				mended, nestedMended := keepers[lenientPet](t, b, false, strategy.UpdatedSince{})
				result = harness.Sync(t, mended, synced.NoScope, call)
				require.Equal(t, synced.Counts{Created: 1, Unchanged: 1}, result.Children["pets"])
				require.Equal(t, []string{"1 11 cat", "2 21 dog", "2 22 "}, pets(t, b))
				require.Empty(t, quarantined(t, nestedMended, synced.NoScope))

				// It goes with its parent.
				b.Server.Advance(time.Hour)
				keep(b, 2, "Bob", pet(21, "dog"), pet(23, ""))
				require.Equal(t, 1, harness.Sync(t, model, synced.NoScope, call).Children["pets"].Quarantined)
				b.Server.Advance(time.Hour)
				b.Server.Collection("keepers").Delete(2)
				harness.Sync(t, model, synced.NoScope, call)
				require.Equal(t, []string{"1 11 cat"}, pets(t, b))
				require.Empty(t, quarantined(t, nested, synced.NoScope))
			})
		})
	}
}

// A child that a bad parent lists exists, although its own parent no longer
// lists it. An attribute that is no list makes the parent bad.
func TestContract_C60_NestedRecordsOfABadParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		keep(b, 1, "Ann", pet(11, "cat"))
		keep(b, 2, "Bob", pet(21, "dog"))
		model, _ := keepers[Pet](t, b, true, strategy.Full{})
		harness.Sync(t, model, synced.NoScope)
		keep(b, 1, "Ann")
		keep(b, 2, "", pet(21, "dog"), pet(11, "cat"))
		b.Server.Collection("keepers").Put(remotetest.Record{"id": 3, "name": "Cid", "pets": "none"})
		result := harness.Sync(t, model, synced.NoScope)
		require.Equal(t, 2, result.Quarantined)
		require.Equal(t, []string{"1 11 cat", "2 21 dog"}, pets(t, b))
		require.Equal(t, []string{"2: " + nameless + " (1)", "3: pets: it holds no list of objects for the rows of pets: name the attribute that has one (1)"}, quarantined(t, model, synced.NoScope))
		keep(b, 1, "Ann", pet(11, "cat"), pet(12, ""))
		b.Server.Collection("keepers").Put(remotetest.Record{"id": 2, "name": "Bob", "pets": 7})
		diff, err := model.Check(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.Len(t, diff.Invalid, 2)
		require.True(t, diff.Passed(), diff)
	})
}

// A child that can't be mapped moves to the parent that lists it, as it is otherwise: its
// record exists, and its old parent may go.
func TestContract_C60_AnInvalidChildMoves(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				keep(b, 1, "Ann", pet(11, "cat"))
				keep(b, 2, "Bob", pet(21, "dog"))
				model, nested := keepers[Pet](t, b, true, strategy.Full{})
				call := synced.Call{Commit: commit}
				harness.Sync(t, model, synced.NoScope, call)

				b.Server.Collection("keepers").Delete(1)
				keep(b, 2, "Bob", pet(21, "dog"), pet(11, ""))
				result := harness.Sync(t, model, synced.NoScope, call)
				require.Equal(t, synced.Counts{Updated: 1, Unchanged: 1, Quarantined: 1}, result.Children["pets"])
				require.Equal(t, []string{"2 11 cat", "2 21 dog"}, pets(t, b))
				require.Equal(t, []string{"11: " + nameless + " (1)"}, quarantined(t, nested, synced.NoScope))

				result = harness.Sync(t, model, synced.NoScope, call)
				require.Equal(t, synced.Counts{Unchanged: 1, Quarantined: 1}, result.Children["pets"])
				keep(b, 2, "Bob", pet(21, "dog"))
				harness.Sync(t, model, synced.NoScope, call)
				require.Equal(t, []string{"2 21 dog"}, pets(t, b))
			})
		})
	}
}

// A run of the child model by itself leaves the nested ones in quarantine alone:
// it does not know their parents.
func TestContract_C60_TheChildsOwnRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		keep(b, 1, "Ann", pet(11, "cat"), pet(12, ""))
		model, _ := keepers[Pet](t, b, true, strategy.Full{})
		harness.Sync(t, model, synced.NoScope)
		b.Server.Collection("pets").Put(pet(11, "CAT"))
		_, mended := keepers[lenientPet](t, b, false, strategy.Full{})
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, mended, synced.NoScope)))
		require.Len(t, quarantined(t, mended, synced.NoScope), 1)
	})
}
