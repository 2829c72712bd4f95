package associations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// order has lines, which are numbered within it, as their parts are within them.
type order struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

type line struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"no" db:"synced_id"`
	OrderID  int64       `db:"order_id" synced:"parent"`
	Name     string      `json:"name" db:"name"`
	Notes    *string     `db:"notes"`
	Data     synced.Data `db:"synced_data"`
}

type part struct {
	SyncedID string `json:"code" db:"synced_id"`
	LineID   int64  `db:"line_id" synced:"parent"`
	Name     string `json:"name" db:"name" validate:"required"`
}

// orders are orders with their lines and parts. Events notes the changes.
type orders struct {
	*synced.Model[order]
	lines  *synced.Model[line]
	events *[]string
}

func newOrders(t *testing.T, b *harness.Bundle, bind func(*testing.T, *harness.Bundle, synced.Synced[line]) *synced.Model[line], change ...func(*synced.Synced[order])) orders {
	t.Helper()
	events := &[]string{}
	parts := harness.Model(t, b, synced.Synced[part]{Table: "parts", Scope: "line_id", Invalid: synced.Quarantine{Limit: 1}, OnChange: harness.Noting[part](events, "part")})
	lines := bind(t, b, synced.Synced[line]{Table: "lines", Scope: "order_id", OnChange: harness.Noting[line](events, "line"), Outbox: true,
		Associations: []synced.Association{synced.HasMany(parts, "parts", "line_id")}})
	d := synced.Synced[order]{Table: "orders", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{},
		Associations: []synced.Association{synced.HasMany(lines, "lines", "order_id")}}
	for _, f := range change {
		f(&d)
	}
	return orders{harness.Model(t, b, d), lines, events}
}

func guarded(t *testing.T, b *harness.Bundle, d synced.Synced[line]) *synced.Model[line] {
	return harness.Model(t, b, d)
}

func unguarded(t *testing.T, b *harness.Bundle, d synced.Synced[line]) *synced.Model[line] {
	return harness.Unguarded(t, b, d)
}

// lineOf returns a line as an order's object nests it, with parts of these codes.
func lineOf(no int, name string, codes ...string) harness.Nested {
	parts := []harness.Nested{}
	for _, code := range codes {
		parts = append(parts, harness.Nested{"code": code, "name": "part " + code})
	}
	return harness.Nested{"no": no, "name": name, "parts": parts}
}

func place(b *harness.Bundle, id int, lines ...harness.Nested) {
	b.Server.Collection("orders").Put(remotetest.Record{"id": id, "name": fmt.Sprint("order ", id), "lines": append([]harness.Nested{}, lines...)})
}

func placed(t *testing.T, b *harness.Bundle) []string {
	return b.Column(t, "SELECT o.synced_id || ':' || l.synced_id || ' ' || l.name FROM lines l JOIN orders o ON o.id = l.order_id ORDER BY o.synced_id, l.synced_id")
}

func fitted(t *testing.T, b *harness.Bundle) []string {
	return b.Column(t, "SELECT o.synced_id || ':' || l.synced_id || ':' || p.synced_id FROM parts p JOIN lines l ON l.id = p.line_id JOIN orders o ON o.id = l.order_id ORDER BY o.synced_id, l.synced_id, p.synced_id")
}

func TestContract_C152_ChildrenWhoseIDsAreUniqueWithinTheirParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		place(b, 1, lineOf(1, "a", "x", "y"), lineOf(2, "b", "x"))
		place(b, 2, lineOf(1, "c", "x"), lineOf(2, "d"))
		place(b, 3, lineOf(1, "e"))
		place(b, 4) // on another page
		o := newOrders(t, b, guarded)
		result := harness.Sync(t, o.Model, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"lines": {Created: 5}, "parts": {Created: 4}}, result.Children)
		require.Equal(t, []string{"1:1 a", "1:2 b", "2:1 c", "2:2 d", "3:1 e"}, placed(t, b))
		require.Equal(t, []string{"1:1:x", "1:1:y", "1:2:x", "2:1:x"}, fitted(t, b))
		require.Equal(t, []string{"created line 1", "created line 2", "created line 1", "created line 2", "created line 1"}, lineEvents(o))
		require.Equal(t, []string{"created lines 1", "created lines 2", "created lines 1", "created lines 2", "created lines 1"}, harness.Told(harness.Deliver(t, b, "test", -1)))

		// Nothing new writes nothing.
		before := append(b.Written(t, "lines"), b.Written(t, "parts")...)
		result = harness.Sync(t, o.Model, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"lines": {Unchanged: 5}, "parts": {Unchanged: 4}}, result.Children)
		require.Equal(t, before, append(b.Written(t, "lines"), b.Written(t, "parts")...))

		// One changes, one is gone, and one is the third order's now: another row.
		*o.events = nil
		place(b, 1, lineOf(1, "a2", "x"))
		place(b, 3, lineOf(1, "e"), lineOf(2, "b", "x"))
		diff, err := o.Check(t.Context(), synced.In(7))
		require.NoError(t, err)
		columns := map[string][]string{}
		for _, c := range diff.Changed {
			for _, f := range c.Fields {
				columns[c.ID] = append(columns[c.ID], f.Column)
			}
		}
		require.ElementsMatch(t, []string{"lines[1].name", "lines[1].synced_data", "lines[1].parts[y]", "lines[2]"}, columns["1"])
		require.Equal(t, []string{"lines[2]"}, columns["3"])
		result = harness.Sync(t, o.Model, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"lines": {Created: 1, Updated: 1, Unchanged: 3, Removed: 1}, "parts": {Created: 1, Unchanged: 2, Removed: 2}}, result.Children)
		require.Equal(t, []string{"1:1 a2", "2:1 c", "2:2 d", "3:1 e", "3:2 b"}, placed(t, b))
		require.Equal(t, []string{"1:1:x", "2:1:x", "3:2:x"}, fitted(t, b))
		require.ElementsMatch(t, []string{"updated line 1", "created line 2", "removed line 2"}, lineEvents(o))
		diff, err = o.Check(t.Context(), synced.In(7))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)

		// A local edit is mended in its own row.
		b.Execute(t, "UPDATE lines SET name = 'edited', notes = 'ours' WHERE name = 'd'")
		require.Equal(t, 1, harness.Sync(t, o.Model, synced.In(7)).Children["lines"].Updated)
		require.Equal(t, []string{"1:1 a2", "2:1 c", "2:2 d", "3:1 e", "3:2 b"}, placed(t, b))
		require.Equal(t, []string{"2"}, b.Column(t, "SELECT synced_id FROM lines WHERE notes = 'ours'"))

		// Another account has the same ids, and keeps them.
		harness.Sync(t, o.Model, synced.In(8))
		require.Len(t, placed(t, b), 10)
		b.Server.Collection("orders").Delete(2)
		require.Equal(t, 1, harness.Sync(t, o.Model, synced.In(7)).Removed)
		require.Len(t, placed(t, b), 8)

		// The child's scope is its parent.
		key := b.Column(t, "SELECT id FROM orders WHERE synced_id = 3 AND account_id = 7")[0]
		var orderID int64
		_, err = fmt.Sscan(key, &orderID)
		require.NoError(t, err)
		found, err := o.lines.Find(t.Context(), synced.In(orderID), 2)
		require.NoError(t, err)
		require.Equal(t, "b", found.Name)
	})
}

func lineEvents(o orders) []string {
	var list []string
	for _, e := range *o.events {
		if strings.Contains(e, " line ") {
			list = append(list, e)
		}
	}
	return list
}

func TestContract_C152_WithoutFingerprintsByAnyCommit(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		place(b, 1, lineOf(1, "a", "x"), lineOf(2, "b"))
		place(b, 2, lineOf(1, "c", "x"))
		o := newOrders(t, b, unguarded, func(d *synced.Synced[order]) { d.Commit = synced.Atomic{} })
		harness.Sync(t, o.Model, synced.In(7))
		place(b, 2, lineOf(1, "c2", "x"), lineOf(2, "d"))
		require.Equal(t, synced.Counts{Created: 1, Updated: 1, Unchanged: 2}, harness.Sync(t, o.Model, synced.In(7)).Children["lines"])
		require.Equal(t, []string{"1:1 a", "1:2 b", "2:1 c2", "2:2 d"}, placed(t, b))

		place(b, 2, lineOf(2, "d2", "x"))
		diff, err := o.Check(t.Context(), synced.In(7))
		require.NoError(t, err)
		applied, err := o.Apply(t.Context(), synced.In(7), diff)
		require.NoError(t, err)
		require.Equal(t, synced.Counts{Updated: 1, Removed: 1}, applied.Children["lines"])
		require.Equal(t, []string{"1:1 a", "1:2 b", "2:2 d2"}, placed(t, b))
	})
}

func TestContract_C152_InQuarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		place(b, 1, harness.Nested{"no": 1, "name": "a", "parts": []harness.Nested{{"code": "x", "name": ""}}})
		place(b, 2, harness.Nested{"no": 1, "name": "b", "parts": []harness.Nested{{"code": "x", "name": ""}, {"code": "y", "name": "good"}}})
		o := newOrders(t, b, guarded)
		require.Equal(t, synced.Counts{Created: 1, Quarantined: 2}, harness.Sync(t, o.Model, synced.In(7)).Children["parts"])
		require.Equal(t, []string{"2"}, b.Column(t, "SELECT count(*) FROM synced_quarantine"))
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT count(DISTINCT error) FROM synced_quarantine"), "it has nothing of our keys")
		place(b, 2, lineOf(1, "b", "x", "y"))
		require.Equal(t, synced.Counts{Created: 1, Updated: 1, Quarantined: 1}, harness.Sync(t, o.Model, synced.In(7)).Children["parts"])
		require.Equal(t, []string{"2:1:x", "2:1:y"}, fitted(t, b))
		place(b, 1, lineOf(1, "a", "x"))
		harness.Sync(t, o.Model, synced.In(7))
		require.Equal(t, []string{"1:1:x", "2:1:x", "2:1:y"}, fitted(t, b))
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_quarantine"))
	})
}

func TestContract_C152_Mistakes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		o := newOrders(t, b, guarded)
		type shipped struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			OrderID  int64  `db:"order_id" synced:"parent"`
			LineID   *int64 `db:"line_id" synced:"parent"`
		}
		shipments := synced.Synced[shipped]{Table: "shipments", Scope: "order_id"}
		child := harness.Model(t, b, shipments)
		declared := synced.Synced[order]{Table: "orders", API: b.API, Scope: "account_id", Associations: []synced.Association{synced.HasMany(child, "shipments", "order_id")}}
		_, err := synced.New(t.Context(), b.DB, declared)
		require.EqualError(t, err, `synced: orders: association "shipments": the ids of the child shipments are unique only within the parent in column "order_id", its Scope, so its rows can't point to another in column "line_id" as well: leave one of them out`)
		declared.Associations = []synced.Association{synced.HasMany(child, "shipments", "line_id")}
		_, err = synced.New(t.Context(), b.DB, declared)
		require.EqualError(t, err, `synced: orders: association "shipments": the ids of the child shipments are unique only among the rows of one parent, that in column "order_id": name that column, or give the child no such Scope`)
		shipments.Scope, shipments.API = "order_id", b.API
		shipments.BelongsTo = []synced.Parent{synced.BelongsTo(o.lines, "line", "line_id", synced.MissingNull)}
		_, err = synced.New(t.Context(), b.DB, shipments)
		require.ErrorContains(t, err, `the ids of the parent lines are unique only among the rows of one parent of its own, that in column "order_id": they do not tell which is meant`)
	})
}

func TestContract_C152_C52_WrittenAsASet(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv := remotetest.New(remotetest.Config{PerPage: 1000, Token: harness.Token})
		t.Cleanup(srv.Close)
		b.Server, b.API = srv, harness.Client(t, srv, harness.Token)
		count := b.Statements(t)
		parts := harness.Model(t, b, synced.Synced[part]{Table: "parts", Scope: "line_id"})
		lines := harness.Model(t, b, synced.Synced[line]{Table: "lines", Scope: "order_id", Associations: []synced.Association{synced.HasMany(parts, "parts", "line_id")}})
		all := harness.Model(t, b, synced.Synced[order]{Table: "orders", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{},
			Associations: []synced.Association{synced.HasMany(lines, "lines", "order_id")}})
		cost := func(orders int, name string) int64 {
			for i := range orders {
				place(b, i+1, lineOf(1, name, "x"), lineOf(2, name, "x"))
			}
			count.Store(0)
			harness.Sync(t, all, synced.In(7))
			return count.Load()
		}
		few := cost(25, "new")
		require.Positive(t, few)
		changed, unchanged := cost(25, "changed"), cost(25, "changed")
		for _, table := range []string{"parts", "lines", "orders"} {
			b.Execute(t, "DELETE FROM "+table)
		}
		require.Equal(t, []int64{few, changed, unchanged}, []int64{cost(200, "new"), cost(200, "changed"), cost(200, "changed")})
	})
}
