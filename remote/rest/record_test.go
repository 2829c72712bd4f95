package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record   rest.Record
		endpoint string
		want     string
		body     string
	}{
		"the default":        {endpoint: "items", want: "/api/items/7?x=1", body: `{"items":[{"id":7}]}`},
		"json":               {endpoint: "a/items.json", want: "/api/a/items/7.json?x=1", body: `{"id":7}`},
		"a slash":            {endpoint: "items/", want: "/api/items/7/?x=1", body: `{"id":7}`},
		"a dot":              {endpoint: "items.", want: "/api/items./7?x=1", body: `{"id":7}`},
		"a path":             {record: rest.Record{Path: "item/show/%s.json"}, endpoint: "items.json", want: "/api/item/show/7.json?x=1", body: `{"id":7}`},
		"by the endpoint":    {record: rest.Record{Path: "%s/by_id/%s/"}, endpoint: "items", want: "/api/items/by_id/7/?x=1", body: `{"id":7}`},
		"a member":           {record: rest.Record{Key: "issue"}, endpoint: "items", want: "/api/items/7?x=1", body: `{"items":[{"id":1}],"issue":{"id":7}}`},
		"a member in it":     {record: rest.Record{Key: "data.issue"}, endpoint: "items", want: "/api/items/7?x=1", body: `{"data":{"issue":{"id":7}}}`},
		"the whole answer":   {record: rest.Record{Key: rest.Root}, endpoint: "items", want: "/api/items/7?x=1", body: `{"id":7,"items":[{"id":1}]}`},
		"a query of its own": {record: rest.Record{Query: url.Values{"y": {"2"}}}, endpoint: "items", want: "/api/items/7?y=2", body: `{"id":7}`},
		"no query":           {record: rest.Record{Query: url.Values{}}, endpoint: "items", want: "/api/items/7", body: `{"id":7}`},
		"a feed":             {record: rest.Record{Path: "%s"}, endpoint: "_changes", want: "/api/7?x=1", body: `{"id":7}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked string
			client := serve(t, rest.Config{Record: c.record}, func(w http.ResponseWriter, r *http.Request) {
				asked = r.URL.RequestURI()
				_, _ = w.Write([]byte(c.body))
			})
			o, err := client.Get(t.Context(), remote.Request{Endpoint: c.endpoint, Query: url.Values{"x": {"1"}}}, "7")
			require.NoError(t, err)
			id, err := remote.Get[int](o, "id")
			require.NoError(t, err)
			require.Equal(t, 7, id)
			require.Equal(t, c.want, asked)
		})
	}
}

func TestRecord_NoAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config   rest.Config
		endpoint string
	}{
		"a name of CouchDB": {rest.Config{}, "db/_changes"},
		"a feed":            {rest.Config{Pagination: rest.Sequence{}}, "feed"},
		"declared":          {rest.Config{Record: rest.Record{Path: rest.None}}, "items"},
	} {
		handler, n := script(with(404))
		_, err := serve(t, c.config, handler).Get(t.Context(), remote.Request{Endpoint: c.endpoint}, "7")
		require.ErrorIs(t, err, remote.ErrNoAddress, name)
		require.NotErrorIs(t, err, remote.ErrNotFound, name)
		require.ErrorContains(t, err, "set rest.Config.Record", name)
		require.Zero(t, n.Load(), name)
	}
	_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Record: rest.Record{Path: "items"}})
	require.ErrorContains(t, err, "want %s where the id goes")
}

// A declared member that is not there is no record.
func TestRecord_MissingKey(t *testing.T) {
	t.Parallel()
	client := serve(t, rest.Config{Record: rest.Record{Key: "issue"}}, answer(200, jsonType, `{"id":7}`))
	_, err := client.Get(t.Context(), remote.Request{Endpoint: "items"}, "7")
	require.ErrorIs(t, err, remote.ErrNoRecords)
	require.ErrorContains(t, err, `no "issue"`)
}

// A record that was merged into another leads there.
func TestRecord_Redirect(t *testing.T) {
	t.Parallel()
	client := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/items/2" {
			http.Redirect(w, r, "/api/items/1", http.StatusMovedPermanently)
			return
		}
		_, _ = w.Write([]byte(`{"id":1}`))
	})
	o, err := client.Get(t.Context(), remote.Request{Endpoint: "items"}, "2")
	require.NoError(t, err)
	require.JSONEq(t, `{"id":1}`, string(o.Raw()))
}

func TestEndpoint_EndsAsWritten(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{"items/": "/api/items/", "a/items.json": "/api/a/items.json", "items.": "/api/items."} {
		var asked string
		key := map[string]string{"items.": "items."}[endpoint]
		if key == "" {
			key = "items"
		}
		client := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.Path
			_, _ = fmt.Fprintf(w, `{%q:[]}`, key)
		})
		_, err := collect(t, t.Context(), client, remote.Request{Endpoint: endpoint})
		require.NoError(t, err)
		require.Equal(t, want, asked)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ids   rest.IDs
		asked []string
		want  string // none: can't be asked for so
	}{
		"with commas":        {rest.IDs{Param: "ids"}, []string{"4", "5"}, "fields=a&ids=4%2C5"},
		"repeated":           {rest.IDs{Param: "id", Repeated: true}, []string{"4", "5,6"}, "fields=a&id=4&id=5%2C6"},
		"a filter":           {rest.IDs{Param: "f", Filter: "id in (%s)"}, []string{"4", "5"}, "f=id+in+%284%2C5%29&fields=a"},
		"an expression each": {rest.IDs{Param: "f", Each: "id='%s'", Join: "||"}, []string{"a", "b"}, "f=id%3D%27a%27%7C%7Cid%3D%27b%27&fields=a"},
		"a query":            {rest.IDs{Param: "ids", Query: url.Values{"status": {"*"}}}, []string{"4"}, "fields=a&ids=4&status=%2A"},
		"the query kept":     {rest.IDs{Param: "ids", KeepQuery: true}, []string{"4"}, "fields=a&ids=4&status=open"},
		"a comma":            {rest.IDs{Param: "ids"}, []string{"4,5"}, ""},
		"a quote":            {rest.IDs{Param: "f", Each: "id='%s'", Join: "||"}, []string{"a'||'b"}, ""},
		"none declared":      {rest.IDs{}, []string{"4"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked string
			client := serve(t, rest.Config{IDs: c.ids}, func(w http.ResponseWriter, r *http.Request) {
				asked = r.URL.RawQuery
				_, _ = w.Write([]byte(noRentals))
			})
			req := remote.Request{Endpoint: "rentals", Fields: []string{"a"}, Query: url.Values{"status": {"open"}}}
			for _, err := range client.GetMany(t.Context(), req, c.asked) {
				if c.want == "" {
					require.ErrorIs(t, err, errors.ErrUnsupported)
					return
				}
				require.NoError(t, err)
			}
			require.Equal(t, c.want, asked)
		})
	}
	for _, ids := range []rest.IDs{{Repeated: true}, {Param: "a", Repeated: true, Join: ";"}, {Param: "a", Filter: "x"}, {Param: "a", Query: url.Values{"a": {"1"}}}} {
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", IDs: ids})
		require.ErrorContains(t, err, "ids: ")
	}
}

func TestClient_ReadTime(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		since rest.Since
		value string
		want  time.Time // zero is an error
	}{
		"RFC 3339":             {rest.Since{}, `"2026-03-01T13:00:00+01:00"`, noon},
		"an offset as +0000":   {rest.Since{}, `"2026-03-01T12:00:00.000+0000"`, noon},
		"a fraction":           {rest.Since{}, `"2026-03-01T12:00:00.5Z"`, noon.Add(time.Second / 2)},
		"seconds":              {rest.Since{Format: rest.Unix}, `1772366400`, noon},
		"seconds in quotes":    {rest.Since{Format: rest.Unix}, `"1772366400"`, noon},
		"milliseconds":         {rest.Since{Format: rest.UnixMilli}, `1772366400000`, noon},
		"a space, no zone":     {rest.Since{Format: time.DateTime}, `"2026-03-01 12:00:00"`, noon},
		"a zone of its own":    {rest.Since{Format: time.DateTime, Zone: paris}, `"2026-03-01 13:00:00"`, noon},
		"twice on the clock":   {rest.Since{Format: time.DateTime, Zone: paris}, `"2026-10-25 02:30:00"`, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)},
		"another format":       {rest.Since{Format: time.DateTime}, `"2026-03-01T12:00:00Z"`, noon},
		"no zone, undeclared":  {rest.Since{}, `"2026-03-01 12:00:00"`, time.Time{}},
		"no time":              {rest.Since{}, `"soon"`, time.Time{}},
		"a number, no time":    {rest.Since{}, `7`, time.Time{}},
		"an object":            {rest.Since{}, `{}`, time.Time{}},
		"unix, and a text":     {rest.Since{Format: rest.Unix}, `"soon"`, time.Time{}},
		"unix, and an RFC one": {rest.Since{Format: rest.Unix}, `"2026-03-01T12:00:00Z"`, noon},
	} {
		client, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: c.since})
		require.NoError(t, err, name)
		at, err := client.ReadTime(remote.Value(c.value))
		require.Equal(t, c.want.IsZero(), err != nil, "%s: %v", name, err)
		require.True(t, c.want.Equal(at), "%s: %v", name, at)
	}
}

func TestSince_And(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	var asked url.Values
	handler := func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query()
		_, _ = w.Write([]byte(noRentals))
	}
	req := remote.Request{Endpoint: "rentals", UpdatedSince: since, Query: url.Values{"filter": {"a=1 || b=2"}}}
	config := rest.Config{Since: rest.Since{Param: "filter", Filter: "updated>='%s'", And: " && "}}
	_, err := collect(t, t.Context(), serve(t, config, handler), req)
	require.NoError(t, err)
	require.Equal(t, []string{"(a=1 || b=2) && (updated>='2026-03-01T12:00:00Z')"}, asked["filter"])

	whole := req
	whole.UpdatedSince = time.Time{}
	_, err = collect(t, t.Context(), serve(t, config, handler), whole)
	require.NoError(t, err)
	require.Equal(t, []string{"a=1 || b=2"}, asked["filter"])

	config.Since.And = ""
	_, err = collect(t, t.Context(), serve(t, config, handler), req)
	require.ErrorContains(t, err, "set rest.Since.And")
	_, err = rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: rest.Since{And: "and"}})
	require.ErrorContains(t, err, "And without a Filter")
}
