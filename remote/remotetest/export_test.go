package remotetest_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// trip makes a request and returns its answer, read to its end. A redirect is not followed.
func trip(t *testing.T, method, url, token string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		style         remotetest.Style
		label, expect string
	}{
		{remotetest.Style{Format: remotetest.AsNDJSON}, "application/x-ndjson", "{\"at\":null,\"id\":1,\"name\":\"a,\\\"b\\\"\"}\n{\"id\":2,\"name\":\"c\",\"tags\":[\"x\"]}\n"},
		{remotetest.Style{Format: remotetest.AsCSV}, "text/csv", "id,at,name,tags\n1,,\"a,\"\"b\"\"\",\n2,,c,\"[\"\"x\"\"]\"\n"},
	} {
		srv := remotetest.New(remotetest.Config{Style: c.style})
		t.Cleanup(srv.Close)
		srv.Collection("rentals").PutRaw(`{"at":null,"id":1,"name":"a,\"b\""}`)
		srv.Collection("rentals").PutRaw(`{"id":2,"name":"c","tags":["x"]}`)
		resp, text := trip(t, "GET", srv.URL()+"/rentals?per_page=1", "")
		require.Equal(t, c.label, resp.Header.Get("Content-Type"))
		require.Equal(t, c.expect, text)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{Token: "t", Style: remotetest.Style{GzipFile: true}, Export: &remotetest.Export{Files: 2}})
	t.Cleanup(srv.Close)
	for id := range 3 {
		srv.Collection("rentals").Put(remotetest.Record{"id": id + 1})
	}
	resp, _ := trip(t, "GET", srv.URL()+"/rentals", "t")
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	job := resp.Header.Get("Location")
	srv.Collection("rentals").Delete(1) // the job has it all the same
	resp, text := trip(t, "GET", job, "t")
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	require.Contains(t, text, `"state":"running"`)
	resp, text = trip(t, "GET", job, "t")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var done struct {
		Total int
		Files []struct{ URL string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &done))
	require.Equal(t, 3, done.Total)
	require.Len(t, done.Files, 2)
	records := 0
	for _, f := range done.Files {
		req, err := http.NewRequestWithContext(t.Context(), "GET", f.URL, nil)
		require.NoError(t, err)
		resp, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		z, err := gzip.NewReader(resp.Body)
		require.NoError(t, err)
		var list []remotetest.Record
		require.NoError(t, json.NewDecoder(z).Decode(&list))
		records += len(list)
	}
	require.Equal(t, 3, records)
	for url, status := range map[string]int{done.Files[0].URL + "0": http.StatusForbidden, srv.URL() + "/exports/2": http.StatusNotFound, srv.URL() + "/exports/1/result": http.StatusFound} {
		resp, _ := trip(t, "GET", url, map[bool]string{true: "t"}[status != http.StatusForbidden])
		require.Equal(t, status, resp.StatusCode, url)
	}
	resp, _ = trip(t, "GET", done.Files[0].URL, "t")
	require.Equal(t, http.StatusBadRequest, resp.StatusCode, "it takes no credentials")
	require.Equal(t, 1, srv.Exports())
	resp, _ = trip(t, "DELETE", job, "t")
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	require.Zero(t, srv.Exports())
	resp, _ = trip(t, "GET", done.Files[0].URL, "")
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}
