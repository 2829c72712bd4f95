package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/report"
)

func TestIDTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []report.Kind{0, listed, older, report.Created, report.Updated, report.Restored}
	for name, key := range map[string]func(i int) uint64{
		"in order":  func(i int) uint64 { return uint64(i) },
		"negative":  func(i int) uint64 { return uint64(-i) },
		"low zeros": func(i int) uint64 { return uint64(i) << 40 },
		"hashes":    func(int) uint64 { return random.Uint64() },
		"few":       func(int) uint64 { return random.Uint64N(50) },
	} {
		t.Run(name, func(t *testing.T) {
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
				if i%100 == 0 {
					_, ok := table.get(random.Uint64() | 1<<63 | 1<<38)
					require.False(t, ok)
				}
			}
			require.Equal(t, len(want), table.n)
			for k, kind := range want {
				got, ok := table.get(k)
				require.True(t, ok)
				require.Equal(t, kind, got)
			}
		})
	}
}

func BenchmarkIDTable(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	hashes := make([]uint64, 500_000)
	for i := range hashes {
		hashes[i] = random.Uint64()
	}
	for name, key := range map[string]func(i int) uint64{
		"in order": func(i int) uint64 { return uint64(i) },
		"gaps":     func(i int) uint64 { return uint64(i) * 37 },
		"hashes":   func(i int) uint64 { return hashes[i] },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var t tally
				r := &report.Counts{}
				for page := 0; page < len(hashes); page += 500 {
					for i := range 500 {
						t.list(key(page + i))
					}
					for i := range 500 {
						t.count(r, key(page+i), 0)
					}
				}
				if r.Unchanged != len(hashes) {
					b.Fatal(r.Unchanged)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(hashes)), "ns/id")
		})
	}
}
