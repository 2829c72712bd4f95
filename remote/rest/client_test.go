package rest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// setup is a fake API with 25 rentals on pages of 10, and a client for it.
func setup(t *testing.T) (*remotetest.Server, *rest.Client) {
	t.Helper()
	srv := remotetest.New(remotetest.Config{Token: "secret-token"})
	t.Cleanup(srv.Close)
	srv.Collection("rentals").Generate(25, func(i int, _ *rand.Rand) remotetest.Record {
		return remotetest.Record{"id": i + 1, "name": fmt.Sprintf("Villa %d", i+1), "size": i}
	})
	client, err := rest.NewClient(rest.Config{
		BaseURL: srv.URL() + "/",
		Auth:    wire.Bearer("secret-token"),
		HTTP:    srv.Client(),
		PerPage: 10,
		Retry:   wire.Retry{Max: -1},
		Clock:   newClock(),
	})
	require.NoError(t, err)
	return srv, client
}

func TestClient_ReadsAllPages(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)

	pages, err := rentals(t, client)
	require.NoError(t, err)
	require.Len(t, pages, 3)
	next := int64(1)
	for i, page := range pages {
		require.Equal(t, i+1, page.Number)
		require.Equal(t, 1, page.Requests)
		require.Positive(t, page.Bytes)
		require.True(t, page.TotalKnown)
		require.Equal(t, 25, page.Total)
		require.Nil(t, page.DeletedIDs)
		require.Equal(t, remotetest.Start.Add(time.Duration(i)*time.Second), page.SyncedAt)
		require.Equal(t, page.SyncedAt, page.Date)
		for _, o := range page.Objects {
			id, err := remote.Get[int64](o, "id")
			require.NoError(t, err)
			require.Equal(t, next, id)
			next++
		}
	}
	require.EqualValues(t, 26, next)
	require.Equal(t, 3, srv.Requests())
	require.Equal(t, "synced/0 (+https://github.com/syncedgo/synced)", srv.Log()[0].Header.Get("User-Agent"))
}

func TestClient_IsLazyAndRestartable(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)

	seq := client.Pages(t.Context(), remote.Request{Endpoint: "rentals"})
	require.Zero(t, srv.Requests())
	for range 2 {
		for page, err := range seq {
			require.NoError(t, err)
			require.Equal(t, 1, page.Number)
			break
		}
	}
	require.Equal(t, 2, srv.Requests())
	n := 0
	for _, err := range seq {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 3, n)
	require.Equal(t, 5, srv.Requests())
}

func TestClient_Parameters(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)

	since := time.Date(2025, 12, 31, 23, 59, 58, 999_999_999, time.FixedZone("", -3600))
	query := url.Values{"status": {"a", "b"}, "odd &": {"x y"}}
	_, err := collect(t, t.Context(), client, remote.Request{
		Endpoint:     "rentals",
		UpdatedSince: since,
		Fields:       []string{"name", "size"},
		Include:      []string{"photos", "rates"},
		Query:        query,
	})
	require.NoError(t, err)
	log := srv.Log()
	require.Len(t, log, 3)
	for _, r := range log { // a next link repeats the parameters
		require.Equal(t, "2026-01-01T00:59:58Z", r.Query.Get("updated_since"), "cut, not rounded")
		require.Equal(t, "name,size", r.Query.Get("fields"))
		require.Equal(t, "photos,rates", r.Query.Get("include"))
		require.Equal(t, "10", r.Query.Get("per_page"))
		require.Equal(t, []string{"a", "b"}, r.Query["status"])
		require.Equal(t, "x y", r.Query.Get("odd &"))
	}
	require.Len(t, query, 2, "the caller's")
	require.False(t, log[0].Query.Has("page"))

	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Query: url.Values{"per_page": {"25"}}})
	require.NoError(t, err)
	require.Equal(t, 4, srv.Requests(), "the caller's value replaces ours")
}

func TestClient_DeletedIDs(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)
	since := srv.Now()
	srv.Collection("rentals").Delete(3, 4, 5, 6)

	pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: since})
	require.NoError(t, err)
	require.Len(t, pages, 3)
	var ids []string
	for _, page := range pages {
		require.NotEmpty(t, page.DeletedIDs)
		for _, id := range page.DeletedIDs {
			ids = append(ids, string(id))
		}
	}
	require.ElementsMatch(t, []string{"3", "4", "5", "6"}, ids)

	pages, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: since.Add(time.Hour)})
	require.NoError(t, err)
	require.Len(t, pages, 1)
	require.Empty(t, pages[0].Objects)
	require.NotNil(t, pages[0].DeletedIDs)
	require.Empty(t, pages[0].DeletedIDs)
}

func TestClient_Endpoints(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)
	srv.Collection("rentals/1/photos").Put(remotetest.Record{"id": "a b"})
	srv.Collection("odd name?50%").Put(remotetest.Record{"id": 1})

	for _, endpoint := range []string{"rentals/1/photos", "odd name?50%"} {
		pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: endpoint})
		require.NoError(t, err, endpoint)
		require.Len(t, pages[0].Objects, 1)
	}
	srv.ResetLog()
	for _, endpoint := range []string{"", "/", "..", "rentals/../secrets", "a//b"} {
		_, err := collect(t, t.Context(), client, remote.Request{Endpoint: endpoint})
		require.ErrorContains(t, err, "endpoint", endpoint)
	}
	require.Zero(t, srv.Requests())
}

func TestClient_AnErrorKeepsThePagesBefore(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)
	srv.Fault(remotetest.Fault{Page: 2, Status: 503})

	pages, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.Len(t, pages, 1)
	require.Equal(t, 2, srv.Requests(), "no repetition")
}

func TestClient_Cancel(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)

	ctx, cancel := context.WithCancel(t.Context())
	srv.Fault(remotetest.Fault{Page: 2, Delay: time.Hour})
	srv.OnRequest(func(r remotetest.Request) {
		if r.Page == 2 {
			cancel()
		}
	})
	pages, err := collect(t, ctx, client, remote.Request{Endpoint: "rentals"})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "page=2")
	require.Len(t, pages, 1)

	cause, cancelCause := context.WithCancelCause(t.Context())
	cancelCause(fmt.Errorf("the service stops"))
	_, err = collect(t, cause, client, remote.Request{Endpoint: "rentals"})
	require.ErrorIs(t, err, context.Canceled)
}

func TestClient_Timeout(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	wait := func(r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}
	client := serve(t, rest.Config{Timeout: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/body" { // begins, and never ends
			_, _ = w.Write([]byte(`{"body":[`))
			_ = http.NewResponseController(w).Flush()
		}
		wait(r)
	})
	for _, endpoint := range []string{"rentals", "body"} {
		_, err := collect(t, t.Context(), client, remote.Request{Endpoint: endpoint})
		require.ErrorIs(t, err, context.DeadlineExceeded, endpoint)
		require.ErrorContains(t, err, "no whole answer within 50ms", endpoint)
	}
}

func TestClient_ConcurrentRuns(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			n := 0
			for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
				if err == nil {
					n += len(page.Objects)
				}
			}
			if n != 25 {
				t.Errorf("%d objects", n)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 24, srv.Requests())
}

func TestClient_AddsHeaders(t *testing.T) {
	t.Parallel()
	header := http.Header{"x-extra": {"1"}, "Accept": {"application/json"}}
	var got http.Header
	client := serve(t, rest.Config{Header: header, UserAgent: "mine/1"}, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		answer(200, "application/json", `{"rentals":[]}`)(w, r)
	})
	header.Set("Accept", "changed later")
	_, err := rentals(t, client)
	require.NoError(t, err)
	require.Equal(t, "1", got.Get("X-Extra"))
	require.Equal(t, []string{"application/json"}, got["Accept"])
	require.Equal(t, "mine/1", got.Get("User-Agent"))
	require.Empty(t, got.Get("Authorization"))
}

func TestNewClient_ChecksTheConfig(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]rest.Config{
		"base URL: missing":                   {},
		"base URL: want https://host/path":    {BaseURL: "example.com/api"},
		"base URL: has a query":               {BaseURL: "https://example.com/?a=1"},
		"base URL: has a user name":           {BaseURL: "https://me:hunter2@example.com"},
		"base URL: invalid port":              {BaseURL: "https://me:hunter2@example.com:port"},
		"timeout -1s: want more than 0":       {BaseURL: "https://example.com", Timeout: -time.Second},
		"per page -1: want 0 or more":         {BaseURL: "https://example.com", PerPage: -1},
		"max pages -1: want more than 0":      {BaseURL: "https://example.com", MaxPages: -1},
		"max body bytes -1: want more":        {BaseURL: "https://example.com", MaxBodyBytes: -1},
		"in flight -1: want more than 0":      {BaseURL: "https://example.com", InFlight: -1},
		"host no. 2: has a path: want https:": {BaseURL: "https://example.com", Hosts: []string{"https://h", "https://h/hunter2"}},
		"host no. 1: want https://host/path":  {BaseURL: "https://example.com", Hosts: []string{"h"}},
		"pagination: cursor by Path, Header":  {BaseURL: "https://example.com", Pagination: rest.Cursor{Path: "next", Header: "X-Next"}},
		"pagination: past end 500: want 400,": {BaseURL: "https://example.com", Pagination: rest.Offset{PastEnd: 500}},
		"pagination: PastEnd: not where the":  {BaseURL: "https://example.com", Pagination: rest.PageNumber{PastEnd: 404, TotalPagesPath: "pages"}},
		"pagination: TotalPagesHeader and To": {BaseURL: "https://example.com", Pagination: rest.PageNumber{TotalPagesHeader: "X", TotalPagesPath: "pages"}},
		"header Accept-Encoding: leave it to": {BaseURL: "https://example.com", Header: http.Header{"Accept-Encoding": {"br"}}},
	} {
		_, err := rest.NewClient(config)
		require.ErrorContains(t, err, "remote: "+want)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
