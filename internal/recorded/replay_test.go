package recorded_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/recorded"
)

func TestReplay(t *testing.T) {
	t.Parallel()

	exchange := func(url, body string) recorded.Exchange {
		return recorded.Exchange{
			Request: recorded.Request{Method: "GET", URL: url},
			Response: recorded.Response{Status: 200, Body: body, Header: http.Header{
				"Link":              {`<https://api.example.com/rentals?page=2>; rel="next"`},
				"Transfer-Encoding": {"chunked"},
				"X-Total-Count":     {"3"},
			}},
		}
	}
	server := recorded.Replay(t, []recorded.Exchange{
		exchange("https://api.example.com/rentals?since&size=2", "first"),
		exchange("https://api.example.com/rentals?since&size=2", "then"),
		exchange("https://api.example.com/photos?page=2", `{"photos":[{"id":7,"x":1}]}`),
	})

	response, body := get(t, server.URL+"/rentals?size=2&since=")
	require.Equal(t, "first", body)
	require.Equal(t, "<"+server.URL+`/rentals?page=2>; rel="next"`, response.Header.Get("Link"))
	require.Equal(t, "3", response.Header.Get("X-Total-Count"))
	for range 2 {
		_, body = get(t, server.URL+"/rentals?since=&size=2")
		require.Equal(t, "then", body, "and so on")
	}
	_, body = get(t, server.URL+"/photos/7")
	require.Equal(t, `{"photos":[{"id":7,"x":1}]}`, body, "a listed record, by its own address")
	response, body = get(t, server.URL+"/photos/8")
	require.Equal(t, http.StatusNotFound, response.StatusCode, body)
	response, body = get(t, server.URL+"/rentals?since=&size=3")
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	require.Equal(t, "recorded: nothing for GET /rentals?since=&size=3\n", body)
}

// TestLoad follows the links of a recorded full fetch to its end.
func TestLoad(t *testing.T) {
	t.Parallel()

	server := recorded.Replay(t, recorded.Load(t, "los_records"))
	pages, records := 0, 0
	for next := server.URL + "/api/v3/los_records"; next != ""; pages++ {
		response, body := get(t, next)
		require.Equal(t, http.StatusOK, response.StatusCode, body)
		var page struct {
			Records []json.RawMessage `json:"los_records"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &page))
		records += len(page.Records)
		next = nextLink(response)
	}
	require.Equal(t, 4, pages)
	require.Equal(t, 2928, records)
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(body)
}

func nextLink(response *http.Response) string {
	for link := range strings.SplitSeq(response.Header.Get("Link"), ", ") {
		if address, ok := strings.CutSuffix(link, `>; rel="next"`); ok {
			return strings.TrimPrefix(address, "<")
		}
	}
	return ""
}
