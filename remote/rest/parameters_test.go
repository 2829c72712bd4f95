package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// posting is an API that takes its parameters in a body, and how it is asked.
type posting struct {
	style  remotetest.Style
	since  remotetest.Since
	config rest.Config
	first  string // the body of its first page
}

func postings() map[string]posting {
	form := remotetest.Style{Body: remotetest.InForm, Records: "items", NextParam: "next", By: remotetest.ByCursor}
	pages := remotetest.Style{Body: remotetest.InJSON, Records: "items", Param: "paging.page", Size: "paging.size", Total: "total"}
	return map[string]posting{
		"GraphQL": {remotetest.GraphQLLike, remotetest.Since{}, rest.Config{
			Parameters: rest.Parameters{GraphQL: `query($first: Int, $after: String) { rentals(first: $first, after: $after) { edges { node { id } } } }`},
			RecordsKey: "data.rentals.edges", RecordPath: "node",
			Pagination: rest.Cursor{Param: "after", PerPage: "first", Path: "data.rentals.pageInfo.endCursor", MorePath: "data.rentals.pageInfo.hasNextPage"},
		}, `{"query":"query($first: Int, $after: String) { rentals(first: $first, after: $after) { edges { node { id } } } }","variables":{"first":10,"updated_since":"2026-01-01T00:00:00Z"}}`},
		"HubSpot": {remotetest.HubSpotLike, remotetest.Since{Param: "filterGroups", Filter: `[{"filters":[{"operator":"GTE","propertyName":"updated","value":"%s"}]}]`}, rest.Config{
			Parameters: rest.Parameters{JSON: `{"sorts":["id"]}`},
			RecordsKey: "results", TotalPath: "total",
			Pagination: rest.Cursor{Param: "after", Path: "paging.next.after", Omitted: true},
			Since:      rest.Since{Param: "filterGroups", Filter: `[{"filters":[{"operator":"GTE","propertyName":"updated","value":"%s"}]}]`},
		}, `{"filterGroups":[{"filters":[{"operator":"GTE","propertyName":"updated","value":"2026-01-01T00:00:00Z"}]}],"limit":10,"sorts":["id"]}`},
		"Notion": {remotetest.NotionLike, remotetest.Since{Param: "filter.last_edited_time.on_or_after"}, rest.Config{
			Parameters: rest.Parameters{JSON: `{"filter":{"timestamp":"last_edited_time"}}`},
			RecordsKey: "results",
			Pagination: rest.Cursor{Param: "start_cursor", PerPage: "page_size", Path: "next_cursor", MorePath: "has_more"},
			Since:      rest.Since{Param: "filter.last_edited_time.on_or_after"},
		}, `{"filter":{"last_edited_time":{"on_or_after":"2026-01-01T00:00:00Z"},"timestamp":"last_edited_time"},"page_size":10}`},
		"pages in a body": {pages, remotetest.Since{Param: "since", Format: remotetest.Unix}, rest.Config{
			Parameters: rest.Parameters{JSON: "{}"},
			RecordsKey: "items", TotalPath: "total", InFlight: 3,
			Pagination: rest.PageNumber{Param: "paging.page", PerPage: "paging.size"},
			Since:      rest.Since{Param: "since", Format: rest.Unix},
		}, `{"paging":{"page":1,"size":10},"since":1767225600}`},
		"a form": {form, remotetest.Since{}, rest.Config{
			Parameters: rest.Parameters{Form: true},
			RecordsKey: "items",
			Pagination: rest.Cursor{Path: "next"},
		}, `limit=10&updated_since=2026-01-01T00%3A00%3A00Z`},
	}
}

// posted runs an API with 25 rentals.
func posted(t *testing.T, p posting) (*remotetest.Server, *rest.Client) {
	t.Helper()
	srv := remotetest.New(remotetest.Config{Style: p.style, Since: p.since, Token: "secret"})
	t.Cleanup(srv.Close)
	for i := range 25 {
		srv.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint("Villa ", i+1)})
	}
	config := p.config
	config.BaseURL, config.HTTP, config.Auth, config.Clock, config.PerPage = srv.URL(), srv.Client(), wire.Bearer("secret"), srv.Clock(), 10
	client, err := rest.NewClient(config)
	require.NoError(t, err)
	return srv, client
}

func TestParameters_ListsByAnyBody(t *testing.T) {
	t.Parallel()
	for name, p := range postings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, client := posted(t, p)
			srv.Script(remotetest.Fault{Page: 2, Status: 503}, remotetest.Fault{Page: 3, Truncate: 20})
			req := remote.Request{Endpoint: "rentals", UpdatedSince: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
			pages, err := collect(t, t.Context(), client, req)
			require.NoError(t, err)
			var names []string
			for _, page := range pages {
				for _, o := range page.Objects {
					name, err := remote.Get[string](o, "name")
					require.NoError(t, err)
					names = append(names, name)
				}
			}
			require.Len(t, names, 25)
			first := srv.Log()[0]
			require.Equal(t, p.first, string(first.Body))
			require.Equal(t, http.MethodPost, first.Method)
			require.NotContains(t, first.Header, "Query")

			// What changed later.
			srv.Advance(time.Hour)
			since := srv.Now()
			srv.Collection("rentals").Update(7, remotetest.Record{"name": "Finca"})
			pages, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: since})
			require.NoError(t, err)
			require.Len(t, pages[0].Objects, 1)
		})
	}
}

func TestParameters_ResumesByTheCursorInABody(t *testing.T) {
	t.Parallel()
	p := postings()["GraphQL"]
	srv, client := posted(t, p)
	pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals"})
	require.NoError(t, err)
	require.Contains(t, pages[0].Cursor, "after=")
	require.NotContains(t, pages[0].Cursor, "query")
	rest25, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Cursor: pages[1].Cursor})
	require.NoError(t, err)
	require.Len(t, rest25[0].Objects, 5)

	p.config.Parameters.GraphQL += " # another question"
	p.config.BaseURL, p.config.HTTP = srv.URL(), srv.Client()
	other, err := rest.NewClient(p.config)
	require.NoError(t, err)
	_, err = collect(t, t.Context(), other, remote.Request{Endpoint: "rentals", Cursor: pages[1].Cursor})
	require.ErrorIs(t, err, remote.ErrInvalid)
}

func TestParameters_ABodyThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	p := postings()["Notion"]
	p.config.Pagination = rest.Cursor{Param: "cursor", PerPage: "page_size", Path: "next_cursor", MorePath: "has_more"}
	_, client := posted(t, p)
	_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals"})
	require.ErrorIs(t, err, remote.ErrPageRepeated)

	strict := postings()["Notion"]
	srv, client := posted(t, strict)
	srv.SetQuirks(remotetest.Quirks{Strict: true, Known: []string{"filter.timestamp"}})
	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Fields: []string{"name"}})
	require.ErrorIs(t, err, remote.ErrInvalid)
	require.ErrorContains(t, err, "unknown parameter: fields")
	strict.config.Parameters.Fields = rest.None
	srv, client = posted(t, strict)
	srv.SetQuirks(remotetest.Quirks{Strict: true, Known: []string{"filter.timestamp"}})
	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Fields: []string{"name"}})
	require.NoError(t, err)
}

func TestParameters_ErrorsOfGraphQL(t *testing.T) {
	t.Parallel()
	config := postings()["GraphQL"].config
	for name, c := range map[string]struct {
		body string
		is   error
		want string
	}{
		"beside data":   {`{"data":{"rentals":{"edges":[],"pageInfo":{"hasNextPage":false}}},"errors":[{"message":"no name","path":["rentals","edges",3,"name"],"extensions":{"code":"BAD"}}]}`, remote.ErrInvalid, "no name, at rentals.edges.3.name (bad)"},
		"an odd path":   {`{"errors":[{"message":"no name","path":[{"a":1}]},{"message":"b","path":7}]}`, remote.ErrInvalid, "no name, and 1 more"},
		"without data":  {`{"errors":[{"message":"Field 'x' doesn't exist"},{"message":"b"}]}`, remote.ErrInvalid, "doesn't exist, and 1 more"},
		"no rights":     {`{"data":null,"errors":[{"message":"who?","extensions":{"code":"UNAUTHENTICATED"}}]}`, remote.ErrUnauthorized, "who?"},
		"a limit":       {`{"data":null,"errors":[{"message":"slow","extensions":{"code":"THROTTLED"}}]}`, remote.ErrLimited, "slow"},
		"GitHub's":      {`{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`, remote.ErrLimited, "exceeded"},
		"down":          {`{"errors":[{"message":"oops","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`, remote.ErrUnavailable, "oops"},
		"no list":       {`{"errors":"oops"}`, nil, "has errors"},
		"an empty list": {`{"errors":[],"data":{"rentals":{"edges":[null],"pageInfo":{"hasNextPage":false}}}}`, nil, "null, not an object"},
		"no node":       {`{"data":{"rentals":{"edges":[{"node":null}],"pageInfo":{"hasNextPage":false}}}}`, remote.ErrNoRecords, `item 1 of the list has null at "node"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := collect(t, t.Context(), serve(t, config, answer(200, jsonType, c.body)), remote.Request{Endpoint: "graphql"})
			require.ErrorContains(t, err, c.want)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
		})
	}
}

func TestParameters_TheCostOfGraphQLIsWaitedFor(t *testing.T) {
	t.Parallel()
	limited, clock := true, newClock()
	config := postings()["GraphQL"].config
	config.Clock, config.Retry.Max = clock, 1
	client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
		body := `{"data":{"rentals":{"edges":[{"node":{"id":1}}],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}`
		if limited {
			body = `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":202,"throttleStatus":{"currentlyAvailable":2,"restoreRate":100.0}}}}`
		}
		limited = false
		answer(200, jsonType, body)(w, r)
	})
	pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "graphql"})
	require.NoError(t, err)
	require.Len(t, pages[0].Objects, 1)
	require.Contains(t, clock.slept, 2*time.Second)
}

func TestParameters_SecretsOfABodyAreNotShown(t *testing.T) {
	t.Parallel()
	for name, parameters := range map[string]rest.Parameters{
		"JSON": {JSON: `{"auth":{"api_key":"s3cr3t-key"}}`}, "GraphQL": {GraphQL: "{x}", JSON: `{"token":"s3cr3t-key"}`}, "a form": {Form: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{Parameters: parameters}, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				answer(400, jsonType, `{"error":`+fmt.Sprintf("%q", body)+`}`)(w, r)
			})
			req := remote.Request{Endpoint: "rentals"}
			if parameters.Form {
				req.Query = url.Values{"api_key": {"s3cr3t-key"}}
			}
			_, err := collect(t, t.Context(), client, req)
			require.ErrorIs(t, err, remote.ErrInvalid)
			require.NotContains(t, err.Error(), "s3cr3t")
		})
	}
}

func TestParameters_Shapes(t *testing.T) {
	t.Parallel()
	one := func(p rest.Parameters, config rest.Config, req remote.Request) *http.Request {
		var got *http.Request
		config.Parameters, config.RecordsKey = p, "items"
		client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r
			got.Body = io.NopCloser(strings.NewReader(string(body)))
			answer(200, jsonType, `{"items":[]}`)(w, r)
		})
		req.Endpoint = "rentals"
		_, err := collect(t, t.Context(), client, req)
		require.NoError(t, err)
		return got
	}
	body := func(r *http.Request) string {
		text, _ := io.ReadAll(r.Body)
		return string(text)
	}
	// The declared object tells kinds; big numbers stay exact.
	r := one(rest.Parameters{JSON: `{"big":12345678901234567890,"after":0,"open":true,"ids":[0],"tags":[],"a.b":""}`}, rest.Config{},
		remote.Request{Query: url.Values{"after": {"7"}, "open": {"false"}, "ids": {"4", "5"}, "tags": {"9"}, "a.b": {"x"}, "c.d": {"1"}, "raw": {`{"x":[1]}`}}})
	require.JSONEq(t, `{"big":12345678901234567890,"after":7,"open":false,"ids":[4,5],"tags":["9"],"a.b":"x","c":{"d":"1"},"raw":{"x":[1]}}`, body(r))
	// The declaration's own filter and the time are joined.
	both := rest.Since{Param: "filter", Filter: `{"after":"%s"}`, And: `{"and":[%s,%s]}`}
	r = one(rest.Parameters{JSON: "{}"}, rest.Config{Since: both}, remote.Request{UpdatedSince: time.Unix(0, 0), Query: url.Values{"filter": {`{"x":"%s"}`}}})
	require.JSONEq(t, `{"filter":{"and":[{"x":"%s"},{"after":"1970-01-01T00:00:00Z"}]}}`, body(r))
	_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: rest.Since{Param: "filter", Filter: "%s", And: "[%s]"}})
	require.ErrorContains(t, err, "want %s twice")
	// Attributes are a list, under their own name.
	r = one(rest.Parameters{JSON: "{}", Fields: "properties"}, rest.Config{}, remote.Request{Fields: []string{"name"}, Include: []string{"photos", "rates"}})
	require.JSONEq(t, `{"properties":["name"],"include":["photos","rates"]}`, body(r))
	// Some stay in the query, others are headers.
	r = one(rest.Parameters{JSON: "{}", Query: []string{"limit"}, Headers: map[string]string{"status": "x-status"}}, rest.Config{PerPage: 5, Pagination: rest.Offset{}},
		remote.Request{Query: url.Values{"status": {"open"}}})
	require.Equal(t, "limit=5", r.URL.RawQuery)
	require.Equal(t, "open", r.Header.Get("X-Status"))
	require.Equal(t, "{}", body(r))
	// A GET, with names of its own.
	r = one(rest.Parameters{Fields: "select[]", Include: rest.None, Headers: map[string]string{"limit": "X-Page-Size"}}, rest.Config{PerPage: 5, Pagination: rest.Offset{}},
		remote.Request{Fields: []string{"a", "b"}, Include: []string{"c"}})
	require.Equal(t, http.MethodGet, r.Method)
	require.Equal(t, url.Values{"select[]": {"a", "b"}}, r.URL.Query())
	require.Equal(t, "5", r.Header.Get("X-Page-Size"))
}

func TestParameters_Mistakes(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]rest.Config{
		"JSON is not a JSON object": {Parameters: rest.Parameters{JSON: "[]"}},
		"want one of them":          {Parameters: rest.Parameters{JSON: "{}", Form: true}},
		"Query without a body":      {Parameters: rest.Parameters{Query: []string{"a"}}},
		"have no part in a body":    {Parameters: rest.Parameters{JSON: "{}"}, Pagination: rest.NextURL{}},
		"Conditional is for a GET":  {Parameters: rest.Parameters{JSON: "{}"}, Conditional: true},
	} {
		config.BaseURL = "https://example.com"
		_, err := rest.NewClient(config)
		require.ErrorContains(t, err, want)
	}
	// A POST that becomes a GET by a redirect is no list.
	client := serve(t, rest.Config{Parameters: rest.Parameters{JSON: "{}"}}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, "/api/rentals", http.StatusFound)
			return
		}
		answer(200, jsonType, `{"rentals":[]}`)(w, r)
	})
	_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals"})
	require.ErrorContains(t, err, "302 Found")
	// A next page by a URL can't be asked with the body.
	client = serve(t, rest.Config{Parameters: rest.Parameters{JSON: "{}"}}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `</api/rentals?page=2>; rel="next"`)
		answer(200, jsonType, `{"rentals":[{"id":1}]}`)(w, r)
	})
	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals"})
	require.ErrorIs(t, err, remote.ErrPagesUnread)
	// Nothing is below a search.
	_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "7")
	require.ErrorIs(t, err, remote.ErrNoAddress)
}
