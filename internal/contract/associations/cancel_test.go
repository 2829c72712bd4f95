package associations_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// shelf has books, which have notes. Books can be canceled.
type shelf struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

type book struct {
	ID         int64      `db:"id"`
	SyncedID   int64      `json:"id" db:"synced_id"`
	ShelfID    int64      `db:"shelf_id" synced:"parent"`
	Name       string     `json:"name" db:"name"`
	CanceledAt *time.Time `db:"canceled_at"`
}

type note struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	BookID   int64  `db:"book_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
}

func library(t *testing.T, b *harness.Bundle, how, ofBooks synced.Removal) *synced.Model[shelf] {
	t.Helper()
	notes := harness.Model(t, b, synced.Synced[note]{Table: "notes"})
	books := harness.Model(t, b, synced.Synced[book]{Table: "books", Remove: ofBooks, Associations: []synced.Association{synced.HasMany(notes, "notes", "book_id")}})
	return harness.Model(t, b, synced.Synced[shelf]{Table: "shelves", Strategy: strategy.Full{}, Remove: how,
		Associations: []synced.Association{synced.HasMany(books, "books", "shelf_id")}})
}

func stock(b *harness.Bundle, ids ...int) {
	books := []harness.Nested{}
	for _, id := range ids {
		books = append(books, harness.Nested{"id": id, "name": "book", "notes": []harness.Nested{{"id": 10 * id, "name": "note"}}})
	}
	b.Server.Collection("shelves").Put(remotetest.Record{"id": 1, "name": "shelf", "books": books})
}

const inStock = "SELECT synced_id || CASE WHEN canceled_at IS NULL THEN '' ELSE ' canceled' END FROM books ORDER BY synced_id"

func TestContract_C151_UnlistedChildrenAreCanceledAsTheirParentsWouldBe(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		shelves := library(t, b, synced.CancelOrDestroy{}, nil)
		stock(b, 1, 2)
		harness.Sync(t, shelves, synced.NoScope)
		stock(b, 1)
		require.Equal(t, synced.Counts{Unchanged: 1, Removed: 1}, harness.Sync(t, shelves, synced.NoScope).Children["books"])
		require.Equal(t, []string{"1", "2 canceled"}, b.Column(t, inStock))
		require.Equal(t, []string{"10", "20"}, b.Column(t, "SELECT synced_id FROM notes ORDER BY 1"), "the book is still there, and so are its notes")
		require.Equal(t, synced.Counts{Unchanged: 1}, harness.Sync(t, shelves, synced.NoScope).Children["books"], "once")
		diff, err := shelves.Check(t.Context(), synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)

		stock(b, 1, 2)
		require.Equal(t, synced.Counts{Unchanged: 1, Restored: 1}, harness.Sync(t, shelves, synced.NoScope).Children["books"])
		require.Equal(t, []string{"1", "2"}, b.Column(t, inStock))

		// Deleted parents take their children along, and a call may say how.
		stock(b, 1)
		harness.Sync(t, shelves, synced.NoScope, synced.Call{Remove: synced.Destroy{}})
		require.Equal(t, []string{"1"}, b.Column(t, inStock))
		b.Server.Collection("shelves").Delete(1)
		harness.Sync(t, shelves, synced.NoScope, synced.Call{AllowRemoval: true})
		require.Empty(t, b.Column(t, inStock))
	})
}

func TestContract_C151_WhatIsDeclaredOfChildrenCounts(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, c := range []struct{ shelves, books synced.Removal }{{synced.Destroy{}, nil}, {synced.CancelOrDestroy{}, synced.Destroy{}}} {
			shelves := library(t, b, c.shelves, c.books)
			stock(b, 1, 2)
			harness.Sync(t, shelves, synced.NoScope)
			stock(b, 1)
			harness.Sync(t, shelves, synced.NoScope)
			require.Equal(t, []string{"1"}, b.Column(t, inStock))
			stock(b)
			harness.Sync(t, shelves, synced.NoScope, synced.Call{AllowRemoval: true})
			for _, table := range []string{"notes", "books", "shelves"} {
				b.Execute(t, "DROP TABLE "+table)
			}
		}
	})
}
