package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/rawquery"
	"github.com/syncedgo/synced/remote"
)

// wrong guesses each next page wrong, and the ones after it right.
type wrong struct{ PageNumber }

func (w wrong) predict(resp *Response, n int) *url.URL {
	if n == 1 {
		return rawquery.With(resp.URL, "page", "99")
	}
	return w.PageNumber.predict(resp, n)
}

func TestAhead_NextDecides(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		if page == "99" {
			t.Error("a wrong guess was asked")
		}
		fmt.Fprintf(w, `{"rentals":[{"id":%s}],"pages":3}`, page)
	}))
	t.Cleanup(srv.Close)
	style := wrong{PageNumber{TotalPagesPath: "pages"}}
	client, err := NewClient(Config{BaseURL: srv.URL, HTTP: srv.Client(), Pagination: style, InFlight: 4})
	require.NoError(t, err)
	var got []int
	for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
		require.NoError(t, err)
		id, err := remote.Get[int](page.Objects[0], "id")
		require.NoError(t, err)
		got = append(got, id)
	}
	require.Equal(t, []int{1, 2, 3}, got)
}
