package associations_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Item has labels, which other items may have, too.
type Item struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Account  int64  `db:"account_id"`
	Name     string `json:"name" db:"name"`
}

// Label is a label of any number of items, with a title by locale, and its tints.
type Label struct {
	ID       int64               `db:"id"`
	SyncedID string              `json:"id" db:"synced_id"`
	Account  int64               `db:"account_id"`
	Name     string              `json:"name" db:"name" validate:"required"`
	Title    synced.Translations `json:"title" db:"title" synced:"translated"`
}

// Tint is a tint of a label.
type Tint struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	LabelID  int64 `db:"label_id" synced:"parent"`
}

// catalog is items with their labels. Events notes their changes.
type catalog struct {
	items  *synced.Model[Item]
	labels *synced.Model[Label]
	events []string
}

func newCatalog(t *testing.T, b *harness.Bundle, change ...func(*synced.Synced[Item], *synced.Synced[Label])) *catalog {
	t.Helper()
	c := &catalog{}
	tints := synced.Synced[Tint]{Table: "tints"}
	labels := synced.Synced[Label]{Table: "labels", Scope: "account_id", Strategy: strategy.Full{}, OnChange: harness.Noting[Label](&c.events, "label")}
	items := synced.Synced[Item]{Table: "items", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{}, OnChange: harness.Noting[Item](&c.events, "item")}
	for _, f := range change {
		f(&items, &labels)
	}
	labels.Associations = []synced.Association{synced.HasMany(harness.Model(t, b, tints), "tints", "label_id")}
	c.labels = harness.Model(t, b, labels)
	items.Associations = append(items.Associations, synced.Linked(c.labels, "labels", "item_labels", "item_id", "label_id"))
	c.items = harness.Model(t, b, items)
	return c
}

func labelOf(id string, more ...harness.Nested) harness.Nested {
	l := harness.Nested{"id": id, "name": "label " + id, "title": harness.Nested{"en": "Label " + id}, "tints": []harness.Nested{}}
	for _, m := range more {
		for name, v := range m {
			l[name] = v
		}
	}
	return l
}

// putLabeled has the remote list an item with labels.
func putLabeled(b *harness.Bundle, id int, labels ...harness.Nested) {
	if labels == nil {
		labels = []harness.Nested{}
	}
	b.Server.Collection("items").Put(remotetest.Record{"id": id, "name": fmt.Sprint("item ", id), "labels": labels})
}

func links(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT i.synced_id || ':' || coalesce(l.synced_id, l.name) FROM item_labels il JOIN items i ON i.id = il.item_id JOIN labels l ON l.id = il.label_id ORDER BY i.synced_id, 1")
}

func TestContract_C56_ChildrenThatParentsShare(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				call := synced.Call{Commit: commit}
				c := newCatalog(t, b)
				red, blue := labelOf("r", harness.Nested{"tints": []harness.Nested{{"id": 1}}}), labelOf("b")
				putLabeled(b, 1, red, blue)
				putLabeled(b, 2, red)
				putLabeled(b, 3)
				putLabeled(b, 4, blue, red) // on another page
				result := harness.Sync(t, c.items, synced.In(7), call)
				require.Equal(t, map[string]synced.Counts{"labels": {Created: 2}, "labels_translations": {Created: 2}, "tints": {Created: 1}, "item_labels": {Created: 5}}, result.Children)
				require.Equal(t, []string{"1:b", "1:r", "2:r", "4:b", "4:r"}, links(t, b))
				require.Equal(t, "labels", b.Server.Log()[0].Query.Get("include"))

				// Nothing new writes nothing.
				c.events = nil
				before := append(b.Written(t, "item_labels"), b.Written(t, "labels")...)
				result = harness.Sync(t, c.items, synced.In(7), call)
				require.Equal(t, map[string]synced.Counts{"labels": {Unchanged: 2}, "labels_translations": {}, "tints": {Unchanged: 1}, "item_labels": {}}, result.Children)
				require.Equal(t, before, append(b.Written(t, "item_labels"), b.Written(t, "labels")...))

				// Links are a set: they come and go, also without removal, and are no changes
				// of rows. What no item lists stays.
				putLabeled(b, 1, labelOf("g"))
				putLabeled(b, 2)
				putLabeled(b, 4, red)
				b.Execute(t, "INSERT INTO labels (account_id, name) VALUES (7, 'ours')")
				b.Execute(t, "INSERT INTO item_labels SELECT i.id, l.id FROM items i, labels l WHERE i.synced_id = 2 AND l.name = 'ours'")
				keep := call
				keep.Remove = synced.KeepRows{}
				result = harness.Sync(t, c.items, synced.In(7), keep)
				require.Equal(t, synced.Counts{Created: 1, Removed: 4}, result.Children["item_labels"])
				require.Equal(t, synced.Counts{Created: 1, Unchanged: 1}, result.Children["labels"])
				require.Equal(t, []string{"1:g", "2:ours", "4:r"}, links(t, b), "what is the service's own stays")
				require.Equal(t, []string{"created label g"}, c.events)

				// A parent that lacks the attribute says nothing. One that goes is untied.
				b.Server.Collection("items").Put(remotetest.Record{"id": 1, "name": "item 1"})
				b.Server.Collection("items").Delete(4)
				result = harness.Sync(t, c.items, synced.In(7), call)
				require.Equal(t, 1, result.Removed)
				require.Equal(t, synced.Counts{Removed: 1}, result.Children["item_labels"])
				require.Equal(t, []string{"1:g", "2:ours"}, links(t, b))
				require.Equal(t, []string{"b", "g", "r"}, b.Column(t, "SELECT synced_id FROM labels WHERE synced_id IS NOT NULL ORDER BY 1"))
			})
		})
	}
}

// The child has an endpoint of its own: what its own runs delete is untied before, also
// where the table does not see to it.
func TestContract_C56_ASharedChildThatIsDeleted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCatalog(t, b)
		b.Execute(t, "DROP TABLE item_labels")
		b.Execute(t, "CREATE TABLE item_labels (item_id bigint NOT NULL REFERENCES items (id), label_id bigint NOT NULL REFERENCES labels (id), PRIMARY KEY (item_id, label_id))")
		putLabeled(b, 1, labelOf("r"), labelOf("b"))
		harness.Sync(t, c.items, synced.In(7))
		b.Server.Collection("labels").PutRaw(`{"id":"b","name":"label b","title":{"en":"Label b"},"tints":[]}`)
		result := harness.Sync(t, c.labels, synced.In(7), synced.Call{Remove: synced.Destroy{}})
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"1:b"}, links(t, b))
		b.Server.Collection("items").Delete(1)
		putLabeled(b, 2)
		harness.Sync(t, c.items, synced.In(7))
		require.Empty(t, links(t, b))
	})
}

func TestContract_C56_ChecksCompareLinks(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		c := newCatalog(t, b)
		for id := range 5 { // on two pages
			putLabeled(b, id+1, labelOf("r"), labelOf("b"))
		}
		harness.Sync(t, c.items, synced.In(7))
		check := func() (found []string, diff *synced.Diff) {
			diff, err := c.items.Check(ctx, synced.In(7))
			require.NoError(t, err)
			for _, changed := range diff.Changed {
				for _, f := range changed.Fields {
					if o, ok := f.Remote.(remote.Object); ok {
						f.Remote = string(o.Raw())
					}
					found = append(found, fmt.Sprint(changed.ID, " ", f.Column, " ", f.Local, " ", f.Remote))
				}
			}
			return found, diff
		}
		found, _ := check()
		require.Empty(t, found)

		b.Execute(t, "UPDATE labels SET name = 'edited' WHERE synced_id = 'r'")
		b.Execute(t, "DELETE FROM item_labels WHERE item_id = (SELECT id FROM items WHERE synced_id = 2) AND label_id = (SELECT id FROM labels WHERE synced_id = 'b')")
		putLabeled(b, 5, labelOf("r"))
		putLabeled(b, 6, labelOf("r"), labelOf("g"))
		putLabeled(b, 4, labelOf("r"), labelOf("b"), labelOf("g"))
		found, diff := check()
		require.Equal(t, []string{"1 labels[r].name edited label r", "2 item_labels[b] <nil> linked", "4 labels[g] <nil> " + `{"id":"g","name":"label g","tints":[],"title":{"en":"Label g"}}`, "4 item_labels[g] <nil> linked", "5 item_labels[b] linked <nil>"}, found)
		require.Len(t, diff.Missing, 1)

		dry := harness.Sync(t, c.items, synced.In(7), synced.Call{DryRun: true})
		require.Equal(t, diff.Changed, dry.Diff.Changed)

		result, err := c.items.Apply(ctx, synced.In(7), diff)
		require.NoError(t, err)
		require.Equal(t, synced.Counts{Created: 4, Removed: 1}, result.Children["item_labels"])
		found, diff = check()
		require.Empty(t, found)
		require.True(t, diff.Passed())
	})
}

func TestContract_C52_C56_LinksAreComparedAsASet(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv := remotetest.New(remotetest.Config{PerPage: 1000, Token: harness.Token})
		t.Cleanup(srv.Close)
		b.Server, b.API = srv, harness.Client(t, srv, harness.Token)
		count := b.Statements(t)
		c := newCatalog(t, b)
		cost := func(items, shift int) int64 {
			for i := range items {
				putLabeled(b, i+1, labelOf(fmt.Sprint((i+shift)%3)), labelOf(fmt.Sprint((i+shift+1)%3)))
			}
			count.Store(0)
			harness.Sync(t, c.items, synced.In(7))
			return count.Load()
		}
		few, changed, unchanged := cost(5, 0), cost(5, 1), cost(5, 1)
		b.Execute(t, "DELETE FROM item_labels")
		b.Execute(t, "DELETE FROM items")
		b.Execute(t, "DELETE FROM labels")
		require.Equal(t, few, cost(500, 0), "created")
		require.Equal(t, changed, cost(500, 1), "changed")
		require.Equal(t, unchanged, cost(500, 1), "unchanged")
		t.Logf("statements of a page of any size: %d created, %d changed, %d unchanged", few, changed, unchanged)
	})
}

func TestContract_C56_SharedChildrenInQuarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCatalog(t, b, func(_ *synced.Synced[Item], l *synced.Synced[Label]) { l.Invalid = synced.Quarantine{} })
		good, bad := labelOf("r"), labelOf("b", harness.Nested{"name": ""})
		lying := func() (ids []string) {
			for q, err := range c.labels.Quarantined(context.Background(), synced.In(7)) {
				require.NoError(t, err)
				ids = append(ids, q.ID)
			}
			return ids
		}
		putLabeled(b, 1, good, bad)
		putLabeled(b, 2, bad)
		require.Equal(t, synced.Counts{Created: 1, Quarantined: 1}, harness.Sync(t, c.items, synced.In(7)).Children["labels"])
		require.Equal(t, []string{"1:r"}, links(t, b))
		require.Equal(t, []string{"b"}, lying())

		// One item drops it, the other still has it.
		putLabeled(b, 1, good)
		harness.Sync(t, c.items, synced.In(7))
		require.Equal(t, []string{"b"}, lying())

		// A label that has a row stays tied while its record is invalid.
		putLabeled(b, 1, good, labelOf("b"))
		putLabeled(b, 2, labelOf("b"))
		harness.Sync(t, c.items, synced.In(7))
		require.Empty(t, lying())
		require.Equal(t, []string{"1:b", "1:r", "2:b"}, links(t, b))
		putLabeled(b, 1, good, bad)
		putLabeled(b, 2, bad)
		harness.Sync(t, c.items, synced.In(7))
		require.Equal(t, []string{"1:b", "1:r", "2:b"}, links(t, b))
		require.Equal(t, []string{"b"}, lying())

		// No item has it any longer.
		putLabeled(b, 1, good)
		putLabeled(b, 2)
		harness.Sync(t, c.items, synced.In(7))
		require.Equal(t, []string{"1:r"}, links(t, b))
		require.Empty(t, lying())
	})
}

func TestContract_C56_OneItemAndGivenItems(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCatalog(t, b)
		putLabeled(b, 1, labelOf("r"), labelOf("b"))
		putLabeled(b, 2, labelOf("r"))
		harness.Sync(t, c.items, synced.In(7))
		putLabeled(b, 2, labelOf("b"))
		_, err := c.items.SyncOne(context.Background(), synced.In(7), 2)
		require.NoError(t, err)
		require.Equal(t, []string{"1:b", "1:r", "2:b"}, links(t, b))
		given := harness.Object(t, harness.Nested{"id": 1, "name": "item 1", "labels": []harness.Nested{labelOf("g")}})
		harness.Sync(t, c.items, synced.In(7), synced.Call{Records: []remote.Object{given}, Remove: synced.KeepRows{}})
		require.Equal(t, []string{"1:g", "2:b"}, links(t, b))
		_, err = c.items.Remap(context.Background(), synced.NoScope)
		require.ErrorContains(t, err, "nothing to map again")
		require.Equal(t, []string{"1:g", "2:b"}, links(t, b))
	})
}

func TestReport_R17_C56_C57_LinksOfAListThatIsNotWhole(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		labels := harness.Model(t, b, synced.Synced[Label]{Table: "labels", Scope: "account_id"})
		items := harness.Model(t, b, synced.Synced[Item]{Table: "items", Scope: "account_id", Strategy: strategy.Full{},
			Associations: []synced.Association{synced.Linked(labels, "labels", "item_labels", "item_id", "label_id", synced.ListMore{Attribute: "more"})}})
		put := func(more bool, labels ...harness.Nested) {
			b.Server.Collection("items").Put(remotetest.Record{"id": 1, "name": "one", "labels": labels, "more": more})
		}
		put(false, labelOf("r"), labelOf("b"))
		harness.Sync(t, items, synced.In(7))
		put(true, labelOf("g"))
		require.Equal(t, synced.Counts{Created: 1}, harness.Sync(t, items, synced.In(7)).Children["item_labels"])
		require.Equal(t, []string{"1:b", "1:g", "1:r"}, links(t, b))
		diff, err := items.Check(context.Background(), synced.In(7))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)
		put(false, labelOf("g"))
		require.Equal(t, synced.Counts{Removed: 2}, harness.Sync(t, items, synced.In(7)).Children["item_labels"])
	})
}

func TestContract_C07_C56_MistakesInLinks(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type keyless struct {
			SyncedID int64 `json:"id" db:"synced_id"`
		}
		labels := harness.Model(t, b, synced.Synced[Label]{Table: "labels", Scope: "account_id"})
		tags := harness.Model(t, b, synced.Synced[keyless]{Table: "tags"})
		harness.Model(t, b, synced.Synced[Item]{Table: "items", Scope: "account_id"})
		b.Execute(t, "CREATE TABLE plain (item_id bigint NOT NULL, label_id bigint NOT NULL)")
		b.Execute(t, "CREATE TABLE more (item_id bigint NOT NULL, label_id bigint NOT NULL, place bigint NOT NULL, UNIQUE (item_id, label_id))")
		b.Execute(t, "CREATE TABLE texts (item_id text NOT NULL, label_id bigint NOT NULL, UNIQUE (label_id, item_id))")
		for want, a := range map[string]synced.Association{
			`the child model is nil: make it with synced.New first`:                                                                                  synced.Linked[Label](nil, "labels", "item_labels", "item_id", "label_id"),
			`no table ties the rows to their children: name one, such as item_labels`:                                                                synced.Linked(labels, "labels", "", "item_id", "label_id"),
			`the table "items" that ties the rows to their children is another's: name one of its own`:                                               synced.Linked(labels, "labels", "items", "item_id", "label_id"),
			`the table "plain" has a column for the key of each side, but "item_id" and "item_id" are named: name two, such as item_id and label_id`: synced.Linked(labels, "labels", "plain", "item_id", "item_id"),
			"rows of the child tags have no local key to be tied by: add ID int64 `db:\"id\"`":                                                       synced.Linked(tags, "labels", "plain", "item_id", "label_id"),
			`the database has no table "item_labels": create it, Synced.Schema has the DDL`:                                                          synced.Linked(labels, "labels", "item_labels", "item_id", "label_id"),
			`the table "plain" has no column "tag_id": add it, Synced.Schema has the DDL`:                                                            synced.Linked(labels, "labels", "plain", "item_id", "tag_id"),
			`the table "plain" has no unique index on (item_id, label_id): CREATE UNIQUE INDEX ON "plain" ("item_id", "label_id")`:                   synced.Linked(labels, "labels", "plain", "item_id", "label_id"),
			`column "place" of table "more" is NOT NULL without a default, and no run fills it: give it a default`:                                   synced.Linked(labels, "labels", "more", "item_id", "label_id"),
			`a ListMore or ListTotal names no attribute: name the one that tells whether the list is whole`:                                          synced.Linked(labels, "labels", "more", "item_id", "label_id", synced.ListMore{}),
		} {
			_, err := synced.New(context.Background(), b.DB, synced.Synced[Item]{Table: "items", Scope: "account_id", API: b.API, Associations: []synced.Association{a}})
			require.EqualError(t, err, `synced: items: association "labels": `+want)
		}
		two := []synced.Association{synced.Linked(labels, "labels", "plain", "item_id", "label_id"), synced.Linked(labels, "tags", "plain", "item_id", "label_id")}
		_, err := synced.New(context.Background(), b.DB, synced.Synced[Item]{Table: "items", Scope: "account_id", API: b.API, Associations: two})
		require.EqualError(t, err, `synced: items: association "tags": the table "plain" ties rows of another association already: give each a table of its own`)
		_, err = synced.New(context.Background(), b.DB, synced.Synced[Item]{Table: "items", Scope: "account_id", API: b.API,
			Associations: []synced.Association{synced.Linked(labels, "labels", "texts", "item_id", "label_id")}})
		if b.Pool == nil {
			require.NoError(t, err, "SQLite keeps any value in any column")
		} else {
			require.EqualError(t, err, `synced: items: association "labels": column "item_id" of table "texts" is of type text, but the keys of items are an integer`)
		}
	})
}
