package rest_test

import (
	"fmt"
	"math"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// contents are bodies of some bytes that take much memory in other readers.
var contents = map[string]func(bytes int) string{
	"empty objects": func(n int) string { return `[` + strings.Repeat(`{},`, n/3) + `{}]` },
	"small objects": func(n int) string { return `[` + strings.Repeat(`{"id":1},`, n/9) + `{}]` },
	"lists in lists": func(n int) string {
		return `[{"id":1,"x":[` + strings.Repeat(strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+",", n/18001) + `1]}]`
	},
	"lists without end":   func(n int) string { return strings.Repeat("[", n) },
	"objects without end": func(n int) string { return strings.Repeat(`{"a":`, n/5) },
	"objects in objects": func(n int) string {
		return `[{"id":1,"x":[` + strings.Repeat(strings.Repeat(`{"a":`, 9000)+"1"+strings.Repeat("}", 9000)+",", n/54002) + `1]}]`
	},
	"small lists":   func(n int) string { return `[{"id":1,"x":[` + strings.Repeat(`[],`, n/3) + `1]}]` },
	"short strings": func(n int) string { return `[{"id":1,"x":[` + strings.Repeat(`"a",`, n/4) + `1]}]` },
	"escapes":       func(n int) string { return `[{"id":1,"x":"` + strings.Repeat(`\u0041`, n/6) + `"}]` },
	"members": func(n int) string {
		var s strings.Builder
		s.WriteString(`[{"id":1`)
		for i := 0; s.Len() < n; i++ {
			fmt.Fprintf(&s, `,"%x":0`, i)
		}
		return s.String() + `}]`
	},
	"members in the envelope": func(n int) string {
		var s strings.Builder
		s.WriteString(`{"rentals":[{"id":1}]`)
		for i := 0; s.Len() < n; i++ {
			fmt.Fprintf(&s, `,"%x":0`, i)
		}
		return s.String() + `}`
	},
	"members twice":    func(n int) string { return `[{"id":1` + strings.Repeat(`,"a":0`, n/6) + `}]` },
	"commas in a text": func(n int) string { return `[{"id":1,"x":"` + strings.Repeat(`,\",\\`, n/6) + `"}]` },
	"numbers":          func(n int) string { return `[{"id":` + strings.Repeat(`1`, n) + `}]` },
	"white space":      func(n int) string { return `[{"id":1}` + strings.Repeat(" ", n) + `]` },
}

// A page takes at most about four times the bytes of its body, whatever is in it.
func TestContract_C116_MemoryOfAPage(t *testing.T) {
	const size = 4 << 20
	bound := 5.0
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		bound = 8 // the race detector adds to what is allocated, and keeps less of it for another use
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5)) // what is no longer used counts little
	for name, content := range contents {
		body := []byte(content(size))
		key := rest.Root
		if body[0] == '{' {
			key = "rentals"
		}
		c := serve(t, rest.Config{RecordsKey: key, Pagination: rest.OnePage{}, MaxRecords: 10_000}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
		var err error
		ratio := math.Inf(1)
		for tries := 0; ratio >= bound && tries < 5; tries++ { // the collector may be late
			peak := peakOf(func() { _, err = rentals(t, c) })
			ratio = min(ratio, float64(peak)/float64(len(body)))
		}
		t.Logf("%-25s %4.1f", name, ratio)
		require.Less(t, ratio, bound, name)
		if strings.Contains(name, "text") {
			require.NoError(t, err)
		}
		if err != nil {
			require.Less(t, len(err.Error()), 1000, name)
		}
		if strings.HasPrefix(name, "members in") {
			require.ErrorIs(t, err, remote.ErrTooLarge)
			require.ErrorContains(t, err, "an object of more than 10000 members (MaxRecords)")
		}
	}
}

// peakOf returns how many bytes more than before are in use at one time while something
// is done.
func peakOf(do func()) uint64 {
	inUse := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 {
		metrics.Read(inUse)
		return inUse[0].Value.Uint64()
	}
	runtime.GC()
	before := read()
	peak := before
	done, end := make(chan struct{}), make(chan struct{})
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	go func() {
		defer close(end)
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				peak = max(peak, read())
			}
		}
	}()
	do()
	close(done)
	<-end
	return peak - before
}

// Pages are asked for ahead as far as 32 MiB of bodies like that of the page in hand go.
// Larger ones are asked for when they are wanted.
func TestContract_C431_LargePagesAreNotAskedAhead(t *testing.T) {
	t.Parallel()
	for bytes, most := range map[int]int{1 << 10: 4, 12 << 20: 3, 17 << 20: 2, 33 << 20: 1} {
		var taken atomic.Int64
		came := make(chan int, 10)
		space := strings.Repeat(" ", bytes)
		c := serve(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.PageNumber{}, TotalHeader: "X-Total-Count", InFlight: 3}, func(w http.ResponseWriter, r *http.Request) {
			page := param(r, "page", 1)
			came <- page - int(taken.Load())
			w.Header().Set("X-Total-Count", "5")
			if page > 5 {
				_, _ = fmt.Fprint(w, `[]`)
				return
			}
			_, _ = fmt.Fprintf(w, `[{"id":%d}%s]`, page, space)
		})
		for page, err := range c.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
			require.NoError(t, err)
			if page.Number == 1 {
				for range most { // all that are asked for before the first page is taken
					require.LessOrEqual(t, <-came, most, bytes)
				}
			}
			taken.Add(1)
		}
		close(came)
		for ahead := range came {
			require.LessOrEqual(t, ahead, most, bytes)
		}
		require.GreaterOrEqual(t, taken.Load(), int64(5))
	}
}
