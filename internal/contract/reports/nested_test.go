package reports_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// item nests labels.
type item struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// owned is a label of one item.
type owned struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	ItemID   int64  `db:"item_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
	Note     string `db:"note"`
}

type nested = map[string]any

func label(id int, name string) nested { return nested{"id": id, "name": name} }

// itemsOwning binds items whose labels are under an attribute, with what tells the end
// of the list.
func itemsOwning(t *testing.T, b *harness.Bundle, attribute string, ends ...synced.ListEnd) *synced.Model[item] {
	t.Helper()
	labels := synced.Synced[owned]{Table: "labels"}
	if b.Pool == nil {
		b.Execute(t, "CREATE TABLE labels (key integer PRIMARY KEY AUTOINCREMENT, synced_id bigint UNIQUE, item_id bigint NOT NULL, name text NOT NULL, note text NOT NULL DEFAULT '', synced_hash bigint)")
	} else {
		b.Execute(t, "CREATE TABLE labels (key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, synced_id bigint UNIQUE, item_id bigint NOT NULL, name text NOT NULL, note text NOT NULL DEFAULT '', synced_hash bigint)")
	}
	return harness.Model(t, b, synced.Synced[item]{Table: "items", Strategy: strategy.Full{}, Remove: synced.Destroy{},
		Associations: []synced.Association{synced.HasMany(harness.Model(t, b, labels), attribute, "item_id", ends...)}})
}

// putItem has the remote list an item with other attributes.
func putItem(b *harness.Bundle, id int, more nested) {
	r := remotetest.Record{"id": id, "name": fmt.Sprint("item ", id)}
	for name, v := range more {
		r[name] = v
	}
	b.Server.Collection("items").Put(r)
}

// labelsOf returns which item has which label.
func labelsOf(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT i.synced_id || ':' || l.synced_id FROM labels l JOIN items i ON i.id = l.item_id ORDER BY i.synced_id, l.synced_id")
}

func TestReport_R17_C57_ANestedListThatIsNotWhole(t *testing.T) {
	for name, c := range map[string]struct {
		end   synced.ListEnd
		cut   nested // beside the list, where it has more
		whole nested
	}{
		"has_more":              {synced.ListMore{Attribute: "labels.has_more"}, nested{"has_more": true}, nested{"has_more": false}},
		"a link":                {synced.ListMore{Attribute: "labels.next"}, nested{"next": "/items/1/labels?page=2"}, nested{"next": nil}},
		"a position":            {synced.ListMore{Attribute: "labels.next_cursor"}, nested{"next_cursor": "abc"}, nested{"next_cursor": ""}},
		"an object":             {synced.ListMore{Attribute: "labels.next"}, nested{"next": nested{"href": "/"}}, nested{"next": nil}},
		"lacking":               {synced.ListMore{Attribute: "labels.has_more"}, nested{}, nested{"has_more": false}},
		"omitted":               {synced.ListMore{Attribute: "labels.has_more", Omitted: true}, nested{"has_more": true}, nested{}},
		"a total":               {synced.ListTotal{Attribute: "labels.total"}, nested{"total": 3}, nested{"total": 1}},
		"a total as text":       {synced.ListTotal{Attribute: "labels.total"}, nested{"total": "3"}, nested{"total": "1"}},
		"no total":              {synced.ListTotal{Attribute: "labels.total"}, nested{}, nested{"total": 1}},
		"a total that is null":  {synced.ListTotal{Attribute: "labels.total"}, nested{"total": nil}, nested{"total": 1}},
		"a total that is lower": {synced.ListTotal{Attribute: "labels.total"}, nested{"total": 3}, nested{"total": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				list := func(with nested, labels ...nested) {
					of := nested{"data": labels}
					for name, v := range with {
						of[name] = v
					}
					putItem(b, 1, nested{"labels": of})
				}
				model := itemsOwning(t, b, "labels.data", c.end)
				list(c.cut, label(5, "a"), label(6, "b"))
				b.Execute(t, "INSERT INTO items (synced_id, name) VALUES (1, 'item 1')")
				b.Execute(t, "INSERT INTO labels (synced_id, item_id, name) SELECT 7, id, 'c' FROM items")
				require.Equal(t, synced.Counts{Created: 2}, harness.Sync(t, model, synced.NoScope).Children["labels"])

				// Two are left out: they stay, in a check and in one record as well.
				list(c.cut, label(5, "new"))
				diff, err := model.Check(context.Background(), synced.NoScope)
				require.NoError(t, err)
				require.Len(t, diff.Changed, 1)
				require.Len(t, diff.Changed[0].Fields, 1, diff)
				require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, model, synced.NoScope).Children["labels"])
				_, err = model.SyncOne(context.Background(), synced.NoScope, 1)
				require.NoError(t, err)
				require.Equal(t, []string{"1:5", "1:6", "1:7"}, labelsOf(t, b))

				// A list that is whole removes what it leaves out.
				list(c.whole, label(5, "new"))
				require.Equal(t, synced.Counts{Unchanged: 1, Removed: 2}, harness.Sync(t, model, synced.NoScope).Children["labels"])
				require.Equal(t, []string{"1:5"}, labelsOf(t, b))
			})
		})
	}
}

func TestReport_R17_MistakesInListEnds(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := itemsOwning(t, b, "labels", synced.ListTotal{Attribute: "many"})
		putItem(b, 1, nested{"labels": []nested{}, "many": "lots"})
		_, err := model.Synchronize(context.Background(), synced.NoScope)
		require.EqualError(t, err, "synced: items: page 1: record 1: many: want a number of objects: name the attribute that holds it in the ListTotal")

		labels := harness.Bind(t, b, synced.Synced[owned]{Table: "labels"})
		for _, end := range []synced.ListEnd{nil, synced.ListMore{}, (*synced.ListMore)(nil)} {
			_, err = synced.New(context.Background(), b.DB, synced.Synced[item]{Table: "items", API: b.API,
				Associations: []synced.Association{synced.HasMany(labels, "labels", "item_id", end)}})
			require.EqualError(t, err, `synced: items: association "labels": a ListMore or ListTotal names no attribute: name the one that tells whether the list is whole`)
		}
	})
}

// sharedLabel is the error of a child that two parents list.
const sharedLabel = "record 5: items 1 lists it too, and a row has one parent: if both have it, use synced.Linked with a join table"

func TestReport_R16_C58_AChildOfTwoParents(t *testing.T) {
	for name, second := range map[string]int{"on one page": 2, "on two pages": 5} {
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			t.Run(fmt.Sprintf("%s, %T", name, commit), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					for id := range second {
						putItem(b, id+1, nested{"labels": []nested{}})
					}
					putItem(b, 1, nested{"labels": []nested{label(5, "a")}})
					putItem(b, second, nested{"labels": []nested{label(4, "b"), label(5, "a")}})
					model := itemsOwning(t, b, "labels")
					call := synced.Call{Commit: commit}
					for range 2 {
						_, err := model.Synchronize(context.Background(), synced.NoScope, call)
						require.ErrorContains(t, err, fmt.Sprintf("record %d: labels: %s", second, sharedLabel))
					}

					// With one parent, it stays when only the other is asked for.
					putItem(b, second, nested{"labels": []nested{label(4, "b")}})
					harness.Sync(t, model, synced.NoScope, call)
					_, err := model.SyncOne(context.Background(), synced.NoScope, second)
					require.NoError(t, err)
					require.Equal(t, []string{"1:5", fmt.Sprintf("%d:4", second)}, labelsOf(t, b))

					// A check and a dry run say it, too.
					putItem(b, second, nested{"labels": []nested{label(5, "a")}})
					_, err = model.Check(context.Background(), synced.NoScope)
					require.ErrorContains(t, err, sharedLabel)
					b.Execute(t, "DELETE FROM labels")
					b.Execute(t, "DELETE FROM items")
					_, err = model.Synchronize(context.Background(), synced.NoScope, synced.Call{DryRun: true})
					require.ErrorContains(t, err, "lists it too, and a row has one parent")
				})
			})
		}
	}
}

func TestReport_R16_C58_AChildThatMoves(t *testing.T) {
	for name, ids := range map[string][2]int{"on one page": {1, 2}, "to a later page": {1, 5}, "to an earlier page": {5, 1}} {
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			for _, removal := range []synced.Removal{synced.Destroy{}, synced.KeepRows{}} {
				t.Run(fmt.Sprintf("%s, %T, %T", name, commit, removal), func(t *testing.T) {
					harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
						from, to := ids[0], ids[1]
						for id := range 7 {
							putItem(b, id+1, nested{"labels": []nested{}})
						}
						putItem(b, from, nested{"labels": []nested{label(5, "a"), label(6, "b")}})
						model := itemsOwning(t, b, "labels")
						call := synced.Call{Commit: commit, Remove: removal}
						harness.Sync(t, model, synced.NoScope, call)
						b.Execute(t, "UPDATE labels SET note = 'ours'")
						key := b.Column(t, "SELECT key || '' FROM labels WHERE synced_id = 5")

						putItem(b, from, nested{"labels": []nested{}})
						putItem(b, to, nested{"labels": []nested{label(5, "a")}})
						counts := harness.Sync(t, model, synced.NoScope, call).Children["labels"]
						if removal == (synced.Destroy{}) {
							require.Equal(t, synced.Counts{Updated: 1, Removed: 1}, counts)
							require.Equal(t, []string{fmt.Sprintf("%d:5", to)}, labelsOf(t, b))
						} else {
							require.Equal(t, synced.Counts{Updated: 1}, counts)
						}
						require.Equal(t, key, b.Column(t, "SELECT key || '' FROM labels WHERE synced_id = 5"), "it is the same row")
						require.Equal(t, []string{"ours"}, b.Column(t, "SELECT note FROM labels WHERE synced_id = 5"))
						require.Equal(t, synced.Counts{Unchanged: 1}, harness.Sync(t, model, synced.NoScope, call).Children["labels"])
					})
				})
			}
		}
	}
}

// A list that shifts may list a parent twice: its latest list counts.
func TestReport_R16_AParentThatIsListedAgain(t *testing.T) {
	for _, removal := range []synced.Removal{synced.Destroy{}, synced.KeepRows{}} {
		t.Run(fmt.Sprintf("%T", removal), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				model := itemsOwning(t, b, "labels")
				list := func(pages ...string) synced.Result {
					api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
						return func(yield func(*remote.Page, error) bool) {
							for i, text := range pages {
								p := &remote.Page{Number: i + 1, More: i+1 < len(pages), Shifting: true, Objects: harness.Parsed(t, text)}
								if !yield(p, nil) {
									return
								}
							}
						}
					})
					return harness.Sync(t, model, synced.NoScope, synced.Call{API: api, Remove: removal})
				}
				const first = `{"id":3,"name":"c","labels":[{"id":5,"name":"a"},{"id":6,"name":"b"}]}`
				list(first)
				list(first, `{"id":3,"name":"c","labels":[{"id":6,"name":"b"}]}`, `{"id":6,"name":"f","labels":[{"id":5,"name":"a"}]}`)
				require.Equal(t, []string{"3:6", "6:5"}, labelsOf(t, b))
				list(first, first, `{"id":6,"name":"f","labels":[]}`)
				require.Equal(t, []string{"3:5", "3:6"}, labelsOf(t, b))
			})
		})
	}
}

func TestReport_R18_AChildListedTwiceWithOtherBytes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := itemsOwning(t, b, "labels")
		putItem(b, 1, nested{"labels": []nested{label(5, "a"), label(5, "b")}})
		_, err := model.Synchronize(context.Background(), synced.NoScope)
		require.ErrorIs(t, err, synced.ErrDuplicateID)
		require.ErrorContains(t, err, "page 1: record 1: labels: record 5: ")
		putItem(b, 1, nested{"labels": []nested{label(5, "a"), label(5, "a")}})
		require.Equal(t, synced.Counts{Created: 1}, harness.Sync(t, model, synced.NoScope).Children["labels"])
	})
}

// What a run that was killed has dropped is removed by the one that resumes its pass.
func TestReport_R16_DroppedBeforeAnInterruption(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for id := range 8 {
			putItem(b, id+1, nested{"labels": []nested{}})
		}
		putItem(b, 1, nested{"labels": []nested{label(5, "a"), label(6, "b")}})
		model := itemsOwning(t, b, "labels")
		harness.Sync(t, model, synced.NoScope)
		putItem(b, 1, nested{"labels": []nested{}})
		putItem(b, 8, nested{"labels": []nested{label(6, "b")}})
		b.Server.Fault(remotetest.Fault{Page: 3, Status: 404})
		call := synced.Call{API: harness.Resumable(t, b).API, Commit: synced.PerPage{Checkpoint: 1}}
		_, err := model.Synchronize(context.Background(), synced.NoScope, call)
		require.Error(t, err)
		require.Equal(t, []string{"1:5", "1:6"}, labelsOf(t, b))
		result := harness.Sync(t, model, synced.NoScope, call)
		require.True(t, result.Resumed)
		require.Equal(t, []string{"8:6"}, labelsOf(t, b))
	})
}

// Two lists of one item whose rows can't be told apart would remove each other's.
func TestReport_R17_C07_TwoListsInOneColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "CREATE TABLE labels (synced_id bigint PRIMARY KEY, item_id bigint NOT NULL, name text NOT NULL, note text NOT NULL DEFAULT '')")
		labels := harness.Bind(t, b, synced.Synced[owned]{Table: "labels"})
		again := harness.Bind(t, b, synced.Synced[owned]{Table: "labels"})
		harness.Model(t, b, synced.Synced[item]{Table: "items"})
		for _, c := range []struct {
			associations []synced.Association
			want         string
		}{
			{[]synced.Association{synced.HasMany(labels, "labels", "item_id"), synced.HasMany(labels, "more", "item_id")},
				`synced: items: association "more": association "labels" has its rows in table "labels" with the parent in column "item_id", too: give each a column or a table of its own`},
			{[]synced.Association{synced.HasOne(labels, "first", "item_id"), synced.HasMany(again, "labels", "item_id")}, `association "first" has its rows in table "labels"`},
		} {
			_, err := synced.New(ctx, b.DB, synced.Synced[item]{Table: "items", API: b.API, Associations: c.associations})
			require.ErrorContains(t, err, c.want)
		}
	})
}
