package expand_test

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

// book has chapters, which only the whole record has, and a shelf.
type book struct {
	ID       int64               `db:"id"`
	SyncedID int64               `json:"id" db:"synced_id"`
	Title    synced.Translations `json:"title" db:"title" synced:"translated"`
	RackID   *int64              `db:"rack_id" synced:"parent"`
	Data     synced.Data         `db:"synced_data"`
}

type chapter struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	BookID   int64  `db:"book_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
}

type rack struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// What belongs to a record comes with it, stays while its summary does, and is mended.
func TestContract_C190_WhatBelongsToARecord(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				srv, api := shelf(t, remotetest.Style{Summary: []string{"rev", "chapters_count"}})
				chapters := harness.Model(t, b, synced.Synced[chapter]{Table: "chapters"})
				racks := harness.Model(t, b, synced.Synced[rack]{Table: "racks"})
				m := harness.Model(t, b, synced.Synced[book]{Table: "docs", API: api, Expand: 2, Commit: commit, Strategy: strategy.Full{}, Remove: synced.Destroy{},
					Associations: []synced.Association{synced.HasMany(chapters, "chapters", "book_id")},
					BelongsTo:    []synced.Parent{synced.BelongsTo(racks, "rack_id", "rack_id", synced.MissingNull)}})
				write := func(id, rev int, names ...string) {
					list := []any{}
					for n, name := range names {
						list = append(list, remotetest.Record{"id": 10*id + n, "name": name})
					}
					srv.Collection("docs").Put(remotetest.Record{"id": id, "rev": rev, "rack_id": 7, "title": remotetest.Record{"en": fmt.Sprint("b", id, rev)}, "chapters": list})
				}
				read := func() []string {
					return b.Column(t, "SELECT d.synced_id || ' ' || c.name FROM docs d JOIN chapters c ON c.book_id = d.id ORDER BY c.synced_id")
				}
				titles := func() []string { return b.Column(t, "SELECT title FROM docs_translations ORDER BY title") }
				for id := 1; id <= 4; id++ {
					write(id, 1, "a", "b")
				}
				harness.Sync(t, m, synced.NoScope)
				require.Equal(t, []string{"1 a", "1 b", "2 a", "2 b", "3 a", "3 b", "4 a", "4 b"}, read())
				asked(srv)
				require.Equal(t, 4, harness.Sync(t, m, synced.NoScope).Unchanged)
				require.Equal(t, 4, harness.Sync(t, m, synced.NoScope).Unchanged)
				require.Empty(t, asked(srv))

				harness.Sync(t, racks, synced.NoScope, synced.Call{Records: harness.Parsed(t, `{"id":7,"name":"r"}`)})
				b.Execute(t, "DELETE FROM chapters WHERE synced_id = 11")
				b.Execute(t, "UPDATE docs_translations SET title = 'x' WHERE title = 'b2 1'")
				write(3, 2, "a")
				harness.Sync(t, m, synced.NoScope)
				require.Equal(t, []string{"3"}, asked(srv))
				require.Equal(t, []string{"1 a", "1 b", "2 a", "2 b", "3 a", "4 a", "4 b"}, read())
				require.Equal(t, []string{"b1 1", "b2 1", "b3 2", "b4 1"}, titles())
				require.Equal(t, []string{"4"}, b.Column(t, "SELECT count(*) FROM docs WHERE rack_id IS NOT NULL"))
				diff, err := m.Check(context.Background(), synced.NoScope)
				require.NoError(t, err)
				require.True(t, diff.Passed(), "%s", diff)
				require.Empty(t, asked(srv))
			})
		})
	}
}

// A run that died in the middle of a page is resumed, and asks for nothing twice that stands.
func TestContract_C190_ARunThatDied(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api := shelf(t, remotetest.Style{Whole: true})
		m := docs(t, b, api, func(d *synced.Synced[doc]) { d.Commit = synced.PerPage{Checkpoint: time.Nanosecond} })
		const n = 1100
		for id := 1; id <= n; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		srv.OnRequest(func(r remotetest.Request) {
			if r.Collection == "docs/1090" {
				cancel()
			}
		})
		_, err := m.Synchronize(ctx, synced.NoScope)
		require.ErrorIs(t, err, context.Canceled)
		stand := len(read(t, m))
		require.Equal(t, 1000, stand)
		srv.OnRequest(nil)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, n-stand, result.Created)
		require.Equal(t, stand, result.Unchanged)
		require.LessOrEqual(t, result.Requests, n-stand+2)
		require.Zero(t, result.Removed)
	})
}

// issue is listed for each doc.
type issue struct {
	SyncedID int64       `json:"id" db:"synced_id"`
	DocID    int64       `db:"doc_id"`
	Title    string      `json:"title" db:"title"`
	Data     synced.Data `db:"synced_data"`
}

func TestContract_C190_AListForEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api := shelf(t, remotetest.Style{})
		parents := docs(t, b, api, nil)
		issues := harness.Model(t, b, synced.Synced[issue]{Table: "issues", Scope: "doc_id", API: api, Expand: 3, Remove: synced.Destroy{},
			PerParent: synced.Each(parents, "docs/{synced_id}/issues", synced.EachOptions{})})
		for id := 1; id <= 2; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
			for n := 1; n <= 4; n++ {
				srv.Collection(fmt.Sprintf("docs/%d/issues", id)).Put(remotetest.Record{"id": n, "rev": 1, "title": fmt.Sprint(id, "-", n)})
			}
		}
		harness.Sync(t, parents, synced.NoScope)
		require.Equal(t, 8, harness.Sync(t, issues, synced.NoScope).Created)
		asked(srv)
		srv.Collection("docs/2/issues").Update(3, remotetest.Record{"rev": 2, "title": "new"})
		require.Equal(t, 1, harness.Sync(t, issues, synced.NoScope).Updated)
		require.Equal(t, []string{"new"}, b.Column(t, "SELECT i.title FROM issues i JOIN docs d ON d.id = i.doc_id WHERE i.synced_id = 3 AND d.synced_id = 2"))
		require.Len(t, b.Column(t, "SELECT 1 FROM issues WHERE title = 'new'"), 1)
	})
}
