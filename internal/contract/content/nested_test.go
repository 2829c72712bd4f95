package content_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// order has lines without an id, and tags that orders share.
type order struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

type orderLine struct {
	ID       int64  `db:"id"`
	SyncedID string `db:"synced_id"`
	OrderID  int64  `db:"order_id" synced:"parent"`
	Text     string `json:"text" db:"text" validate:"required"`
}

type tag struct {
	ID       int64  `db:"id"`
	SyncedID string `db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func TestContract_C189_NestedRecordsWithoutAnID(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				list := &lists{page: 2}
				api := list.client(t, false)
				lines := harness.Model(t, b, synced.Synced[orderLine]{Table: "lines", ID: synced.Content, Scope: "order_id", Invalid: synced.Quarantine{Limit: 1}})
				tags := harness.Model(t, b, synced.Synced[tag]{Table: "tags", ID: synced.Content})
				orders := harness.Model(t, b, synced.Synced[order]{Table: "orders", API: api, Commit: commit, Remove: synced.Destroy{}, Associations: []synced.Association{
					synced.HasMany(lines, "lines", "order_id"), synced.Linked(tags, "tags", "order_tags", "order_id", "tag_id"),
				}})
				read := func() []string {
					return b.Column(t, "SELECT o.synced_id || ' ' || l.text FROM lines l JOIN orders o ON o.id = l.order_id ORDER BY 1")
				}
				full := synced.Call{Strategy: fullStrategy}
				list.set(`{"id":1,"name":"a","lines":[{"text":"tea"},{"text":"tea"},{"text":"milk"}],"tags":[{"name":"x"},{"name":"y"}]}`,
					`{"id":2,"name":"b","lines":[{"text":"tea"}],"tags":[{"name":"y"},{"name":"y"}]}`, `{"id":3,"name":"c","lines":[],"tags":[]}`)
				harness.Sync(t, orders, synced.NoScope, full)
				require.Equal(t, []string{"1 milk", "1 tea", "1 tea", "2 tea"}, read())
				require.Equal(t, []string{"x", "y"}, b.Column(t, "SELECT name FROM tags ORDER BY name"))
				require.Equal(t, []string{"3"}, b.Column(t, "SELECT count(*) FROM order_tags"))
				again := harness.Sync(t, orders, synced.NoScope, full)
				require.Equal(t, 4, again.Children["lines"].Unchanged, "%v", again.Children)
				require.Zero(t, again.Children["lines"].Created)
				diff, err := orders.Check(context.Background(), synced.NoScope)
				require.NoError(t, err)
				require.True(t, diff.Passed(), "%s", diff)

				list.set(`{"id":1,"name":"a","lines":[{"text":"tea"},{"text":"salt"}],"tags":[{"name":"y"}]}`,
					`{"id":2,"name":"b","lines":[{"text":"tea"},{"text":"tea"},{"text":""}],"tags":[{"name":"y"}]}`, `{"id":3,"name":"c","lines":[],"tags":[]}`)
				diff, err = orders.Check(context.Background(), synced.NoScope)
				require.NoError(t, err)
				require.False(t, diff.Passed(), "%s", diff)
				result := harness.Sync(t, orders, synced.NoScope, full)
				require.Equal(t, []string{"1 salt", "1 tea", "2 tea", "2 tea"}, read(), "%v", result.Children)
				require.Equal(t, 1, result.Children["lines"].Quarantined)
				require.Equal(t, []string{"2"}, b.Column(t, "SELECT count(*) FROM order_tags"))

				list.set(`{"id":1,"name":"a","lines":[{"text":"tea"},{"text":"salt"}]}`, `{"id":2,"name":"b","lines":[{"text":"tea"},{"text":"tea"},{"text":"jam"}]}`, `{"id":3,"name":"c"}`)
				result = harness.Sync(t, orders, synced.NoScope, full)
				require.Equal(t, []string{"1 salt", "1 tea", "2 jam", "2 tea", "2 tea"}, read(), "%v", result.Children)
				require.Zero(t, result.Children["lines"].Quarantined)
			})
		})
	}
	t.Run("what New refuses", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			lines := harness.Model(t, b, synced.Synced[orderLine]{Table: "lines", ID: synced.Content})
			tags := harness.Model(t, b, synced.Synced[tag]{Table: "tags", ID: synced.Content})
			d := synced.Synced[order]{Table: "orders", Associations: []synced.Association{synced.HasMany(lines, "lines", "order_id")}}
			require.NoError(t, d.CreateTable(context.Background(), b.DB))
			_, err := synced.New(context.Background(), b.DB, d)
			require.ErrorContains(t, err, `declare Scope: "order_id" for it`)
			type tagged struct {
				SyncedID int64  `json:"id" db:"synced_id"`
				TagID    *int64 `db:"tag_id" synced:"parent"`
			}
			of := synced.Synced[tagged]{Table: "tagged", BelongsTo: []synced.Parent{synced.BelongsTo(tags, "tag", "tag_id", synced.MissingNull)}}
			require.NoError(t, of.CreateTable(context.Background(), b.DB))
			_, err = synced.New(context.Background(), b.DB, of)
			require.ErrorContains(t, err, "no attribute can name one")
		})
	})
}

// A run that died is resumed, and counts equal records on from where it was.
func TestContract_C188_ResumedRuns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		list := &lists{page: 2}
		m := statement(t, b, list.client(t, false), func(d *synced.Synced[line]) {
			d.Commit, d.Invalid = synced.PerPage{Checkpoint: time.Nanosecond}, synced.Quarantine{Limit: 1}
		})
		tea := `{"text":"tea","amount":1}`
		list.set(tea, `{"text":"a","amount":1}`, tea, `{"text":"b","amount":true}`, tea, tea)
		died := false
		list.before = func(n int) int {
			if n == 3 {
				died = true
				return 403
			}
			return 0
		}
		_, err := m.Synchronize(context.Background(), synced.NoScope)
		require.Error(t, err)
		require.True(t, died)
		require.Equal(t, []string{"a", "tea"}, texts(t, b)[:2])
		result := harness.Sync(t, m, synced.NoScope)
		require.True(t, result.Resumed)
		require.Equal(t, []string{"a", "tea", "tea", "tea", "tea"}, texts(t, b), "%s", result)
		require.Equal(t, 1, len(b.Column(t, "SELECT 1 FROM synced_quarantine")))
		list.set(tea, `{"text":"a","amount":1}`, tea, tea, tea, `{"text":"b","amount":5}`)
		result = harness.Sync(t, m, synced.NoScope)
		require.Equal(t, harness.Counts{Created: 1, Unchanged: 5}, harness.CountsOf(result), "%s", result)
		require.Empty(t, b.Column(t, "SELECT 1 FROM synced_quarantine"), "what is listed no more waits no more")
	})
}

// A record of which the database or the mapping wants nothing is one record, and an object
// that can't be read has an id, too.
func TestContract_C187_InvalidRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		list := &lists{}
		m := statement(t, b, list.client(t, false), func(d *synced.Synced[line]) { d.Invalid = synced.Quarantine{Limit: 1} })
		list.set(`{"text":"tea","amount":1}`, `{"text":5,"amount":1}`, `{"text":5,"amount":1}`, `{}`)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 3, result.Quarantined)
		require.Equal(t, []string{"tea"}, texts(t, b))
		list.set(`{"text":"tea","amount":1}`, `{"text":"5","amount":1}`, `{"text":5,"amount":1}`)
		result = harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 1, result.Quarantined)
		require.Equal(t, []string{"5", "tea"}, texts(t, b))
	})
}

// issueNote is listed for each order.
type issueNote struct {
	SyncedID string `db:"synced_id"`
	OrderID  int64  `db:"order_id"`
	Text     string `json:"text" db:"text"`
}

func TestContract_C189_AListForEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		parents, list := &lists{}, &lists{}
		orders := harness.Model(t, b, synced.Synced[order]{Table: "orders", API: parents.client(t, false), Strategy: fullStrategy, Remove: synced.Destroy{Verify: synced.VerifyNever}})
		notes := harness.Model(t, b, synced.Synced[issueNote]{Table: "notes", ID: synced.Content, Scope: "order_id", API: list.client(t, false), Remove: synced.Destroy{},
			PerParent: synced.Each(orders, "orders/{synced_id}/notes", synced.EachOptions{})})
		parents.set(`{"id":1,"name":"a"}`, `{"id":2,"name":"b"}`)
		list.set(`{"text":"x"}`, `{"text":"x"}`, `{"text":"y"}`) // of each
		harness.Sync(t, orders, synced.NoScope)
		require.Equal(t, 6, harness.Sync(t, notes, synced.NoScope).Created)
		list.set(`{"text":"z"}`, `{"text":"x"}`)
		result := harness.Sync(t, notes, synced.NoScope)
		require.Equal(t, harness.Counts{Created: 2, Unchanged: 2, Removed: 4}, harness.CountsOf(result), "%s", result)
		parents.set(`{"id":2,"name":"b"}`)
		harness.Sync(t, orders, synced.NoScope)
		require.Equal(t, 2, harness.Sync(t, notes, synced.NoScope).Removed)
	})
}
