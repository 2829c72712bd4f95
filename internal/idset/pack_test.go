package idset_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
)

func TestPack(t *testing.T) {
	t.Parallel()
	negative := func(n int64) uint64 { return uint64(n) }
	for name, test := range map[string]struct {
		keys []uint64
		size int
	}{
		"none":           {nil, 0},
		"zero":           {[]uint64{0}, 1},
		"in order":       {[]uint64{1, 2, 3, 4}, 4},
		"backwards":      {[]uint64{4, 3, 2, 1}, 4},
		"twice":          {[]uint64{7, 7}, 2},
		"largest":        {[]uint64{math.MaxUint64, 0}, 11},
		"negative":       {[]uint64{negative(-1), negative(-2), 1}, 12},
		"a byte holds":   {[]uint64{0, 127}, 2},
		"a byte too few": {[]uint64{0, 128}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := slices.Clone(test.keys)
			packed := idset.Pack(given)
			require.Len(t, packed, test.size)
			require.Equal(t, test.keys, given, "the argument was changed")
			var got []uint64
			require.NoError(t, idset.Unpack(packed, func(key uint64) { got = append(got, key) }))
			require.Equal(t, slices.Sorted(slices.Values(test.keys)), got)
		})
	}
}

func TestUnpackDamaged(t *testing.T) {
	t.Parallel()
	for name, packed := range map[string][]byte{
		"cut short": {1, 0x80},
		"too long":  {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
	} {
		require.ErrorIs(t, idset.Unpack(packed, func(uint64) {}), idset.ErrDamaged, name)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	require.Equal(t, uint64(7), idset.Key(backend.IntID(7)))
	require.Equal(t, uint64(math.MaxUint64), idset.Key(backend.IntID(-1)))
	require.Equal(t, idset.Key(backend.TextID("a")), idset.Key(backend.TextID("a")))
	require.NotEqual(t, idset.Key(backend.TextID("a")), idset.Key(backend.TextID("b")))
	require.NotEqual(t, idset.Key(backend.IntID(7)), idset.Key(backend.TextID("7")), "text is hashed")
}
