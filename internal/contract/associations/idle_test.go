package associations_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Hall has doors, which have locks, and texts in a table of their own.
type Hall struct {
	ID        int64               `db:"id"`
	SyncedID  int64               `json:"id" db:"synced_id"`
	AccountID int64               `db:"account_id"`
	Name      string              `json:"name" db:"name"`
	Headline  synced.Translations `json:"headline" db:"headline" synced:"translated"`
}

// Door is one of a hall.
type Door struct {
	ID         int64               `db:"id"`
	SyncedID   int64               `json:"id" db:"synced_id"`
	HallID     *int64              `db:"hall_id" synced:"parent"`
	Name       string              `json:"name" db:"name"`
	Label      string              `db:"label" synced:"computed"`
	Sign       synced.Translations `json:"sign" db:"sign" synced:"translated"`
	CanceledAt *time.Time          `db:"canceled_at"`
}

// Lock is one of a door. Its id tells it apart within the door.
type Lock struct {
	SyncedID string `json:"id" db:"synced_id"`
	DoorID   int64  `db:"door_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
}

// castle is halls, of which a page lists three, and the pages that were written.
type castle struct {
	*harness.Bundle
	halls *synced.Model[Hall]
	pages *[]int
}

func newCastle(t *testing.T, b *harness.Bundle, version int, removal synced.Removal, change ...func(*synced.Synced[Hall])) castle {
	t.Helper()
	pages := &[]int{}
	locks := harness.Model(t, b, synced.Synced[Lock]{Table: "locks", Scope: "door_id"})
	doors := harness.Model(t, b, synced.Synced[Door]{Table: "doors", MapVersion: version, Remove: removal,
		Map: func(_ remote.Object, d *Door) error {
			d.Label = fmt.Sprint(version, ": ", d.Name)
			return nil
		},
		Associations: []synced.Association{synced.HasMany(locks, "locks", "door_id")}})
	d := synced.Synced[Hall]{Table: "halls", Scope: "account_id", API: b.API, Strategy: strategy.Full{}, Remove: removal,
		Associations: []synced.Association{synced.HasMany(doors, "doors", "hall_id")},
		Observer: observe.Func(func(ctx context.Context, e observe.Event) context.Context {
			if w, ok := e.(observe.WriteStarted); ok {
				*pages = append(*pages, w.Page)
			}
			return ctx
		})}
	for _, c := range change {
		c(&d)
	}
	return castle{b, harness.Model(t, b, d), pages}
}

func door(id int, locks ...string) harness.Nested {
	list := []harness.Nested{}
	for _, name := range locks {
		list = append(list, harness.Nested{"id": name, "name": "lock " + name})
	}
	return harness.Nested{"id": id, "name": fmt.Sprint("door ", id), "sign": harness.Nested{"en": fmt.Sprint("Sign ", id)}, "locks": list}
}

func (c castle) put(id int, doors ...harness.Nested) {
	if doors == nil {
		doors = []harness.Nested{}
	}
	c.Server.Collection("halls").Put(remotetest.Record{"id": id, "name": fmt.Sprint("hall ", id),
		"headline": harness.Nested{"en": fmt.Sprint("Hall ", id), "fr": fmt.Sprint("Salle ", id)}, "doors": doors})
}

// build makes three pages of halls. The last page is always written, with the end of the run.
func (c castle) build() {
	for id := 1; id <= 8; id++ {
		c.put(id, door(10*id, "a", "b"), door(10*id+1, "a"))
	}
	c.put(8)
}

// rows are all that the tables have, but for local keys.
func (c castle) rows(t *testing.T) []string {
	t.Helper()
	all := c.Column(t, "SELECT coalesce(synced_id, 0) || name FROM halls ORDER BY 1")
	all = append(all, c.Column(t, "SELECT coalesce(h.synced_id, 0) || '/' || coalesce(d.synced_id, 0) || d.name || d.label || coalesce(CAST(d.canceled_at AS text), '') FROM doors d LEFT JOIN halls h ON h.id = d.hall_id ORDER BY 1")...)
	all = append(all, c.Column(t, "SELECT coalesce(d.synced_id, 0) || '/' || l.synced_id || l.name FROM locks l LEFT JOIN doors d ON d.id = l.door_id ORDER BY 1")...)
	all = append(all, c.Column(t, "SELECT h.synced_id || t.locale || t.headline FROM halls_translations t JOIN halls h ON h.id = t.parent_id WHERE t.headline IS NOT NULL ORDER BY 1")...)
	return append(all, c.Column(t, "SELECT d.synced_id || t.locale || t.sign FROM doors_translations t JOIN doors d ON d.id = t.parent_id WHERE t.sign IS NOT NULL ORDER BY 1")...)
}

// sync runs, and returns which pages were written.
func (c castle) sync(t *testing.T) (synced.Result, []int) {
	t.Helper()
	*c.pages = nil
	result := harness.Sync(t, c.halls, synced.In(7))
	return result, *c.pages
}

var idleCastle = map[string]synced.Counts{"doors": {Unchanged: 14}, "locks": {Unchanged: 21}, "halls_translations": {}, "doors_translations": {}}

func TestContract_C411_AnUnchangedPageWithAllThatIsNested(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCastle(t, b, 1, synced.Destroy{})
		c.build()
		c.sync(t)
		rows := c.rows(t)
		// A row of the service's own, of a listed hall, has no remote id.
		b.Execute(t, "INSERT INTO doors (hall_id, name, label) SELECT id, 'ours', '' FROM halls WHERE synced_id = 3")

		result, pages := c.sync(t)
		require.Equal(t, []int{3}, pages)
		require.Equal(t, harness.Counts{Unchanged: 8}, harness.CountsOf(result))
		require.Equal(t, idleCastle, result.Children)
		require.ElementsMatch(t, append(rows, "3/0ours"), c.rows(t))

		// One that changed is written alone.
		c.put(3, door(30, "a", "c"), door(31, "a"))
		result, pages = c.sync(t)
		require.Equal(t, []int{1, 3}, pages)
		require.Equal(t, synced.Counts{Unchanged: 20, Created: 1, Removed: 1}, result.Children["locks"])
		require.Equal(t, synced.Counts{Unchanged: 14}, result.Children["doors"], "no column of it differs")
		require.Contains(t, c.rows(t), "3/0ours")
		_, pages = c.sync(t)
		require.Equal(t, []int{3}, pages)
	})
}

func TestContract_C412_WhatOthersDidToNestedRows(t *testing.T) {
	const hall, door, lock = "(SELECT id FROM halls WHERE synced_id = %d)", "(SELECT id FROM doors WHERE synced_id = %d)", "door_id = " + "(SELECT id FROM doors WHERE synced_id = %d)"
	cases := map[string]struct {
		sql   string
		pages []int
		table string
		want  synced.Counts
	}{
		"a column":                        {"UPDATE doors SET name = 'edited' WHERE synced_id = 30", []int{1, 3}, "doors", synced.Counts{Unchanged: 13, Updated: 1}},
		"a column, two levels down":       {"UPDATE locks SET name = 'edited' WHERE synced_id = 'b' AND " + fmt.Sprintf(lock, 30), []int{1, 3}, "locks", synced.Counts{Unchanged: 20, Updated: 1}},
		"a fingerprint":                   {"UPDATE doors SET synced_hash = NULL WHERE synced_id = 30", []int{1, 3}, "doors", synced.Counts{Unchanged: 14}},
		"another fingerprint":             {"UPDATE doors SET synced_hash = synced_hash + 1 WHERE synced_id = 30", []int{1, 3}, "doors", synced.Counts{Unchanged: 14}},
		"a row is gone":                   {"DELETE FROM doors WHERE synced_id = 31", []int{1, 3}, "doors", synced.Counts{Unchanged: 13, Created: 1}},
		"a row is gone, two levels down":  {"DELETE FROM locks WHERE synced_id = 'b' AND " + fmt.Sprintf(lock, 30), []int{1, 3}, "locks", synced.Counts{Unchanged: 20, Created: 1}},
		"moved to another hall":           {"UPDATE doors SET hall_id = " + fmt.Sprintf(hall, 2) + " WHERE synced_id = 30", []int{1, 3}, "doors", synced.Counts{Unchanged: 13, Updated: 1}},
		"moved to none":                   {"UPDATE doors SET hall_id = NULL WHERE synced_id = 30", []int{1, 3}, "doors", synced.Counts{Unchanged: 13, Updated: 1}},
		"moved to a hall without doors":   {"UPDATE doors SET hall_id = " + fmt.Sprintf(hall, 8) + " WHERE synced_id = 30", []int{1, 3}, "doors", synced.Counts{Unchanged: 13, Updated: 1}},
		"a row that nobody lists":         {"INSERT INTO doors (synced_id, hall_id, name, label) SELECT 99, id, 'x', '' FROM halls WHERE synced_id = 3", []int{1, 3}, "doors", synced.Counts{Unchanged: 14, Removed: 1}},
		"one below that nobody lists":     {"INSERT INTO locks (synced_id, door_id, name) SELECT 'z', id, 'x' FROM doors WHERE synced_id = 30", []int{1, 3}, "locks", synced.Counts{Unchanged: 21, Removed: 1}},
		"a text":                          {"UPDATE halls_translations SET headline = 'edited' WHERE locale = 'fr' AND parent_id = " + fmt.Sprintf(hall, 3), []int{1, 3}, "halls_translations", synced.Counts{Updated: 1}},
		"a text is null":                  {"UPDATE halls_translations SET headline = NULL WHERE locale = 'fr' AND parent_id = " + fmt.Sprintf(hall, 3), []int{1, 3}, "halls_translations", synced.Counts{Updated: 1}},
		"a text is gone":                  {"DELETE FROM halls_translations WHERE locale = 'fr' AND parent_id = " + fmt.Sprintf(hall, 3), []int{1, 3}, "halls_translations", synced.Counts{Created: 1}},
		"a text more":                     {"INSERT INTO halls_translations (parent_id, locale, headline) SELECT id, 'it', 'x' FROM halls WHERE synced_id = 3", []int{1, 3}, "halls_translations", synced.Counts{Updated: 1}},
		"a text of a nested row":          {"UPDATE doors_translations SET sign = 'edited' WHERE parent_id = " + fmt.Sprintf(door, 30), []int{1, 3}, "doors_translations", synced.Counts{Updated: 1}},
		"the texts of a nested row, gone": {"DELETE FROM doors_translations WHERE parent_id = " + fmt.Sprintf(door, 30), []int{1, 3}, "doors_translations", synced.Counts{Created: 1}},
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCastle(t, b, 1, synced.Destroy{})
		c.build()
		c.sync(t)
		rows := c.rows(t)
		for name, done := range cases {
			b.Execute(t, done.sql)
			result, pages := c.sync(t)
			require.Equal(t, done.pages, pages, name)
			require.Equal(t, done.want, result.Children[done.table], name)
			require.Equal(t, rows, c.rows(t), name)
			_, pages = c.sync(t)
			require.Equal(t, []int{3}, pages, "%s: it is mended", name)
		}
	})
}

// A hall that does not tell of its doors may have any of them that have no hall.
func TestContract_C412_AListThatIsNotTold(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCastle(t, b, 1, synced.Destroy{})
		c.build()
		b.Server.Collection("halls").Put(remotetest.Record{"id": 1, "name": "untold"})
		c.sync(t)
		b.Execute(t, "INSERT INTO doors (synced_id, hall_id, name, label) VALUES (99, 12345, 'stray', '')")
		c.sync(t)
		require.Equal(t, []string{"stray"}, b.Column(t, "SELECT name FROM doors WHERE synced_id = 99"))
		c.put(1)
		c.sync(t)
		require.Empty(t, b.Column(t, "SELECT name FROM doors WHERE synced_id = 99"))
	})
}

// A canceled row comes back where its record is listed, and else it is no reason to write.
func TestContract_C412_CanceledNestedRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCastle(t, b, 1, synced.CancelOrDestroy{})
		c.build()
		c.sync(t)
		rows := c.rows(t)

		b.Execute(t, "UPDATE doors SET canceled_at = '2026-01-01T00:00:00Z' WHERE synced_id = 30")
		result, pages := c.sync(t)
		require.Equal(t, []int{1, 3}, pages)
		require.Equal(t, synced.Counts{Unchanged: 13, Restored: 1}, result.Children["doors"])
		require.Equal(t, rows, c.rows(t))

		c.put(3, door(30, "a", "b"))
		result, _ = c.sync(t)
		require.Equal(t, 1, result.Children["doors"].Removed)
		result, pages = c.sync(t)
		require.Equal(t, []int{3}, pages)
		require.Equal(t, synced.Counts{Unchanged: 13}, result.Children["doors"])
		require.Len(t, b.Column(t, "SELECT synced_id FROM doors WHERE canceled_at IS NOT NULL"), 1)
	})
}

func TestContract_C413_AnotherMappingOfNestedRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCastle(t, b, 1, synced.Destroy{})
		c.build()
		c.sync(t)
		c = newCastle(t, b, 2, synced.Destroy{})
		result, pages := c.sync(t)
		require.Equal(t, []int{1, 2, 3}, pages)
		require.Equal(t, synced.Counts{Updated: 14}, result.Children["doors"])
		require.Equal(t, harness.Counts{Unchanged: 8}, harness.CountsOf(result))
		require.Contains(t, c.rows(t), "3/30door 302: door 30")
		_, pages = c.sync(t)
		require.Equal(t, []int{3}, pages)
	})
}

func TestContract_C414_TwoParentsOfOnePageThatIsUnchanged(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := newCastle(t, b, 1, synced.Destroy{})
		c.build()
		c.sync(t)
		rows := c.rows(t)
		// Door 30 stays in hall 3, and another lists it too: on an earlier page, on the same
		// and on a later one.
		for _, other := range []int{1, 4, 7} {
			c.put(other, door(10*other, "a", "b"), door(10*other+1, "a"), door(30, "a", "b"))
			_, err := c.halls.Synchronize(context.Background(), synced.In(7))
			require.ErrorContains(t, err, "lists it too, and a row has one parent")
			c.put(other, door(10*other, "a", "b"), door(10*other+1, "a"))
			c.sync(t)
			require.Equal(t, rows, c.rows(t), other)
		}
		// An earlier page lists door 50, while the page of its hall was looked at already.
		c = newCastle(t, b, 1, synced.Destroy{}, func(d *synced.Synced[Hall]) {
			d.OnChange = func(context.Context, store.Tx, []synced.Change[Hall]) error {
				time.Sleep(20 * harness.WaitTick)
				return nil
			}
		})
		c.put(1, door(10, "a", "b"), door(11, "a"), door(50, "a", "b"))
		_, err := c.halls.Synchronize(context.Background(), synced.In(7))
		require.ErrorContains(t, err, "lists it too, and a row has one parent")
		c = newCastle(t, b, 1, synced.Destroy{})
		c.put(1, door(10, "a", "b"), door(11, "a"))
		c.sync(t)
		require.Equal(t, rows, c.rows(t))
		// It moves, forward and back.
		for _, move := range [][2]int{{3, 7}, {7, 1}, {1, 2}, {2, 8}} {
			from, to := move[0], move[1]
			list := func(id int, more ...harness.Nested) {
				if id == 8 {
					c.put(id, more...)
				} else if id == 3 {
					c.put(id, append([]harness.Nested{door(31, "a")}, more...)...)
				} else {
					c.put(id, append([]harness.Nested{door(10*id, "a", "b"), door(10*id+1, "a")}, more...)...)
				}
			}
			list(from)
			list(to, door(30, "a", "b"))
			result, _ := c.sync(t)
			require.Equal(t, synced.Counts{Unchanged: 13, Updated: 1}, result.Children["doors"])
			require.Contains(t, c.rows(t), fmt.Sprintf("%d/30door 301: door 30", to))
			_, pages := c.sync(t)
			require.Equal(t, []int{3}, pages)
		}
	})
}
