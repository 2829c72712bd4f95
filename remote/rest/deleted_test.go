package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// site answers requests by their path and query, and keeps them in order.
type site struct {
	answers map[string]func(w http.ResponseWriter, r *http.Request)
	mu      sync.Mutex
	log     []*http.Request
}

// reply answers with a body; name and value pairs become headers.
func reply(body string, headers ...string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		answer(200, jsonType, body)(w, r)
	}
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.log = append(s.log, r)
	s.mu.Unlock()
	path := r.URL.Path[len("/api/"):]
	if page := r.URL.Query().Get("page"); page != "" {
		path += "?page=" + page
	}
	if f := s.answers[path]; f != nil {
		f(w, r)
		return
	}
	answer(404, jsonType, `{}`)(w, r)
}

// asked lists what was asked for.
func (s *site) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, r := range s.log {
		list = append(list, r.URL.String()[len("/api/"):])
	}
	return list
}

var since = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func goneOf(page *remote.Page) []string {
	list := []string{}
	for _, id := range page.DeletedIDs {
		list = append(list, string(id))
	}
	return list
}

func TestDeleted_Path(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		deleted rest.Deleted
		body    string
		want    []string
		err     string
	}{
		"ids":          {rest.Deleted{}, `{"meta":{"deleted_ids":[1,"b"]},"rentals":[]}`, []string{"1", `"b"`}, ""},
		"a path":       {rest.Deleted{Path: "gone"}, `{"rentals":[],"gone":[7]}`, []string{"7"}, ""},
		"objects":      {rest.Deleted{Path: "gone", Key: "uuid"}, `{"gone":[{"at":1,"uuid":"x"},{"uuid":2},3],"rentals":[]}`, []string{`"x"`, "2", "3"}, ""},
		"none":         {rest.Deleted{Path: rest.None}, `{"meta":{"deleted_ids":7},"rentals":[]}`, nil, ""},
		"null":         {rest.Deleted{}, `{"meta":{"deleted_ids":null},"rentals":[]}`, nil, ""},
		"no key":       {rest.Deleted{}, `{"meta":{"deleted_ids":[{"id":1}]},"rentals":[]}`, nil, "meta.deleted_ids[0]: an object, not a number or a string (set Deleted.Key for objects)"},
		"another key":  {rest.Deleted{Key: "id"}, `{"meta":{"deleted_ids":[{"uuid":1}]},"rentals":[]}`, nil, `meta.deleted_ids: an object without an id in "id" (Deleted.Key)`},
		"an odd key":   {rest.Deleted{Key: "id"}, `{"meta":{"deleted_ids":[{"id":{}}]},"rentals":[]}`, nil, `an object without an id in "id"`},
		"a null id":    {rest.Deleted{Key: "id"}, `{"meta":{"deleted_ids":[null]},"rentals":[]}`, nil, "meta.deleted_ids[0]: null, not a number, a string or an object"},
		"not a list":   {rest.Deleted{}, `{"meta":{"deleted_ids":{}},"rentals":[]}`, nil, "meta.deleted_ids: an object, not a list"},
		"said nothing": {rest.Deleted{Path: "gone"}, `{"rentals":[]}`, nil, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, err := rentals(t, serve(t, rest.Config{Deleted: c.deleted}, answer(200, jsonType, c.body)))
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				var format *remote.FormatError
				require.ErrorAs(t, err, &format)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want == nil, pages[0].DeletedIDs == nil)
			require.ElementsMatch(t, c.want, goneOf(pages[0]))
		})
	}
}

func TestDeleted_Endpoint(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		deleted     rest.Deleted
		first, last string
	}{
		"ids at the endpoint's name": {rest.Deleted{Endpoint: "%s/deleted"}, `{"deleted":[1,2]}`, `{"deleted":[3]}`},
		"a bare list":                {rest.Deleted{Endpoint: "%s/deleted", Path: rest.Root}, `[1,2]`, `[3]`},
		"objects in an envelope":     {rest.Deleted{Endpoint: "%s/deleted", Path: "data.list", Key: "id"}, `{"data":{"list":[{"id":1},{"id":2}]}}`, `{"data":{"list":[{"id":3}]}}`},
		"objects as the records are": {rest.Deleted{Endpoint: "%s/deleted", Path: "rentals", Key: "id"}, `{"rentals":[{"id":1},{"id":2}]}`, `{"rentals":[{"id":3}]}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){
				"rentals":                reply(`{"rentals":[{"id":8}],"meta":{"deleted_ids":[99]}}`, "Link", `<rentals?page=2>; rel="next"`),
				"rentals?page=2":         reply(`{"rentals":[{"id":9}]}`),
				"rentals/deleted":        reply(c.first, "Link", `<deleted?page=2>; rel="next"`),
				"rentals/deleted?page=2": reply(c.last),
			}}
			client := serve(t, rest.Config{Deleted: c.deleted}, s.ServeHTTP)
			request := remote.Request{Endpoint: "rentals", UpdatedSince: since, Fields: []string{"id"}, Query: url.Values{"account": {"1"}}}
			pages, err := collect(t, t.Context(), client, request)
			require.NoError(t, err)
			require.Len(t, pages, 2)
			require.Equal(t, []string{"1", "2", "3"}, goneOf(pages[0]))
			require.Len(t, pages[0].Objects, 1)
			require.Equal(t, 3, pages[0].Requests)
			require.Nil(t, pages[1].DeletedIDs)
			asked := "account=1&updated_since=2026-01-01T12%3A00%3A00Z"
			require.Equal(t, []string{"rentals?account=1&fields=id&updated_since=2026-01-01T12%3A00%3A00Z", "rentals/deleted?" + asked,
				"rentals/deleted?page=2&" + asked, "rentals?page=2&account=1&fields=id&updated_since=2026-01-01T12%3A00%3A00Z"}, s.asked(), "before the first page is yielded, after it came")

			s.log = nil
			request.UpdatedSince = time.Time{}
			pages, err = collect(t, t.Context(), client, request)
			require.NoError(t, err)
			require.Nil(t, pages[0].DeletedIDs, "a complete run needs none")
			require.Len(t, s.asked(), 2)
		})
	}
}

func TestDeleted_EndpointThatFails(t *testing.T) {
	t.Parallel()
	s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){
		"rentals":                reply(`{"rentals":[{"id":8}]}`),
		"rentals/deleted":        reply(`{"deleted":[1,2]}`, "Link", `<deleted?page=2>; rel="next"`),
		"rentals/deleted?page=2": answer(500, jsonType, `{}`),
	}}
	client := serve(t, rest.Config{Deleted: rest.Deleted{Endpoint: "%s/deleted"}}, s.ServeHTTP)
	yielded := 0
	for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals", UpdatedSince: since}) {
		yielded++
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.ErrorContains(t, err, "what was deleted: GET ")
		require.Equal(t, 3, page.Requests)
		require.Empty(t, page.Objects)
	}
	require.Equal(t, 1, yielded)

	s.answers["rentals/deleted"] = reply(`{"gone":[1]}`)
	_, err := collectCost(t, client)
	require.ErrorIs(t, err, remote.ErrNoRecords)
	require.ErrorContains(t, err, `no "deleted" in the envelope, found gone`)
}

// collectCost reads a run that asks for changes, and ignores what an error cost.
func collectCost(t *testing.T, api remote.API) ([]*remote.Page, error) {
	t.Helper()
	var pages []*remote.Page
	for page, err := range api.Pages(t.Context(), remote.Request{Endpoint: "rentals", UpdatedSince: since}) {
		if err != nil {
			return pages, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

func TestDeleted_Mistakes(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]rest.Config{
		`deleted: endpoint "rentals/deleted": want %s once`:                          {Deleted: rest.Deleted{Endpoint: "rentals/deleted"}},
		`deleted: endpoint "%s/deleted" with the path None`:                          {Deleted: rest.Deleted{Endpoint: "%s/deleted", Path: rest.None}},
		`deleted: the path is Root, where the records are`:                           {Deleted: rest.Deleted{Path: rest.Root}},
		`endpoint "../me": want a name, or names with a slash between`:               {Probe: "../me"},
		`endpoint "list//deleted": want a name, or names with a slash between`:       {Deleted: rest.Deleted{Endpoint: "%s//deleted"}},
		"since: filter \"x\": want %s once, where the time goes\ndeleted: endpoint ": {Since: rest.Since{Filter: "x"}, Deleted: rest.Deleted{Endpoint: "x"}},
	} {
		config.BaseURL = "https://example.com"
		_, err := rest.NewClient(config)
		require.ErrorContains(t, err, want)
	}
}

func TestSince_Rejected(t *testing.T) {
	t.Parallel()
	invalid := func(e *remote.Error) bool { return e.Status == 422 }
	cases := map[string]struct {
		rejected func(*remote.Error) bool
		status   int
		want     bool
	}{
		"gone":           {nil, 410, true},
		"invalid":        {nil, 422, false},
		"invalid, told":  {invalid, 422, true},
		"gone, not told": {invalid, 410, false},
		"another":        {nil, 500, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{Since: rest.Since{Rejected: c.rejected}}, answer(c.status, jsonType, `{}`))
			_, err := collectCost(t, client)
			require.Equal(t, c.want, errors.Is(err, remote.ErrSinceRejected))
			var of *remote.Error
			require.ErrorAs(t, err, &of)
			require.Equal(t, c.status, of.Status)
			_, err = rentals(t, client)
			require.False(t, errors.Is(err, remote.ErrSinceRejected), "no time was given")
		})
	}
	t.Run("by the endpoint of what was deleted", func(t *testing.T) {
		t.Parallel()
		s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){
			"rentals": reply(`{"rentals":[]}`), "rentals/deleted": answer(410, jsonType, `{}`),
		}}
		_, err := collectCost(t, serve(t, rest.Config{Deleted: rest.Deleted{Endpoint: "%s/deleted"}}, s.ServeHTTP))
		require.ErrorIs(t, err, remote.ErrSinceRejected)
	})
	t.Run("on a later page", func(t *testing.T) {
		t.Parallel()
		s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){
			"rentals": reply(`{"rentals":[{"id":1}]}`, "Link", `<rentals?page=2>; rel="next"`), "rentals?page=2": answer(410, jsonType, `{}`),
		}}
		pages, err := collectCost(t, serve(t, rest.Config{}, s.ServeHTTP))
		require.Len(t, pages, 1)
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.NotErrorIs(t, err, remote.ErrSinceRejected)
	})
}

func TestClient_SyncedAtPath(t *testing.T) {
	t.Parallel()
	config := rest.Config{SyncedAtPath: "meta.now"}
	for value, want := range map[string]string{
		`"2026-01-01 12:00:00 UTC"`:   "2026-01-01T12:00:00Z",
		`"2026-01-01T13:00:00+01:00"`: "2026-01-01T12:00:00Z",
		`1767268800`:                  "2026-01-01T12:00:00Z",
		`1767268800.999`:              "2026-01-01T12:00:00Z",
		`1767268800123`:               "2026-01-01T12:00:00.123Z",
		`null`:                        "2017-06-13T10:16:57Z", // the header's
	} {
		client := serve(t, config, reply(fmt.Sprintf(`{"meta":{"deleted_ids":[],"now":%s},"rentals":[]}`, value), "X-Updated-Since-Request-Synced-At", "2017-06-13 10:16:57 UTC"))
		pages, err := rentals(t, client)
		require.NoError(t, err, value)
		require.Equal(t, want, pages[0].SyncedAt.Format(time.RFC3339Nano), value)
		require.NotNil(t, pages[0].DeletedIDs)
	}
	for _, value := range []string{`"soon"`, `"1767268800"`, `20260101`, `20260101120000`, `1.7e9`, `-1767268800`, `99999999999999999999`, `true`, `{}`, `[1]`} {
		_, err := rentals(t, serve(t, config, reply(fmt.Sprintf(`{"rentals":[],"meta":{"now":%s}}`, value))))
		var format *remote.FormatError
		require.ErrorAs(t, err, &format, value)
		require.ErrorContains(t, err, "meta.now: ")
	}
}

func TestClient_Unauthorized(t *testing.T) {
	t.Parallel()
	config := rest.Config{Unauthorized: func(r *rest.Response) bool { return r.Header.Get("X-Guest") != "" && r.Page == nil }}
	for _, text := range []string{`{"rentals":[]}`, `<html>log in</html>`, ``} {
		_, err := rentals(t, serve(t, config, reply(text, "X-Guest", "1")))
		require.ErrorIs(t, err, remote.ErrUnauthorized)
		var format *remote.FormatError
		require.ErrorAs(t, err, &format)
	}
	_, err := rentals(t, serve(t, config, reply(`{"rentals":[]}`)))
	require.NoError(t, err)
}

func TestClient_Probe(t *testing.T) {
	t.Parallel()
	s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){
		"rentals": reply(`{"rentals":[]}`), "me": answer(403, jsonType, `{}`),
	}}
	config := rest.Config{Probe: "me", PerPage: 5}
	client := serve(t, config, s.ServeHTTP)
	var last error
	for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
		require.Equal(t, 2, page.Requests)
		last = err
	}
	require.ErrorIs(t, last, remote.ErrUnauthorized)
	require.ErrorContains(t, last, "the page is empty, so the credentials were tried: GET ")

	for _, good := range []http.HandlerFunc{answer(200, "text/html", "hello"), answer(204, jsonType, "")} {
		s.answers["me"] = good
		s.log = nil
		pages, err := rentals(t, client)
		require.NoError(t, err)
		require.Equal(t, 2, pages[0].Requests)
		require.Equal(t, []string{"rentals?per_page=5", "me"}, s.asked())
	}
	s.answers["rentals"] = reply(`{"rentals":[{"id":1}]}`)
	s.log = nil
	_, err := rentals(t, client)
	require.NoError(t, err)
	require.Len(t, s.asked(), 1, "a list that is not empty needs no probe")
}

// Credentials may die between two pages, and make the next one look like the last.
func TestClient_ProbeOfTheLastPage(t *testing.T) {
	t.Parallel()
	s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){
		"rentals?page=1": reply(`{"rentals":[{"id":1}]}`), "rentals?page=2": reply(`{"rentals":[]}`), "me": answer(401, jsonType, `{}`),
	}}
	client := serve(t, rest.Config{Probe: "me", Pagination: rest.PageNumber{}}, s.ServeHTTP)
	pages, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrUnauthorized)
	require.Len(t, pages, 1)

	s.answers["me"] = answer(200, "text/html", "hello")
	pages, err = rentals(t, client)
	require.NoError(t, err)
	require.Len(t, pages, 2)
	require.Equal(t, 2, pages[1].Requests)
}
