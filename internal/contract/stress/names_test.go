package stress_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

type asked struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"na?me"`
}

type dotted struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"na.me"`
}

type long struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"a23456789012345678901234567890123456789012345678901234567890123"`
}

type longer struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"a234567890123456789012345678901234567890123456789012345678901234"`
}

// named makes a model and runs it, or returns the one error that CreateTable and New
// have.
func named[T any](t *testing.T, b *harness.Bundle, d synced.Synced[T]) string {
	t.Helper()
	b.Put("one", "two")
	d.API, d.Endpoint, d.Strategy = b.API, "rentals", strategy.Full{}
	create := d.CreateTable(context.Background(), b.DB)
	m, err := synced.New(context.Background(), b.DB, d)
	if create != nil || err != nil {
		require.EqualError(t, err, create.Error())
		return err.Error()
	}
	require.NoError(t, d.CreateTable(context.Background(), b.DB), "again")
	require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created)
	b.Put("one!", "two")
	r := harness.Sync(t, m, synced.NoScope)
	require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(r))
	// The guard of the fingerprints and the index are this table's own.
	diff, err := m.Check(context.Background(), synced.NoScope)
	require.NoError(t, err)
	require.Empty(t, diff.Changed)
	return ""
}

func TestContract_C107_Names(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type row struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		for _, n := range []int{50, 55, 62, 63} {
			require.Empty(t, named(t, b, synced.Synced[row]{Table: strings.Repeat("a", n)}), n)
			require.Empty(t, named(t, b, synced.Synced[row]{Table: strings.Repeat("a", n-1) + "b"}), n)
			require.Empty(t, named(t, b, synced.Synced[row]{Table: strings.Repeat("é", n/2) + fmt.Sprint(n % 10)[:n%2]}), n)
		}
		require.Empty(t, named(t, b, synced.Synced[long]{Table: "long"}))
		for table, want := range map[string]string{
			strings.Repeat("a", 64): "is 64 bytes long, of which PostgreSQL keeps 63",
			`a"b`:                   "has a quote",
			`"a.b"`:                 "has a quote",
			"a?b":                   `has a "?"`,
			"a\nb":                  "has a control character",
			"a..b":                  "has an empty part",
		} {
			require.Contains(t, named(t, b, synced.Synced[row]{Table: table}), want, table)
		}
		require.Contains(t, named(t, b, synced.Synced[asked]{Table: "rows"}), `the name of column "na?me" has a "?"`)
		require.Contains(t, named(t, b, synced.Synced[dotted]{Table: "rows"}), `column "na.me" has a dot in its name`)
		require.Contains(t, named(t, b, synced.Synced[longer]{Table: "rows"}), "is 64 bytes long")
	})
}
