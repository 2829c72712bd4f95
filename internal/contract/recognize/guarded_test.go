package recognize_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// No secret of the URL, or of the credentials, is in what is found, in the code, or in an error.
func TestContract_C214_NoSecretIsShown(t *testing.T) {
	t.Parallel()
	secrets := []string{"s3cret-one", "s3cretTWO", "s3cret3", "s3cret4"}
	query := "?api_key=s3cret-one&k=s3cretTWO&state=all&page=1&access=s3cret3"
	for name, handler := range map[string]http.HandlerFunc{
		"repeated in the next URL": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", fmt.Sprintf(`<http://%s%s&page=2>; rel="next"`, r.Host, r.RequestURI))
			page(w, r, `[{"id":%d,"seen":"s3cret4"}]`)
		},
		"repeated in the body": func(w http.ResponseWriter, r *http.Request) {
			page(w, r, `{"items":[{"id":%d,"key":"s3cret-one"}],"next":"/v1/items?s3cretTWO&cursor=s3cret4","token":"s3cret3"}`)
		},
		"refused": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.RequestURI+r.Header.Get("X-Key"), http.StatusForbidden)
		},
		"no list":   func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"url":%q}`, r.RequestURI) },
		"no JSON":   func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI) },
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirected": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com"+r.RequestURI, http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(handler)
			defer srv.Close()
			found, err := rest.Recognize(t.Context(), srv.URL+"/v1/items"+query, wire.APIKeyHeader("X-Key", "s3cret4"))
			text := fmt.Sprint(err)
			if found != nil {
				text += found.String() + found.Code("p") + fmt.Sprintf("%+v %#v", found.Query, found.Config)
				require.Equal(t, "all", found.Query.Get("state"))
				require.Len(t, found.Query, 1)
				require.Contains(t, found.String(), `"access", "api_key", "k"`)
			}
			for _, secret := range secrets {
				require.NotContains(t, text, secret)
			}
		})
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page(w, r, `[{"id":%d}]`) }))
	t.Cleanup(srv.Close)
	found, err := rest.Recognize(t.Context(), srv.URL+"/bot123456789:s3cretAAFxyz0123456789/items", nil)
	require.NoError(t, err)
	require.NotContains(t, found.String()+found.Code("p"), "s3cret", "nor in the path")
	for _, u := range []string{"https://me:s3cret3@example.com/v1/items", "ftp://s3cret3.example.com/x", "https://example.com?token=s3cret3", ":s3cret3", "https://example.com/v1/items?a=%zzs3cret3"} {
		_, err := rest.Recognize(t.Context(), u, nil)
		require.ErrorContains(t, err, "recognize: ")
		require.NotContains(t, err.Error(), "s3cret3")
	}
}

// page answers with a list for page 1 and another for others.
func page(w http.ResponseWriter, r *http.Request, format string) {
	id := 1
	if strings.Contains(r.URL.RawQuery, "page=2") || r.URL.Query().Has("cursor") {
		id = 2
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, format, id)
}

// However odd its answers are, a remote is asked by a GET a few times, and the code can be read.
func TestContract_C215_ARemoteIsAskedAFewTimesAndOnlyByGET(t *testing.T) {
	t.Parallel()
	odd := strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300)
	for name, body := range map[string]string{
		"endless next":    `{"items":[{"id":1}],"next":"/v1/items?page=%d"}`,
		"a loop":          `{"items":[{"id":1}],"next":"/v1/items"}`,
		"another host":    `{"items":[{"id":1}],"next":"https://example.com/v1/items"}`,
		"no id":           `{"items":[{"name":"a"},{"name":"a"}],"has_more":true}`,
		"an empty list":   `{"items":[],"total":0}`,
		"null":            `{"items":[null],"total":9}`,
		"no record":       `[1,2,3]`,
		"mixed":           `[{"id":1,"a":1},{"id":"x","a":"b"},{"id":null,"a":{}}]`,
		"deep":            `[{"id":1,"x":` + odd + `}]`,
		"code":            "{\"a\\u0060`; func init() { panic(1) }; //\":[{\"id\":1,\"x\\ny\":2,\"*/\":3,\"` + x\":4,\"\\u202e\":5,\"type\":6,\"func\":7,\"\":8,\"-\":9}],\"has_more\":true,\"next\\n\":\"x\"}",
		"many":            `[{"id":1` + members(500) + `}]`,
		"two of a name":   `[{"id":1,"id":2,"a.b":1,"a":{"b":2}}]`,
		"wrong counts":    `{"items":[{"id":1}],"total":-1,"page":99999999999999999999,"total_pages":"many"}`,
		"all paginations": `{"items":[{"id":1}],"next":"/x","next_cursor":"a","has_more":true,"page":1,"offset":0,"total":99,"total_pages":9,"last":false,"nextPageToken":"b","last":false}`,
		"cut short":       `{"items":[{"id":1}`,
		"a single value":  `"x"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := asked.Add(1)
				if r.Method != http.MethodGet {
					t.Error(r.Method)
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, strings.ReplaceAll(body, "%d", fmt.Sprint(n+1)))
			}))
			defer srv.Close()
			found, err := rest.Recognize(t.Context(), srv.URL+"/v1/items", nil)
			require.LessOrEqual(t, asked.Load(), int32(6))
			if err != nil {
				require.ErrorContains(t, err, "recognize: GET ")
				return
			}
			require.Equal(t, int(asked.Load()), found.Requests)
			file, err := parser.ParseFile(token.NewFileSet(), "p.go", found.Code("p"), parser.AllErrors)
			require.NoError(t, err, found.Code("p"))
			require.Len(t, file.Decls, 3, "imports, a type and a function")
			require.NotContains(t, found.String(), "\u202e")
		})
	}
}

// members writes members of an object.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"a%d":1`, i)
	}
	return b.String()
}

// A list that only a POST asks for, or that is not there, is an error that says so.
func TestContract_C215_WhatIsNoListIsAnError(t *testing.T) {
	t.Parallel()
	for name, style := range map[string]remotetest.Style{"hubspot": remotetest.HubSpotLike, "notion": remotetest.NotionLike, "graphql": remotetest.GraphQLLike} {
		srv := remotetest.New(remotetest.Config{Style: style})
		t.Cleanup(srv.Close)
		srv.Collection("items").Put(remotetest.Record{"id": 1})
		_, err := rest.Recognize(t.Context(), srv.URL()+"/items", nil)
		require.ErrorContains(t, err, "recognize: GET ", name)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id":1,"name":"one"}`)
	}))
	defer srv.Close()
	_, err := rest.Recognize(t.Context(), srv.URL+"/items/1", nil)
	require.ErrorIs(t, err, remote.ErrNoRecords)
	require.ErrorContains(t, err, "found id (a number), name (a string): give the URL of a list")
}

// A pagination that nothing shows, and that brings no second page, is not named.
func TestContract_C213_NoPaginationIsMadeUp(t *testing.T) {
	t.Parallel()
	ten := strings.TrimPrefix(strings.Repeat(`,{"id":%d}`, 10), ",")
	for name, c := range map[string]struct{ body, unknown string }{
		"a total alone":     {`{"items":[{"id":%d}],"total":25}`, "shows that there is more"},
		"a usual number":    {`{"items":[` + ten + `]}`, "no second page was seen"},
		"an unusual number": {`[{"id":%d},{"id":%d}]`, "shows nothing of pages"},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body := c.body
			for i := 1; strings.Contains(body, "%d"); i++ {
				body = strings.Replace(body, "%d", fmt.Sprint(i), 1)
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, body)
		}))
		t.Cleanup(srv.Close)
		found, err := rest.Recognize(t.Context(), srv.URL+"/v1/items", nil)
		require.NoError(t, err, name)
		require.Nil(t, found.Config.Pagination, name)
		require.NotContains(t, found.Code("p"), "Pagination")
		require.Contains(t, found.String(), c.unknown)
	}
}

// A list that is a stream of records is recognized by what it is.
func TestContract_C213_AStreamIsRecognized(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ contentType, body, setting string }{
		"lines":      {"application/x-ndjson", `{"id":1,"name":"a"}` + "\n" + `{"id":2,"name":"b"}` + "\n", "rest.NDJSON{}"},
		"commas":     {"text/csv", "id,full name\n1,a\n2,b\n", "rest.CSV{}"},
		"semicolons": {"text/csv; charset=utf-8", "id;name\n1;a,b,c\n2;b\n", "rest.CSV{Comma: ';'}"},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.contentType)
			fmt.Fprint(w, c.body)
		}))
		t.Cleanup(srv.Close)
		found, err := rest.Recognize(t.Context(), srv.URL+"/v1/items.list.gz", nil)
		require.NoError(t, err, name)
		require.Contains(t, found.Code("p"), "Body:    "+c.setting, found.Code("p"))
		require.Regexp(t, `Name +string`, found.Code("p"))
		require.Contains(t, found.Code("p"), "type Item struct")
		client, err := rest.NewClient(found.Config)
		require.NoError(t, err)
		listed := 0
		for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: found.Endpoint, Query: found.Query}) {
			require.NoError(t, err)
			listed += len(page.Objects)
		}
		require.Equal(t, 2, listed, name)
	}
}
