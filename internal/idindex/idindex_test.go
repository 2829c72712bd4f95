package idindex_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
)

func TestIndex(t *testing.T) {
	n, s := backend.IntID, backend.TextID
	for name, ids := range map[string][]backend.ID{
		"none":         {},
		"dense":        {n(5), n(6), n(7), n(8)},
		"gaps":         {n(-3), n(0), n(8), n(9), n(400)},
		"extremes":     {n(math.MinInt64), n(-1), n(0), n(math.MaxInt64)},
		"out of order": {n(5), n(6), n(2), n(7), n(1)},
		"descending":   {n(5), n(4)},
		"texts":        {s("a"), s("b"), s("7")},
		"both":         {n(7), s("7"), n(8)},
	} {
		t.Run(name, func(t *testing.T) {
			x := idindex.Of(len(ids), func(place int) backend.ID { return ids[place] })
			for place, id := range ids {
				found, ok := x.Find(id)
				require.True(t, ok)
				require.Equal(t, place, found)
			}
			for _, id := range []backend.ID{n(3), n(100), n(-2), n(math.MaxInt64 - 1), n(math.MinInt64 + 1), s("5"), s("")} {
				_, ok := x.Find(id)
				require.False(t, ok, id)
			}
			for place, id := range ids {
				before, twice := x.Add(id, len(ids)+place)
				require.True(t, twice)
				require.Equal(t, place, before)
			}
		})
	}
}
