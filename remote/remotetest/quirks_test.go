package remotetest_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// quirky is a server with 25 rentals, and one quirk or two.
func quirky(t *testing.T, q remotetest.Quirks) *remotetest.Server {
	t.Helper()
	return setup(t, remotetest.Config{Quirks: q}, 25)
}

// ask asks with headers.
func ask(t *testing.T, srv *remotetest.Server, path string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL()+path, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, resp.Body.Close()) })
	return resp
}

func TestQuirks_WhatIsNotTold(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Quirks: remotetest.Quirks{NoDeletedIDs: true, NoSyncedAt: true, NoTotal: true}}, 1)
	r := get(t, srv, "", "/rentals?updated_since=")
	require.Nil(t, r.deleted)
	require.Empty(t, r.header.Get("X-Updated-Since-Request-Synced-At"))
	require.Empty(t, r.header.Get("X-Total-Count"))

	srv.SetQuirks(remotetest.Quirks{})
	r = get(t, srv, "", "/rentals?updated_since=")
	require.NotNil(t, r.deleted)
	require.NotEmpty(t, r.header.Get("X-Updated-Since-Request-Synced-At"))
}

func TestQuirks_Next(t *testing.T) {
	t.Parallel()
	srv := quirky(t, remotetest.Quirks{EndlessNext: true})
	require.Contains(t, get(t, srv, "", "/rentals?page=3").header.Get("Link"), `page=4>; rel="next"`)
	r := get(t, srv, "", "/rentals?page=4")
	require.Empty(t, r.ids)
	require.Contains(t, r.header.Get("Link"), `page=5>; rel="next"`)

	srv = quirky(t, remotetest.Quirks{LoopingNext: true})
	require.Contains(t, get(t, srv, "", "/rentals").header.Get("Link"), `page=1>; rel="next"`)
	require.Contains(t, get(t, srv, "", "/rentals?page=3").header.Get("Link"), `page=3>; rel="next"`)

	srv = quirky(t, remotetest.Quirks{IgnoresPage: true})
	r = get(t, srv, "", "/rentals?page=3")
	require.Equal(t, 1, r.ids[0])
	require.Contains(t, r.header.Get("Link"), `page=2>; rel="next"`)
	require.Equal(t, 3, srv.Log()[0].Page, "what was asked for")

	srv = quirky(t, remotetest.Quirks{EmptyLink: true})
	require.Contains(t, get(t, srv, "", "/rentals?page=2").header.Get("Link"), "next")
	require.Equal(t, []string{""}, get(t, srv, "", "/rentals?page=3").header["Link"])
}

func TestQuirks_NextOfCursors(t *testing.T) {
	t.Parallel()
	config := remotetest.Config{Style: remotetest.StripeLike, Quirks: remotetest.Quirks{EndlessNext: true}}
	srv := setup(t, config, 5)
	require.Contains(t, get(t, srv, "", "/rentals").body, `"has_more":true`)

	config.Style = remotetest.Style{By: remotetest.ByCursor, Records: "data", NextParam: "next"}
	srv = setup(t, config, 1)
	require.Contains(t, get(t, srv, "", "/rentals?cursor=eyJhZnRlciI6MX0").body, `{"data":[],"next":"eyJhZnRlciI6MX0"}`)

	config.Quirks = remotetest.Quirks{LoopingNext: true}
	srv = setup(t, config, 25)
	require.Contains(t, get(t, srv, "", "/rentals").body, `"next":"eyJhZnRlciI6MTB9"`)
	require.Contains(t, get(t, srv, "", "/rentals?cursor=eyJhZnRlciI6MTB9").body, `"next":"eyJhZnRlciI6MTB9"`)
}

func TestQuirks_PastEnd(t *testing.T) {
	t.Parallel()
	srv := quirky(t, remotetest.Quirks{PastEnd: 400})
	require.Equal(t, 200, get(t, srv, "", "/rentals?page=3").status)
	require.Equal(t, 400, get(t, srv, "", "/rentals?page=4").status)
	srv = setup(t, remotetest.Config{Quirks: remotetest.Quirks{PastEnd: 404}, Style: remotetest.ODataLike}, 20)
	require.Equal(t, 200, get(t, srv, "", "/rentals?$skip=19").status)
	require.Equal(t, 404, get(t, srv, "", "/rentals?$skip=20").status)
}

func TestQuirks_WhatIsListed(t *testing.T) {
	t.Parallel()
	require.Equal(t, "23", get(t, quirky(t, remotetest.Quirks{WrongTotal: -2}), "", "/rentals").header.Get("X-Total-Count"))
	r := get(t, quirky(t, remotetest.Quirks{NoTotal: true, NoPerPage: true}), "", "/rentals")
	require.NotContains(t, r.header, "X-Total-Count")
	require.NotContains(t, r.header, "X-Per-Page")

	srv := quirky(t, remotetest.Quirks{Repeats: 2})
	require.Len(t, get(t, srv, "", "/rentals").ids, 10)
	require.Equal(t, []int{19, 20, 21, 22, 23, 24, 25}, get(t, srv, "", "/rentals?page=3").ids)
	require.Empty(t, get(t, srv, "", "/rentals?page=4").ids)

	srv = quirky(t, remotetest.Quirks{NewestFirst: true})
	require.Equal(t, 25, get(t, srv, "", "/rentals").ids[0])
	srv.Collection("rentals").Put(remotetest.Record{"id": 26})
	require.Equal(t, 16, get(t, srv, "", "/rentals?page=2").ids[0], "the list has shifted")

	srv = setup(t, remotetest.Config{Style: remotetest.StripeLike, Quirks: remotetest.Quirks{NewestFirst: true}}, 25)
	require.Contains(t, get(t, srv, "", "/rentals?starting_after=16").body, `{"data":[{"id":15,`)
}

func TestQuirks_Hidden(t *testing.T) {
	t.Parallel()
	second := func(r remotetest.Record) bool { id := r["id"].(int64); return id > 10 && id <= 20 }
	srv := quirky(t, remotetest.Quirks{Hidden: second, ShowHidden: "status=any"})
	r := get(t, srv, "", "/rentals?page=2")
	require.Equal(t, []int{21, 22, 23, 24, 25}, r.ids)
	require.Equal(t, "15", r.header.Get("X-Total-Count"))
	require.Equal(t, 11, get(t, srv, "", "/rentals?page=2&status=any").ids[0])
	require.Equal(t, 21, get(t, srv, "", "/rentals?page=2&status=open").ids[0])

	srv = quirky(t, remotetest.Quirks{Hidden: second, HidesLate: true})
	r = get(t, srv, "", "/rentals?page=2")
	require.Empty(t, r.ids)
	require.Contains(t, r.header.Get("Link"), `page=3>; rel="next"`)
	require.Len(t, get(t, srv, "", "/rentals?page=3").ids, 5)
}

func TestQuirks_EmptyForStrangers(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main", Quirks: remotetest.Quirks{EmptyForStrangers: true}}, 1)
	require.Equal(t, []int{1}, get(t, srv, "main", "/rentals").ids)
	r := get(t, srv, "wrong", "/rentals")
	require.Equal(t, 200, r.status)
	require.Equal(t, `{"rentals":[],"links":{},"meta":{}}`, r.body)
}

func TestQuirks_ContentTypeAndGzip(t *testing.T) {
	t.Parallel()
	srv := quirky(t, remotetest.Quirks{ContentType: "text/plain", Gzip: true})
	resp := ask(t, srv, "/rentals", "Accept-Encoding", "gzip")
	require.Equal(t, "text/plain", resp.Header.Get("Content-Type"))
	require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
	z, err := gzip.NewReader(resp.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Contains(t, string(body), `{"rentals":[{"id":1,`)

	resp = ask(t, srv, "/rentals", "Accept-Encoding", "identity")
	require.Empty(t, resp.Header.Get("Content-Encoding"))
	require.Empty(t, ask(t, quirky(t, remotetest.Quirks{}), "/rentals", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"))
}

func TestQuirks_ETagAndLastModified(t *testing.T) {
	t.Parallel()
	srv := quirky(t, remotetest.Quirks{ETag: true, LastModified: true})
	first := ask(t, srv, "/rentals")
	tag, at := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	require.NotEmpty(t, tag)
	require.Equal(t, "Thu, 01 Jan 2026 12:00:00 GMT", at)
	unchanged := ask(t, srv, "/rentals", "If-None-Match", `"x", W/`+tag)
	require.Equal(t, 304, unchanged.StatusCode)
	require.NotContains(t, unchanged.Header, "Content-Length")
	require.Equal(t, 304, ask(t, srv, "/rentals?page=2", "If-Modified-Since", at).StatusCode)
	require.Equal(t, 200, ask(t, srv, "/rentals", "If-None-Match", `"x"`, "If-Modified-Since", at).StatusCode)

	srv.Advance(time.Minute)
	srv.Collection("rentals").Delete(25)
	require.Equal(t, 200, ask(t, srv, "/rentals", "If-None-Match", tag).StatusCode)
	require.Equal(t, 200, ask(t, srv, "/rentals", "If-Modified-Since", at).StatusCode)
	require.Empty(t, ask(t, quirky(t, remotetest.Quirks{}), "/rentals").Header.Get("ETag"))
}

func TestServer_TotalsHideWhatCameAndWent(t *testing.T) {
	t.Parallel()
	srv := quirky(t, remotetest.Quirks{})
	first := get(t, srv, "", "/rentals")
	srv.Collection("rentals").Delete(1)
	srv.Collection("rentals").Put(remotetest.Record{"id": 99})
	second := get(t, srv, "", "/rentals?page=2")
	require.Equal(t, first.header.Get("X-Total-Count"), second.header.Get("X-Total-Count"))
	require.Equal(t, 10, first.ids[9])
	require.Equal(t, 12, second.ids[0], "11 is on neither page")
}
