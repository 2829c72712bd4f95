package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// bySequence serves a shelf as CouchDB's _changes does.
func bySequence(s shelf, pending bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := 0
		_, _ = fmt.Sscanf(r.URL.Query().Get("since"), "%d-", &from)
		records, n := s.records(from, param(r, "limit", s.max))
		fmt.Fprintf(w, `{"results":%s,"last_seq":"%d-g1AAAA=="`, records, from+n)
		if pending {
			fmt.Fprintf(w, `,"pending":%d`, s.n-from-n)
		}
		fmt.Fprint(w, "}")
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		style   rest.Sequence
		shelf   shelf
		pending bool
		pages   int
	}{
		"pending":             {rest.Sequence{}, shelf{25, 100}, true, 3},
		"pending, at an edge": {rest.Sequence{}, shelf{20, 100}, true, 2},
		"pending, capped":     {rest.Sequence{}, shelf{25, 7}, true, 4},
		"pending, empty":      {rest.Sequence{}, shelf{0, 7}, true, 1},
		"not told":            {rest.Sequence{}, shelf{25, 100}, false, 4},
		"not told, empty":     {rest.Sequence{}, shelf{0, 100}, false, 1},
		"not looked for":      {rest.Sequence{PendingPath: rest.None}, shelf{25, 100}, true, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{Pagination: c.style, RecordsKey: "results", PerPage: 10, Auth: queryAuth}, bySequence(c.shelf, c.pending))
			pages, err := rentals(t, client)
			require.NoError(t, err)
			require.Len(t, pages, c.pages)
			requireAll(t, c.shelf.n, pages)
			last := pages[len(pages)-1]
			require.False(t, last.Shifting)
			require.Equal(t, fmt.Sprintf("/api/rentals?limit=10&since=%d-g1AAAA%%3D%%3D", c.shelf.n), last.Cursor)

			// Nothing is new.
			again, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Cursor: last.Cursor})
			require.NoError(t, err)
			require.Len(t, again, 1)
			require.Empty(t, again[0].Objects)
			require.Equal(t, last.Cursor, again[0].Cursor)
		})
	}
}

// Where since means "from there on", the last change comes again.
func TestSequence_Inclusive(t *testing.T) {
	t.Parallel()
	client := serve(t, rest.Config{Pagination: rest.Sequence{}}, func(w http.ResponseWriter, _ *http.Request) {
		body(w, `[{"id":1}]`, `"last_seq":7`)
	})
	pages, err := rentals(t, client)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, ids(t, pages))
}

func TestSequence_Errors(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		`"pending":0`:                    "last_seq: the sequence number is missing",
		`"pending":0,"last_seq":null`:    "last_seq: the sequence number is missing",
		`"pending":0,"last_seq":[1,"x"]`: "last_seq: a list, not a string or a number",
		`"pending":"x","last_seq":1`:     `pending: "x" is not a count`,
		`"pending":[],"last_seq":1`:      "pending: a list, not a string or a number",
		`"pending":2,"last_seq":1`:       remote.ErrPageRepeated.Error(), // does not move
	} {
		n := 0
		client := serve(t, rest.Config{Pagination: rest.Sequence{}}, func(w http.ResponseWriter, _ *http.Request) {
			n++
			body(w, fmt.Sprintf(`[{"id":%d}]`, n), members)
		})
		_, err := rentals(t, client)
		require.ErrorContains(t, err, want)
	}
	client := serve(t, rest.Config{Pagination: rest.Sequence{}}, func(w http.ResponseWriter, _ *http.Request) {
		body(w, `[]`, `"pending":2,"last_seq":1`)
	})
	_, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrEmptyPage)
}
