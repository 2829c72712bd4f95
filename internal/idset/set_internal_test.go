package idset

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []int8{0, -1, -2, 1, 2, 3, math.MaxInt8, math.MinInt8 + 1}
	for name, key := range map[string]func(i int) uint64{
		"in order":    func(i int) uint64 { return uint64(i) },
		"backwards":   func(i int) uint64 { return uint64(5000 - i) },
		"negative":    func(i int) uint64 { return uint64(-i) },
		"both signs":  func(i int) uint64 { return uint64(i - 2500) },
		"low zeros":   func(i int) uint64 { return uint64(i) << 40 },
		"hashes":      func(int) uint64 { return random.Uint64() },
		"few":         func(int) uint64 { return random.Uint64N(50) },
		"some of all": func(int) uint64 { return random.Uint64N(5000) },
	} {
		for _, most := range []int{1, blockSize - 1, blockSize, 1000, 1 << 20} { // keys that are hashed
			t.Run(fmt.Sprint(name, " ", most), func(t *testing.T) {
				var set Set
				require.False(t, set.Has(0))
				want := map[uint64]int8{}
				for i := range 5000 {
					k, kind := key(i), kinds[random.IntN(len(kinds))]
					_, known := want[k]
					require.Equal(t, !known, set.Add(k, kind))
					if known {
						set.Find(k).Set(kind)
					}
					want[k] = kind
					if set.hashed.n >= max(most, i/4) { // in a row, it would be merged each time
						set.sort()
					}
					if i%100 == 0 {
						k := random.Uint64() | 1<<63 | 1<<38
						_, known := want[k]
						require.Equal(t, known, set.Has(k))
					}
				}
				require.Equal(t, len(want), set.Len())
				var all []int8
				for k, kind := range want {
					require.Equal(t, kind, set.Find(k).Kind())
					all = append(all, kind)
				}
				slices.Sort(all)
				require.Equal(t, all, slices.Sorted(set.Kinds()))
			})
		}
	}
}

// More keys than are hashed, of two kinds.
func TestSetSorts(t *testing.T) {
	t.Parallel()
	var set Set
	const n = 2*maxHashed + 1000
	for i := range n {
		require.True(t, set.Add(uint64(3*i), int8(i%2)))
	}
	require.Equal(t, n, set.Len())
	require.Equal(t, 1000, set.hashed.n)
	require.Less(t, len(set.sorted.distances), n+n/10, "bytes for keys that follow one another")
	for i := range n {
		e := set.Find(uint64(3 * i))
		if e == nil || e.Kind() != int8(i%2) || set.Has(uint64(3*i+1)) || set.Add(uint64(3*i), 2) {
			t.Fatal(i)
		}
		e.Set(3)
	}
	for kind := range set.Kinds() {
		if kind != 3 {
			t.Fatal(kind)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	hashes := make([]uint64, 2_000_000)
	for i := range hashes {
		hashes[i] = random.Uint64()
	}
	for name, key := range map[string]func(i int) uint64{
		"in order": func(i int) uint64 { return uint64(i) },
		"gaps":     func(i int) uint64 { return uint64(i) * 37 },
		"hashes":   func(i int) uint64 { return hashes[i] },
	} {
		for _, n := range []int{500_000, len(hashes)} {
			b.Run(fmt.Sprint(name, " ", n), func(b *testing.B) {
				for b.Loop() {
					var s Set
					for page := 0; page < n; page += 500 {
						for i := range 500 {
							s.Add(key(page+i), -1)
						}
						for i := range 500 {
							s.Find(key(page + i)).Set(0)
						}
					}
					if s.Len() != n {
						b.Fatal(s.Len())
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/id")
			})
		}
	}
}
