package content_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

func TestContract_C188_MappedAgainAndCanceled(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		list := &lists{total: true}
		type canceled struct {
			line
			CanceledAt *time.Time `db:"canceled_at"`
		}
		dc := synced.Synced[canceled]{Table: "lines", ID: synced.Content, API: list.client(t, false), Remove: synced.Cancel{Column: "canceled_at"}, Volatile: []string{"at"}}
		m := harness.Model(t, b, dc)
		tea := `{"text":"tea","amount":1,"at":1}`
		list.set(tea, tea, `{"text":"milk","amount":1,"at":1}`)
		harness.Sync(t, m, synced.NoScope)
		ids := b.Column(t, "SELECT synced_id FROM lines ORDER BY synced_id")
		dc.MapVersion, dc.Volatile = 1, nil // the stored objects have other ids now
		m = harness.Bind(t, b, dc)
		_, err := m.Remap(ctx, synced.NoScope)
		require.NoError(t, err)
		require.Equal(t, ids, b.Column(t, "SELECT synced_id FROM lines ORDER BY synced_id"))
		dc.Volatile = []string{"at"}
		m = harness.Bind(t, b, dc)
		list.set(tea, `{"text":"jam","amount":1,"at":1}`)
		require.Equal(t, harness.Counts{Created: 1, Unchanged: 1, Removed: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		list.set(tea, tea, `{"text":"jam","amount":1,"at":1}`)
		require.Equal(t, harness.Counts{Restored: 1, Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, []string{"2"}, b.Column(t, "SELECT count(*) FROM lines WHERE canceled_at IS NULL AND text = 'tea'"))
	})
}

func TestContract_C188_EqualRecordsAreRowsOfTheirOwn(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				list := &lists{total: true, page: 3}
				m := statement(t, b, list.client(t, true), func(d *synced.Synced[line]) { d.Commit = commit })
				tea, milk := `{"text":"tea","amount":1}`, `{"text":"milk","amount":1}`
				list.set(tea, tea, milk, tea, `{"amount":1, "text":"tea"}`)
				result := harness.Sync(t, m, synced.NoScope)
				require.Equal(t, harness.Counts{Created: 5}, harness.CountsOf(result))
				require.Nil(t, result.Refused)
				ids := b.Column(t, "SELECT synced_id FROM lines WHERE text = 'tea' ORDER BY synced_id")
				require.Equal(t, []string{ids[0], ids[0] + "/2", ids[0] + "/3", ids[0] + "/4"}, ids)
				data := b.Column(t, "SELECT count(*) FROM lines WHERE synced_data IS NOT NULL")
				require.Equal(t, []string{"5"}, data)

				require.Equal(t, harness.Counts{Unchanged: 5}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
				diff, err := m.Check(context.Background(), synced.NoScope)
				require.NoError(t, err)
				require.True(t, diff.Passed(), "%s", diff)
				b.Execute(t, "UPDATE lines SET text = 'x' WHERE synced_id = '"+ids[2]+"'")
				require.Equal(t, harness.Counts{Updated: 1, Unchanged: 4}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))

				list.set(milk, tea, tea)
				result = harness.Sync(t, m, synced.NoScope)
				require.Equal(t, harness.Counts{Unchanged: 3, Removed: 2}, harness.CountsOf(result), "%s %v", result, result.Refused)
				require.Equal(t, ids[:2], b.Column(t, "SELECT synced_id FROM lines WHERE text = 'tea' ORDER BY synced_id"))
				list.set(tea, milk, tea, tea)
				require.Equal(t, harness.Counts{Created: 1, Unchanged: 3}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
				require.Equal(t, ids[:3], b.Column(t, "SELECT synced_id FROM lines WHERE text = 'tea' ORDER BY synced_id"))
			})
		})
	}
}

func TestContract_C188_ManyEqualRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		list := &lists{page: 2500}
		m := statement(t, b, list.client(t, false), nil)
		items := slices.Repeat([]string{`{"text":"tea","amount":1}`}, 10_000)
		for i := 0; i < len(items); i += list.page { // no page is as another
			items[i] = fmt.Sprintf(`{"text":"page","amount":%d}`, i)
		}
		list.set(items...)
		require.Equal(t, harness.Counts{Created: 10_000}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, harness.Counts{Unchanged: 10_000}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	})
}

func TestContract_C188_AListThatMayHaveShifted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		list := &lists{page: 2}
		m := statement(t, b, list.client(t, true), nil)
		one := func(n int) string { return fmt.Sprintf(`{"text":"t%d","amount":%d}`, n, n) }
		list.set(one(1), one(2), one(3), one(4))
		harness.Sync(t, m, synced.NoScope)
		first := true
		list.before = func(int) int {
			if !first { // the second page is asked for: one came before, and t3 is gone
				list.set(one(0), one(1), one(2), one(4))
			}
			first = false
			return 0
		}
		result := harness.Sync(t, m, synced.NoScope)
		require.NotNil(t, result.Refused)
		require.Contains(t, result.Refused.Reason, "may have shifted")
		require.Contains(t, texts(t, b), "t3")
	})
}
