package rest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// shelf is a list of the records 1 to n, of which an API sends at most max at
// once, whatever it is asked for. It says so nowhere.
type shelf struct{ n, max int }

// records are those after the first from, as JSON, and how many there are.
func (s shelf) records(from, size int) (list string, n int) {
	var b strings.Builder
	for ; n < min(size, s.max) && from+n < s.n; n++ {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d}`, from+n+1)
	}
	return "[" + b.String() + "]", n
}

// param is a parameter as a number.
func param(r *http.Request, name string, or int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return or
	}
	return n
}

// body answers with the records and further members.
func body(w http.ResponseWriter, records string, members ...string) {
	w.Header().Set("Content-Type", jsonType)
	fmt.Fprintf(w, `{%s}`, strings.Join(append([]string{`"rentals":` + records}, members...), ","))
}

// ids are the ids that the pages list.
func ids(t *testing.T, pages []*remote.Page) []int {
	t.Helper()
	var ids []int
	for i, page := range pages {
		require.Equal(t, i+1, page.Number)
		for _, o := range page.Objects {
			id, err := remote.Get[int](o, "id")
			require.NoError(t, err)
			ids = append(ids, id)
		}
	}
	return ids
}

// requireAll checks that each record of a list came once, in order.
func requireAll(t *testing.T, n int, pages []*remote.Page) {
	t.Helper()
	got := ids(t, pages)
	require.Len(t, got, n)
	for i, id := range got {
		require.Equal(t, i+1, id)
	}
	for i, page := range pages {
		require.Equal(t, i < len(pages)-1, page.More)
	}
}
