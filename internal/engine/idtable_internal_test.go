package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/report"
)

func TestIDTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []report.Kind{0, listed, older, report.Created, report.Updated, report.Restored}
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
		for _, most := range []int{1, blockSize - 1, blockSize, 1000, 1 << 20} { // ids that are hashed
			t.Run(fmt.Sprint(name, " ", most), func(t *testing.T) {
				var table idTable
				_, ok := table.get(0)
				require.False(t, ok)
				want := map[uint64]report.Kind{}
				for i := range 5000 {
					k, kind := key(i), kinds[random.IntN(len(kinds))]
					_, known := want[k]
					require.Equal(t, !known, table.add(k, kind))
					if kept := table.find(k); known {
						*kept = int8(kind + shift)
					}
					want[k] = kind
					if table.hashed.n >= max(most, i/4) { // in a row, it would be merged each time
						table.pack()
					}
					if i%100 == 0 {
						k := random.Uint64() | 1<<63 | 1<<38
						_, known := want[k]
						_, ok := table.get(k)
						require.Equal(t, known, ok)
					}
				}
				require.Equal(t, len(want), table.size())
				for k, kind := range want {
					got, ok := table.get(k)
					require.True(t, ok)
					require.Equal(t, kind, got)
				}
			})
		}
	}
}

// More ids than are hashed, of two kinds.
func TestIDTablePacks(t *testing.T) {
	var table tally
	var c report.Counts
	const n = 2*maxHashed + 1000
	for i := range n {
		require.True(t, table.list(uint64(3*i)))
		if i%2 == 0 {
			table.count(&c, uint64(3*i), report.Created)
		}
	}
	require.Equal(t, n, table.size())
	require.Equal(t, report.Counts{Created: n / 2}, c)
	require.Equal(t, n/2, table.written())
	require.Equal(t, 1000, table.seen.hashed.n)
	require.Less(t, len(table.seen.packed.distances), n+n/10, "bytes for ids that follow one another")
	for i := range n {
		require.False(t, table.list(uint64(3*i)))
		table.count(&c, uint64(3*i), report.Updated)
		require.False(t, table.has(uint64(3*i+1)))
	}
	require.Equal(t, report.Counts{Created: n / 2, Updated: n / 2}, c)
}

func BenchmarkIDTable(b *testing.B) {
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
					var t tally
					r := &report.Counts{}
					for page := 0; page < n; page += 500 {
						for i := range 500 {
							t.list(key(page + i))
						}
						for i := range 500 {
							t.count(r, key(page+i), 0)
						}
					}
					if r.Unchanged != n {
						b.Fatal(r.Unchanged)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/id")
			})
		}
	}
}
