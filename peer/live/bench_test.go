package live_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
)

// BenchmarkLatency measures the time from a commit on one side to the row on the other.
func BenchmarkLatency(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, hint := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/hint=%v", kind, hint), func(b *testing.B) {
				c := live.Config{Poll: 200 * time.Millisecond}
				center, one := newSite(b, kind, peer.Config{}, c), newSite(b, kind, peer.Config{}, c)
				one.connect(b, live.Target{URL: center.serve(b)})
				for n := 0; b.Loop(); n++ {
					text := fmt.Sprint("row ", n)
					one.add(b, text)
					if hint {
						one.n.Hint()
					}
					for len(center.Column(b, "SELECT text FROM notes WHERE text = ?", text)) == 0 {
						time.Sleep(500 * time.Microsecond)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/change")
			})
		}
	}
}

// BenchmarkPush measures how many changes a second one connection carries and applies.
func BenchmarkPush(b *testing.B) {
	const changes = 3000
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			center, one := newSite(b, kind, peer.Config{}, live.Config{}), newSite(b, kind, peer.Config{}, live.Config{})
			one.connect(b, live.Target{URL: center.serve(b)})
			for n := 1; b.Loop(); n++ {
				one.Execute(b, fmt.Sprintf("INSERT INTO notes (text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT 'row ' || i FROM n", changes))
				one.n.Hint()
				for center.Column(b, "SELECT count(*) FROM notes")[0] != fmt.Sprint(n*changes) {
					time.Sleep(5 * time.Millisecond)
				}
			}
			b.ReportMetric(changes*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}

// BenchmarkStalled measures the memory that a peer takes which does not read: with a backlog of
// 40 MB, and then with twice as much.
func BenchmarkStalled(b *testing.B) {
	center := newSite(b, "sqlite", peer.Config{}, live.Config{})
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapInuse) / (1 << 20)
	}
	fill := func() {
		for n := range 40 {
			center.Execute(b, fmt.Sprintf("INSERT INTO notes (text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT '%s ' || i FROM n", strings.Repeat("x", 1000+n)))
		}
	}
	fill()
	dial := center.listen(b, live.Frames32)
	for b.Loop() {
		before := heap()
		dialRaw(b, dial).meet(b, "a-stalled-one")
		require.Eventually(b, func() bool { return len(center.n.Connected()) > 0 }, patience, time.Millisecond)
		time.Sleep(3 * time.Second)
		b.ReportMetric(heap()-before, "MB")
		fill()
		center.n.Hint()
		time.Sleep(3 * time.Second)
		b.ReportMetric(heap()-before, "MB-twice")
	}
}

// BenchmarkLook measures what looking for changes costs where there are none.
func BenchmarkLook(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			s := newSite(b, kind, peer.Config{}, live.Config{})
			s.add(b, "a")
			for b.Loop() {
				_, err := s.p.Last(b.Context())
				require.NoError(b, err)
			}
		})
	}
}
