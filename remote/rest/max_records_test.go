package rest_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// The smallest records that there are are refused before they take much memory.
func TestMaxRecords(t *testing.T) {
	for _, item := range []string{`{}`, `{"id":1}`} {
		body := `[` + strings.Repeat(item+",", (8<<20)/(len(item)+1)) + item + `]`
		c := serve(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := rentals(t, c)
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, remote.ErrTooLarge)
		require.ErrorContains(t, err, "more than 100000 records on one page")
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20*len(body)), "allocated in all, by the server too, and more of it with the race detector: at one time it is far less")
	}
}
