package idset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/idset"
)

func TestUndoable(t *testing.T) {
	t.Parallel()
	var u idset.Undoable
	kind := func(key uint64) any {
		if e := u.Find(key); e != nil {
			return e.Kind()
		}
		return nil
	}
	require.True(t, u.Add(1, 1))
	u.Mark()
	require.False(t, u.Add(1, 5))
	require.True(t, u.Add(2, 2))
	u.Change(1, u.Find(1), 3)
	u.Change(1, u.Find(1), 4)
	u.Change(2, u.Find(2), 4)
	require.Equal(t, 2, u.Len())

	u.Undo()
	require.Equal(t, int8(1), kind(1))
	require.Nil(t, kind(2))
	require.False(t, u.Has(2))
	require.Equal(t, 1, u.Len())

	require.True(t, u.Add(2, 7), "it is new again")
	require.False(t, u.Add(2, 7))
	require.Equal(t, 2, u.Len())
	u.Mark()
	u.Change(2, u.Find(2), 8)
	u.Keep()
	u.Undo()
	require.Equal(t, int8(8), kind(2), "what was kept is final")

	// What is undone twice, too, and past the size at which a set is sorted.
	for range 2 {
		u.Mark()
		for key := range uint64(800_000) {
			u.Add(key, 9)
		}
		require.Equal(t, 800_000, u.Len())
		u.Undo()
		require.Equal(t, 2, u.Len())
		require.Equal(t, int8(8), kind(2))
	}
}
