package journal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
)

// origins tells of each change who made it.
func origins(list []journal.Change) (texts []string) {
	for _, c := range list {
		texts = append(texts, string(c.Op)+" "+string(c.Key)+" "+c.Via)
	}
	return texts
}

func TestContract_C302_Runs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		harness.Model(t, b, d)
		j := open(t, b, journal.Table{Name: "rentals"})
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Execute(t, "UPDATE rentals SET notes = 'ours' WHERE synced_id = 1")
		b.Execute(t, "UPDATE rentals SET name = 'ours' WHERE synced_id = 2")
		b.Server.Collection("rentals").Delete(3)
		b.Server.Collection("rentals").Update(1, map[string]any{"name": "uno"})
		harness.Sync(t, rentals, synced.In(1))
		list := changes(t, j, 0)
		require.ElementsMatch(t, []string{"create [1] run", "create [2] run", "create [3] run"}, origins(list[:3]))
		require.Equal(t, []string{"update [1] ", "update [2] "}, origins(list[3:5]))
		require.ElementsMatch(t, []string{"update [1] run", "update [2] run", "delete [3] run"}, origins(list[5:]))
		require.Contains(t, brief(list[3]), `{"new":{"notes":"ours"},"old":{"notes":""}}`)
		require.Contains(t, list[0].New, "synced_data")
		require.NotContains(t, list[0].New, "synced_hash")
		last, err := j.Last(t.Context())
		require.NoError(t, err)
		count := b.Statements(t)
		idle := func() int64 {
			rentals := harness.Bind(t, b, d)
			harness.Sync(t, rentals, synced.In(1))
			count.Store(0)
			harness.Sync(t, rentals, synced.In(1))
			return count.Load()
		}
		with := idle()
		require.Empty(t, changes(t, j, last))
		require.NoError(t, j.Uninstall(t.Context()))
		require.Equal(t, idle(), with, "a journal costs an idle run no statement")
	})
}
