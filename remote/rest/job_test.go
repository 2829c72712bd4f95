package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// exports serves jobs by hand, and keeps what was asked.
type exports struct {
	mu    sync.Mutex
	asked []string
}

func (e *exports) note(r *http.Request) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	e.asked = append(e.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	return string(body)
}

// exporting makes a client of a handler, whose clock does not wait.
func exporting(t *testing.T, config rest.Config, handler func(w http.ResponseWriter, r *http.Request, body string)) (*rest.Client, *exports) {
	t.Helper()
	e := &exports{}
	srv := remotetest.New(remotetest.Config{}) // for its clock
	t.Cleanup(srv.Close)
	config.Clock, config.Auth = srv.Clock(), wire.Bearer("secret")
	return serve(t, config, func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/api")
		handler(w, r, e.note(r))
	}), e
}

// A job that is named by a header, is not done while it answers 202, and names its files
// in a list of objects, as a FHIR server's.
func TestExport_ByHeader(t *testing.T) {
	t.Parallel()
	polls := 0
	c, e := exporting(t, rest.Config{
		Body: rest.NDJSON{}, SyncedAtPath: "transactionTime", Header: http.Header{"Prefer": {"respond-async"}},
		Export: &rest.Export{Files: "output.url", Delete: rest.Step{Method: "DELETE"}},
	}, func(w http.ResponseWriter, r *http.Request, _ string) {
		switch r.URL.Path {
		case "/rentals":
			w.Header().Set("Content-Location", "/jobs/7?part=1")
			w.WriteHeader(http.StatusAccepted)
		case "/jobs/7":
			if polls++; polls < 3 {
				w.Header().Set("Retry-After", "120")
				w.WriteHeader(http.StatusAccepted)
				return
			}
			_, _ = io.WriteString(w, `{"transactionTime":"2026-01-02T03:04:05Z","output":[{"url":"/files/a"},{"url":"/files/b"}],"error":[]}`)
		default:
			_, _ = fmt.Fprintf(w, `{"id":%q}`, r.URL.Path)
		}
	})
	pages, err := rentals(t, c)
	require.NoError(t, err)
	require.Equal(t, []string{`{"id":"/files/a"}`, `{"id":"/files/b"}`}, texts(pages))
	require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), pages[0].SyncedAt)
	require.Equal(t, 7, pages[0].Requests)
	require.Equal(t, []string{"GET /rentals", "GET /jobs/7?part=1", "GET /jobs/7?part=1", "GET /jobs/7?part=1", "GET /files/a", "GET /files/b", "DELETE /jobs/7?part=1"}, e.asked)
}

// A job that GraphQL starts, is asked and stops; null is an export of no records.
func TestExport_GraphQL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, url string
		message     string
	}{
		"no records": {"COMPLETED", "null", ""},
		"failed":     {"FAILED", "null", `"FAILED": INTERNAL`},
	} {
		client, e := exporting(t, rest.Config{
			Body:       rest.NDJSON{},
			Parameters: rest.Parameters{GraphQL: "mutation($query:String!){start}", JSON: `{"query":"{all}"}`},
			Since:      rest.Since{Param: "query", Filter: "{since '%s'}"},
			Export: &rest.Export{
				Job:   "data.start.id",
				Poll:  rest.Step{Path: "graphql", Param: "id", Parameters: rest.Parameters{GraphQL: "query($id:ID!){job}"}},
				State: "data.job.status", Done: []string{"COMPLETED"}, Failed: []string{"FAILED"}, Reason: "data.job.errorCode", Files: "data.job.url",
				Cancel: rest.Step{Path: "graphql", Param: "id", Parameters: rest.Parameters{GraphQL: "mutation($id:ID!){cancel}"}},
			},
		}, func(w http.ResponseWriter, _ *http.Request, body string) {
			var sent struct{ Query string }
			_ = json.Unmarshal([]byte(body), &sent)
			switch {
			case strings.Contains(sent.Query, "start"):
				_, _ = io.WriteString(w, `{"data":{"start":{"id":"gid://shop/1"}}}`)
			default:
				_, _ = fmt.Fprintf(w, `{"data":{"job":{"status":%q,"errorCode":"INTERNAL","url":%s}}}`, c.status, c.url)
			}
		})
		pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "graphql", UpdatedSince: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
		if c.message != "" {
			require.ErrorContains(t, err, c.message, name)
		} else {
			require.NoError(t, err, name)
			require.Empty(t, texts(pages))
			require.Empty(t, pages[0].Unended)
		}
		require.Equal(t, []string{
			`POST /graphql {"query":"mutation($query:String!){start}","variables":{"query":"{since '2026-01-02T03:04:05Z'}"}}`,
			`POST /graphql {"query":"query($id:ID!){job}","variables":{"id":"gid://shop/1"}}`,
		}, e.asked, "one that is over is not canceled")
	}
}

// Files that follow each other by a header, each with a header line, as Salesforce's.
func TestExport_Parts(t *testing.T) {
	t.Parallel()
	next := map[string]string{"": "MTA", "MTA": "MjA", "MjA": "null"}
	c, e := exporting(t, rest.Config{
		Body: rest.CSV{}, PerPage: 1000, Pagination: rest.Cursor{Header: "Locator", Param: "locator", PerPage: "maxRecords"}, TotalPath: "processed",
		Parameters: rest.Parameters{JSON: `{"operation":"query"}`},
		Export: &rest.Export{
			Job: "id", Poll: rest.Step{Path: "jobs/%s"}, State: "state", Done: []string{"JobComplete"}, Failed: []string{"Failed"},
			Download: rest.Step{Path: "jobs/%s/results"}, Delete: rest.Step{Method: "delete", Path: "jobs/%s"},
		},
	}, func(w http.ResponseWriter, r *http.Request, _ string) {
		switch r.URL.Path {
		case "/rentals":
			_, _ = io.WriteString(w, `{"id":"750A","state":"UploadComplete"}`)
		case "/jobs/750A":
			_, _ = io.WriteString(w, `{"id":"750A","state":"JobComplete","processed":3}`)
		default:
			at := r.URL.Query().Get("locator")
			w.Header().Set("Locator", next[at])
			_, _ = fmt.Fprintf(w, "Id\n%q\n", "at "+at)
		}
	})
	pages, err := rentals(t, c)
	require.NoError(t, err)
	require.Equal(t, []string{`{"Id":"at "}`, `{"Id":"at MTA"}`, `{"Id":"at MjA"}`}, texts(pages))
	require.True(t, pages[0].TotalKnown)
	require.Equal(t, 3, pages[0].Total)
	require.Equal(t, []string{`POST /rentals {"operation":"query"}`, "GET /jobs/750A", "GET /jobs/750A/results?maxRecords=1000",
		"GET /jobs/750A/results?maxRecords=1000&locator=MTA", "GET /jobs/750A/results?maxRecords=1000&locator=MjA", "DELETE /jobs/750A"}, e.asked)
	next["MjA"] = "MTA"
	_, err = rentals(t, c)
	require.ErrorIs(t, err, remote.ErrPageRepeated)
}

// A redirect leads to a file: on the API's host with the credentials, elsewhere without.
func TestExport_Redirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if r.URL.Path == "/back" {
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, `{"id":"elsewhere"}`)
	}))
	t.Cleanup(other.Close)
	for _, test := range []struct{ to, expect, message string }{
		{"/file", `{"id":"here, Bearer secret"}`, ""},
		{other.URL + "/file?Signature=abc", `{"id":"elsewhere"}`, ""},
		{"/hop?to=" + other.URL + "/file", `{"id":"elsewhere"}`, ""},
		{"/hop?to=/hop", "", "more than 5 redirects"},
		{"http://169.254.169.254/latest", "", "leads to another host"},
		{other.URL + "/back?to=HOME/file", "", "leads to another host"}, // a stranger does not lead to the credentials
	} {
		for _, export := range []*rest.Export{
			{Hosts: []string{other.URL}, MaxTime: time.Minute},                                                                // a redirect says that it is done
			{Hosts: []string{other.URL}, Download: rest.Step{Path: "result/%s"}, Job: "id", Poll: rest.Step{Path: "jobs/%s"}}, // and one leads from the result
			{Hosts: []string{other.URL}, Download: rest.Step{Path: "result/%s"}},                                              // of the job that is named by a URL
		} {
			// The API's own answers tell who asks; a file elsewhere does not.
			stranger := func(r *rest.Response) bool { return r.Header.Get("X-User") == "" }
			c, _ := exporting(t, rest.Config{Body: rest.NDJSON{}, Export: export, Unauthorized: stranger}, func(w http.ResponseWriter, r *http.Request, _ string) {
				to := strings.ReplaceAll(test.to, "HOME", "http://"+r.Host)
				w.Header().Set("X-User", "me")
				switch {
				case r.URL.Path == "/rentals":
					w.Header().Set("Location", "/jobs/1")
					w.WriteHeader(http.StatusAccepted)
					_, _ = io.WriteString(w, `{"id":1}`)
				case r.URL.Path == "/jobs/1" && export.Download.Path != "":
				case r.URL.Path == "/jobs/1", r.URL.Path == "/result/1":
					w.Header().Set("Location", to)
					w.WriteHeader(http.StatusSeeOther)
				case r.URL.Path == "/hop":
					target := r.URL.Query().Get("to")
					if target == "/hop" {
						target += "?to=/hop"
					}
					w.Header().Set("Location", target)
					w.WriteHeader(http.StatusFound)
				default:
					_, _ = fmt.Fprintf(w, `{"id":"here, %s"}`, r.Header.Get("Authorization"))
				}
			})
			pages, err := rentals(t, c)
			if test.message != "" {
				require.ErrorContains(t, err, test.message, test.to)
				continue
			}
			require.NoError(t, err, test.to)
			require.Equal(t, []string{test.expect}, texts(pages), test.to)
		}
	}
}

// A job is asked less and less often, once more at the end of MaxTime, and as the remote says.
func TestExport_Waits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		retryAfter string
		asked      int
		waited     time.Duration
	}{
		{"", 5, 20 * time.Second},     // after 1, 3, 7, 15 and 20 seconds
		{"0.5", 39, 20 * time.Second}, // which is less than it would be
		{"30", 1, time.Second},        // which is too late: it is not waited for
	} {
		srv := remotetest.New(remotetest.Config{})
		t.Cleanup(srv.Close)
		asked, begun := 0, srv.Clock().Now()
		c := serve(t, rest.Config{Clock: srv.Clock(), Body: rest.NDJSON{}, Export: &rest.Export{Job: "id", Poll: rest.Step{Path: "jobs/%s"}, Files: "url", MaxTime: 20 * time.Second}},
			func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/api/jobs/a%2Fb" || r.URL.Path == "/api/jobs/a/b" {
					asked++
					if test.retryAfter != "" {
						w.Header().Set("Retry-After", test.retryAfter)
					}
					w.WriteHeader(http.StatusAccepted)
				}
				_, _ = io.WriteString(w, `{"id":"a/b"}`)
			})
		_, err := rentals(t, c)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.ErrorContains(t, err, "not done after 20s (Export.MaxTime)")
		require.Equal(t, test.asked, asked, test.retryAfter)
		require.InDelta(t, test.waited, srv.Clock().Now().Sub(begun), float64(time.Second), test.retryAfter)
	}
}

func TestExport_Settings(t *testing.T) {
	t.Parallel()
	files := rest.Export{Files: "url"}
	with := func(change func(*rest.Export)) rest.Config {
		e := files
		change(&e)
		return rest.Config{Body: rest.NDJSON{}, Export: &e}
	}
	for _, c := range []rest.Config{
		{Export: &files},
		{Export: &files, Body: rest.NDJSON{}, Conditional: true},
		{Export: &files, Body: rest.NDJSON{}, IDs: rest.IDs{Param: "ids"}},
		{Export: &files, Body: rest.NDJSON{}, Position: rest.Position{Path: "next", Param: "since"}},
		{Export: &files, Body: rest.NDJSON{}, Pagination: rest.LinkHeader{}},
		{Export: &files, Body: rest.NDJSON{}, RecordsKey: "items"},
		{Export: &files, Body: rest.NDJSON{}, PerValue: rest.PerValue{Param: "status", Values: []string{"a", "b"}}},
		with(func(e *rest.Export) { e.Done = []string{"done"} }),
		with(func(e *rest.Export) { e.State = "state" }),
		with(func(e *rest.Export) { e.Reason = "error" }),
		with(func(e *rest.Export) { e.Download = rest.Step{Path: "jobs/%s/file"} }),
		with(func(e *rest.Export) { e.Files, e.State, e.Done = "", "state", []string{"done"} }),
		with(func(e *rest.Export) { e.Poll = rest.Step{Path: "jobs"} }),
		with(func(e *rest.Export) { e.Poll = rest.Step{Path: "%s/%s/%s"} }),
		with(func(e *rest.Export) { e.Delete = rest.Step{Method: "DELETE", Param: "id"} }),
		with(func(e *rest.Export) { e.Delete = rest.Step{Path: "jobs/%s", Parameters: rest.Parameters{JSON: "["}} }),
		with(func(e *rest.Export) { e.Hosts = []string{"files.example.com"} }),
		with(func(e *rest.Export) { e.Hosts = []string{"https://files.*.com"} }),
		with(func(e *rest.Export) { e.Hosts = []string{"https://*"} }),
		with(func(e *rest.Export) { e.MaxTime = -1 }),
		func() rest.Config {
			c := with(func(e *rest.Export) { e.Files, e.Download = "", rest.Step{Path: "jobs/%s/file"} })
			c.Pagination = rest.PageNumber{}
			return c
		}(),
	} {
		c.BaseURL = "https://example.com"
		_, err := rest.NewClient(c)
		require.Error(t, err, "%+v", c)
	}
}
