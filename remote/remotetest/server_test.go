package remotetest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced/remote/remotetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reply is an answer as a client sees it.
type reply struct {
	status  int
	header  http.Header
	body    string
	ids     []int
	deleted []int // nil where the answer says nothing
}

// setup is a server with n rentals, pages of 10.
func setup(t *testing.T, config remotetest.Config, n int) *remotetest.Server {
	t.Helper()
	if config.PerPage == 0 {
		config.PerPage = 10
	}
	srv := remotetest.New(config)
	t.Cleanup(srv.Close)
	srv.Collection("rentals").Generate(n, func(i int, r *rand.Rand) remotetest.Record {
		return remotetest.Record{"id": i + 1, "name": fmt.Sprintf("Villa %d", r.IntN(1000))}
	})
	return srv
}

// get asks for a path, with a token unless that is empty.
func get(t *testing.T, srv *remotetest.Server, token, path string) reply {
	t.Helper()
	r, err := try(t, srv, token, path)
	require.NoError(t, err)
	return r
}

func try(t *testing.T, srv *remotetest.Server, token, path string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL()+path, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	var envelope struct {
		Rentals []struct{ ID int }
		Meta    struct {
			DeletedIDs []int `json:"deleted_ids"`
		}
	}
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(body)}
	if json.Unmarshal(body, &envelope) == nil {
		r.deleted = envelope.Meta.DeletedIDs
		for _, rental := range envelope.Rentals {
			r.ids = append(r.ids, rental.ID)
		}
	}
	return r, nil
}

func TestServer_Pages(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 25)

	r := get(t, srv, "", "/rentals?page=2&x=a%2Cb")
	require.Equal(t, 200, r.status)
	require.Equal(t, []int{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, r.ids)
	require.True(t, strings.HasPrefix(r.body, `{"rentals":[{"id":11,"name":"Villa `), r.body)
	require.True(t, strings.HasSuffix(r.body, `,"updated_at":"2026-01-01T12:00:00Z"}],"links":{},"meta":{}}`), r.body)
	at := func(page int) string { return fmt.Sprintf("<%s/rentals?page=%d&x=a%%2Cb>; rel=", srv.URL(), page) }
	require.Equal(t, at(1)+`"first", `+at(1)+`"prev", `+at(3)+`"next", `+at(3)+`"last"`, r.header.Get("Link"))
	require.Equal(t, "25", r.header.Get("X-Total-Count"))
	require.Equal(t, "3", r.header.Get("X-Total-Pages"))
	require.Equal(t, "10", r.header.Get("X-Per-Page"))
	require.Equal(t, "request-1", r.header.Get("X-Request-Id"))
	require.Equal(t, "2026-01-01 12:00:00 UTC", r.header.Get("X-Updated-Since-Request-Synced-At"))
	require.Equal(t, "Thu, 01 Jan 2026 12:00:00 GMT", r.header.Get("Date"))

	r = get(t, srv, "", "/rentals?page=3")
	require.Len(t, r.ids, 5)
	require.NotContains(t, r.header.Get("Link"), "next")
	require.Equal(t, "2026-01-01 12:00:01 UTC", r.header.Get("X-Updated-Since-Request-Synced-At"))
	r = get(t, srv, "", "/rentals?page=4")
	require.Equal(t, 200, r.status)
	require.Empty(t, r.ids)
	require.Len(t, get(t, srv, "", "/rentals?per_page=20").ids, 20)
}

func TestServer_CapsPerPage(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{MaxPerPage: 12}, 25)
	r := get(t, srv, "", "/rentals?per_page=500")
	require.Len(t, r.ids, 12)
	require.Contains(t, r.header.Get("Link"), "next")
	require.Equal(t, "12", r.header.Get("X-Per-Page"))
}

func TestServer_BadRequests(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 1)
	for path, status := range map[string]int{
		"/villas": 404, "/rentals/77": 404, "/": 404, "/rentals?page=0": 422, "/rentals?page=x": 422, "/rentals?per_page=-1": 422,
		"/rentals?updated_since=yesterday": 422, "/rentals?updated_since=2026-01-01": 422,
	} {
		r := get(t, srv, "", path)
		require.Equal(t, status, r.status, path)
		require.Contains(t, r.body, `{"errors":[{"code":`, path)
	}
	require.Equal(t, 8, srv.Requests())

	resp, err := srv.Client().Post(srv.URL()+"/rentals", "", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 405, resp.StatusCode)
}

func TestServer_UpdatedSince(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Tick: -1}, 25)
	rentals := srv.Collection("rentals")
	srv.Advance(time.Minute)
	rentals.Update(7, remotetest.Record{"name": "New"})
	srv.Advance(1500 * time.Millisecond)
	rentals.Put(remotetest.Record{"id": 30})

	require.Len(t, get(t, srv, "", "/rentals?updated_since=").ids, 10)
	require.Len(t, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:00:00Z").ids, 10)
	for _, since := range []string{"2026-01-01T12:00:01Z", "2026-01-01T12:01:00Z", "2026-01-01T13:01:00%2B01:00", "2026-01-01%2012:01:00%20UTC"} {
		r := get(t, srv, "", "/rentals?updated_since="+since)
		require.Equal(t, []int{7, 30}, r.ids, since)
		require.Equal(t, "2", r.header.Get("X-Total-Count"))
		require.NotNil(t, r.deleted)
		require.Empty(t, r.deleted)
	}
	require.Equal(t, []int{30}, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:01:01Z").ids)
	require.Empty(t, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:01:02Z").ids)
}

func TestServer_DealsDeletedIDsOutToThePages(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Tick: -1}, 25)
	rentals := srv.Collection("rentals")
	srv.Advance(time.Minute)
	rentals.Delete(1, 2, 3)
	srv.Advance(time.Minute)
	rentals.Delete(4)
	require.Equal(t, 21, rentals.Len())

	require.Nil(t, get(t, srv, "", "/rentals").deleted)
	require.Equal(t, []int{1, 4}, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:00:00Z").deleted)
	require.Equal(t, []int{2}, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:00:00Z&page=2").deleted)
	require.Equal(t, []int{3}, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:00:00Z&page=3").deleted)
	require.Equal(t, []int{1, 2, 3, 4}, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:01:00Z").deleted)
	require.Equal(t, []int{4}, get(t, srv, "", "/rentals?updated_since=2026-01-01T12:02:00Z").deleted)

	rentals.Put(remotetest.Record{"id": 4})
	r := get(t, srv, "", "/rentals?updated_since=2026-01-01T12:02:00Z")
	require.Equal(t, []int{4}, r.ids)
	require.Empty(t, r.deleted)
}

func TestServer_Accounts(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main"}, 1)
	srv.Account("other").Collection("rentals").Put(remotetest.Record{"id": 50})
	require.Equal(t, "other", srv.Account("other").Token())
	require.Same(t, srv.Collection("rentals"), srv.Account("main").Collection("rentals"))

	require.Equal(t, []int{1}, get(t, srv, "main", "/rentals").ids)
	require.Equal(t, []int{50}, get(t, srv, "other", "/rentals").ids)
	require.Equal(t, 401, get(t, srv, "", "/rentals").status)
	require.Equal(t, 401, get(t, srv, "unknown", "/rentals").status)

	open := setup(t, remotetest.Config{}, 1)
	require.Equal(t, 200, get(t, open, "", "/rentals").status)
	require.Equal(t, 200, get(t, open, "whatever", "/rentals").status)
	open.Account("other").Collection("rentals")
	require.Equal(t, 200, get(t, open, "", "/rentals").status)
	require.Equal(t, 401, get(t, open, "whatever", "/rentals").status)
}

func TestServer_Log(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main"}, 1)
	get(t, srv, "main", "/rentals?page=2&fields=a")
	get(t, srv, "", "/villas?page=x")

	log := srv.Log()
	require.Len(t, log, 2)
	require.Equal(t, "GET", log[0].Method)
	require.Equal(t, "/api/v3/rentals", log[0].Path)
	require.Equal(t, "rentals", log[0].Collection)
	require.Equal(t, "a", log[0].Query.Get("fields"))
	require.Equal(t, "main", log[0].Token)
	require.Equal(t, 2, log[0].Page)
	require.Equal(t, remotetest.Start, log[0].At)
	require.Zero(t, log[1].Page)
	require.Equal(t, remotetest.Start.Add(time.Second), log[1].At)
	srv.ResetLog()
	require.Zero(t, srv.Requests())
	require.Empty(t, srv.Log())
}

func TestServer_HooksChangeWhatIsAnswered(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 25)
	rentals := srv.Collection("rentals")
	srv.OnRequest(func(r remotetest.Request) {
		if r.Page == 2 {
			rentals.Move(1, rentals.Len())
			rentals.Update(12, remotetest.Record{"name": "Late"})
			rentals.Delete(25)
			rentals.Put(remotetest.Record{"id": 99})
			srv.Advance(time.Second)
		}
	})
	require.Equal(t, 1, get(t, srv, "", "/rentals").ids[0])
	r := get(t, srv, "", "/rentals?page=2")
	require.Equal(t, 12, r.ids[0], "page 2 begins with what was the second of it")
	require.Contains(t, r.body, "Late")
	require.Equal(t, []int{22, 23, 24, 1, 99}, get(t, srv, "", "/rentals?page=3").ids)
}

func TestServer_OwnClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	srv := setup(t, remotetest.Config{Clock: func() time.Time { return at }}, 1)
	srv.Advance(time.Hour)
	for range 2 {
		require.Equal(t, "2030-01-01 00:00:00 UTC", get(t, srv, "", "/rentals").header.Get("X-Updated-Since-Request-Synced-At"))
	}
}

func TestServer_ConcurrentUse(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 50)
	rentals := srv.Collection("rentals")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				id := 100 + i*10 + j
				rentals.Put(remotetest.Record{"id": id})
				rentals.Move(id, 0)
				if _, err := try(t, srv, "", "/rentals?fields=id"); err != nil {
					t.Error(err)
				}
				rentals.Delete(id)
				rentals.IDs()
			}
		})
	}
	wg.Wait()
	require.Equal(t, 50, rentals.Len())
	require.Equal(t, 80, srv.Requests())
}

func TestServer_OneRecord(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 1)
	srv.Collection("rentals").Put(remotetest.Record{"id": "a-b", "name": "text"})
	r := get(t, srv, "", "/rentals/1")
	require.Equal(t, 200, r.status)
	require.Contains(t, r.body, `{"rentals":[{`)
	require.Contains(t, r.body, `"id":1`)
	require.Contains(t, get(t, srv, "", "/rentals/a-b").body, `"name":"text"`)
}
