package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

func TestPerValue_TotalsAddUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		totals  map[string]int // of two records each
		known   bool
		total   int
		partial string
	}{
		"right":     {map[string]int{"a": 2, "b": 2}, true, 4, ""},
		"short":     {map[string]int{"a": 3, "b": 2}, true, 5, "status=a: the remote said that it has 3 records and listed 2"},
		"not known": {map[string]int{"b": 2}, false, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := rest.Config{PerValue: rest.PerValue{Param: "status", Values: []string{"a", "b"}}, RecordsKey: "items", TotalPath: "total", Pagination: rest.OnePage{}}
			pages, err := collect(t, t.Context(), serve(t, config, func(w http.ResponseWriter, r *http.Request) {
				total := ""
				if n, ok := c.totals[r.URL.Query().Get("status")]; ok {
					total = fmt.Sprintf(`,"total":%d`, n)
				}
				answer(200, jsonType, `{"items":[{"id":1},{"id":2}]`+total+`}`)(w, r)
			}), remote.Request{Endpoint: "rentals"})
			require.NoError(t, err)
			require.Len(t, pages, 2)
			require.Equal(t, []int{1, 2}, []int{pages[0].Number, pages[1].Number})
			require.True(t, pages[0].More)
			require.False(t, pages[0].TotalKnown)
			require.Equal(t, c.known, pages[1].TotalKnown)
			require.Equal(t, c.total, pages[1].Total)
			require.Equal(t, c.partial, pages[0].Partial)
		})
	}
}

func TestPerValue_APartThatMayNotHaveEnded(t *testing.T) {
	t.Parallel()
	items := `{"id":0}`
	for i := range 9 {
		items += fmt.Sprintf(`,{"id":%d}`, i+1)
	}
	config := rest.Config{PerValue: rest.PerValue{Param: "status", Values: []string{"a", "b"}}, RecordsKey: "items"}
	pages, err := collect(t, t.Context(), serve(t, config, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("status") == "b" {
			items = ""
		}
		answer(200, jsonType, `{"items":[`+items+`]}`)(w, r)
	}), remote.Request{Endpoint: "rentals"})
	require.NoError(t, err)
	require.Contains(t, pages[1].Unended, "status=a: the only page has 10 records")
}

func TestPerValue_Mistakes(t *testing.T) {
	t.Parallel()
	for want, per := range map[string]rest.PerValue{
		"want Param and Values": {Param: "status"},
		"has one twice":         {Param: "status", Values: []string{"a", "b", "a"}},
	} {
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", PerValue: per})
		require.ErrorContains(t, err, want)
	}
	client := serve(t, rest.Config{PerValue: rest.PerValue{Param: "status", Values: []string{"a"}}}, answer(200, jsonType, `{"rentals":[]}`))
	_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Query: map[string][]string{"status": {"b"}}})
	require.ErrorContains(t, err, "which rest.PerValue sets")
}
