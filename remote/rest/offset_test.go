package rest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// byOffset serves a shelf by offsets. A total below 0 is not told.
func byOffset(s shelf, total int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if total >= 0 {
			w.Header().Set("X-Total-Count", strconv.Itoa(total))
		}
		records, _ := s.records(param(r, "offset", 0), param(r, "limit", s.max))
		body(w, records)
	}
}

func TestOffset(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shelf shelf
		total int
		pages int
	}{
		"nothing told":             {shelf{25, 100}, -1, 4},
		"nothing told, at an edge": {shelf{20, 100}, -1, 3},
		"nothing told, empty":      {shelf{0, 100}, -1, 1},
		"capped":                   {shelf{25, 4}, -1, 8},
		"capped, total":            {shelf{25, 4}, 25, 7},
		"total":                    {shelf{25, 100}, 25, 3},
		"total, at an edge":        {shelf{20, 100}, 20, 3},
		"a capped total":           {shelf{14, 5}, 10, 4},
		"total too high":           {shelf{25, 100}, 99, 4},
		"total too low":            {shelf{25, 100}, 15, 4},
	} {
		for _, inFlight := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, %d", name, inFlight), func(t *testing.T) {
				t.Parallel()
				config := rest.Config{Pagination: rest.Offset{}, TotalHeader: "X-Total-Count", PerPage: 10, InFlight: inFlight}
				pages, err := rentals(t, serve(t, config, byOffset(c.shelf, c.total)))
				require.NoError(t, err)
				require.Len(t, pages, c.pages)
				requireAll(t, c.shelf.n, pages)
				for _, page := range pages {
					require.Equal(t, len(pages) > 1, page.Shifting)
				}
			})
		}
	}
}

// Pages of different lengths make the guesses wrong, and nothing else.
func TestOffset_UnevenPages(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 3} {
		client := serve(t, rest.Config{Pagination: rest.Offset{}, InFlight: inFlight}, func(w http.ResponseWriter, r *http.Request) {
			from := param(r, "offset", 0)
			byOffset(shelf{40, 3 + from%5}, -1)(w, r)
		})
		pages, err := rentals(t, client)
		require.NoError(t, err)
		requireAll(t, 40, pages)
	}
}

func TestOffset_PastEndAndStart(t *testing.T) {
	t.Parallel()
	config := rest.Config{Pagination: rest.Offset{Param: "skip", Limit: "top", PastEnd: 400}, PerPage: 5}
	client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
		if param(r, "skip", 0) >= 20 {
			answer(400, jsonType, `{}`)(w, r)
			return
		}
		records, _ := shelf{20, 100}.records(param(r, "skip", 0), param(r, "top", 100))
		body(w, records)
	})
	pages, err := rentals(t, client)
	require.NoError(t, err)
	requireAll(t, 20, pages)
	require.Len(t, pages, 5)

	pages, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Query: map[string][]string{"skip": {"7"}}})
	require.NoError(t, err)
	require.Equal(t, 8, ids(t, pages)[0])
	require.Len(t, ids(t, pages), 13)

	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Query: map[string][]string{"skip": {"x"}}})
	require.ErrorContains(t, err, `parameter skip: "x" is not a number of 0 or more`)
}
