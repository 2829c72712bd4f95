package rows_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/stagetest"
)

// rentals has rows 1 to 3, one without a remote id, and one of another scope.
func rentals(t *testing.T) *model.Model {
	t.Helper()
	m := stagetest.Rentals(t)
	for id, name := range map[int64]string{1: "one", 2: "two", 3: "three"} {
		stagetest.Insert(t, m, stagetest.Scope, id, name)
	}
	stagetest.Insert(t, m, 2, 4, "of another scope")
	stagetest.Execute(t, m, "INSERT INTO rentals (account_id, name) VALUES (1, 'of the service')")
	return m
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	m := rentals(t)
	listed := idset.Key(backend.IntID(2))
	absent, all, err := rows.Absent(t.Context(), m.DB, m, stagetest.Scope, model.Removal{Kind: model.Destroy}, func(key uint64) bool { return key == listed })
	require.NoError(t, err)
	require.Equal(t, 3, all, "a row of the service is none")
	slices.SortFunc(absent, backend.ID.Compare)
	require.Equal(t, []backend.ID{backend.IntID(1), backend.IntID(3)}, absent)
}

func TestCount(t *testing.T) {
	t.Parallel()
	m := rentals(t)
	for _, c := range []struct {
		ids  []backend.ID
		some int
	}{
		{nil, 0},
		{[]backend.ID{backend.IntID(1), backend.IntID(4), backend.IntID(9)}, 1},
	} {
		all, some, err := rows.Count(t.Context(), m.DB, m, stagetest.Scope, model.Removal{Kind: model.Destroy}, c.ids)
		require.NoError(t, err)
		require.Equal(t, 3, all)
		require.Equal(t, c.some, some)
	}
}

func TestLoadAll(t *testing.T) {
	t.Parallel()
	m := rentals(t)
	stored, err := rows.LoadAll(t.Context(), m.DB, m, stagetest.Scope, []backend.ID{backend.IntID(1), backend.IntID(4)})
	require.NoError(t, err)
	require.Len(t, stored, 1, "a row of another scope is not found")
	row, err := rows.ByColumn(m, stored[backend.IntID(1)])
	require.NoError(t, err)
	require.Equal(t, "one", row["name"])
	key, ok := rows.LocalKey(m, stored[backend.IntID(1)])
	require.True(t, ok)
	require.NotZero(t, key)
}
