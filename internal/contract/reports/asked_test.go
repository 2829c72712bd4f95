package reports_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// A server behind a proxy writes http into its links. They are followed under https, by
// the name that the API is asked by, and to no other.
func TestReport_R48_LinksOfPlainHTTP(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		to := "http://HOST/things?page=2"
		srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.TLS == nil || r.Header.Get("Authorization") != "Bearer secret" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			if r.URL.Query().Get("page") == "2" {
				fmt.Fprintf(w, `{"items":%s,"next":null}`, list(3, 4))
				return
			}
			fmt.Fprintf(w, `{"items":%s,"next":%q}`, list(1, 2), strings.Replace(to, "HOST", r.Host, 1))
		}))
		t.Cleanup(srv.Close)
		api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Auth: wire.Bearer("secret"), RecordsKey: "items", Pagination: rest.NextURL{Stable: true}})
		require.NoError(t, err)
		d := things()
		d.API, d.Remove = api, synced.Destroy{Limit: 1}
		m := here(t, b, d, 5)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, harness.Counts{Created: 4, Removed: 1}, harness.CountsOf(result))
		require.Equal(t, []int{1, 2, 3, 4}, idsOf(t, m))

		to = "http://other.example.com/things?page=2"
		result, err = m.Synchronize(ctx, synced.NoScope)
		require.ErrorIs(t, err, remote.ErrForeignURL)
		require.Zero(t, result.Removed)
	})
}

// An endpoint keeps the slash at its end: a framework that redirects there from the other
// spelling, to http, would lose the credentials.
func TestReport_R49_ASlashAtTheEnd(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var asked []string
		api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
			asked = append(asked, r.URL.Path)
			return answer{body: list(1, 2)}
		})
		d := things()
		d.API, d.Endpoint = api, "v2/things/"
		require.Equal(t, 2, harness.Sync(t, here(t, b, d), synced.NoScope).Created)
		require.Equal(t, []string{"/v2/things/"}, asked)
	})
}

// Limits as servers tell them: by a fraction or a date, by another header, in the body of a
// 403, and not at all.
func TestReport_R50_R51_R52_Limits(t *testing.T) {
	limits := map[string]answer{
		"R50: a fraction":         {status: 429, header: map[string]string{"Retry-After": "7.5"}},
		"R50: RFC 3339":           {status: 429, header: map[string]string{"Retry-After": "2026-01-01T00:00:07Z", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}},
		"R50: another header":     {status: 429, header: map[string]string{"X-RateLimit-Reset-After": "7"}},
		"R51: a 400 that tells":   {status: 400, header: map[string]string{"Retry-After": "7"}},
		"R51: the body of a 403":  {status: 403, body: `{"error":"userRateLimitExceeded"}`},
		"R52: 429 without a word": {status: 429},
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		clock := remotetest.New(remotetest.Config{})
		t.Cleanup(clock.Close)
		for name, limit := range limits {
			fresh(t, b)
			left := 9 // more than a request is repeated for other reasons
			if limit.header != nil {
				left = 1
			}
			config := rest.Config{
				RecordsKey: rest.Root, Pagination: rest.OnePage{}, Clock: clock.Clock(),
				Retry: wire.Retry{Max: 2, First: time.Millisecond, Longest: time.Second},
				Limited: func(_ int, _ http.Header, body []byte) bool {
					return strings.Contains(string(body), "userRateLimitExceeded")
				},
			}
			d := things()
			d.API = served(t, config, func(*http.Request) answer {
				if left--; left >= 0 {
					return limit
				}
				return answer{body: list(1, 2)}
			})
			before := clock.Now()
			m := here(t, b, d)
			require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created, name)
			if limit.header != nil {
				require.GreaterOrEqual(t, clock.Now().Sub(before), 7*time.Second, name)
			}
		}
		fresh(t, b)
		d := things()
		d.API = served(t, rest.Config{RecordsKey: rest.Root, Clock: clock.Clock(), Retry: wire.Retry{MaxTime: time.Minute}}, func(*http.Request) answer { return limits["R52: 429 without a word"] })
		_, err := here(t, b, d).Synchronize(ctx, synced.NoScope)
		require.ErrorIs(t, err, remote.ErrLimited)
		require.ErrorContains(t, err, "set a Limiter that makes fewer, or raise Retry.MaxTime")
	})
}

// The declaration's own filter and the time are in one parameter. A complete run has the
// filter alone.
func TestReport_R57_AFilterAndTheTime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			since rest.Since
			own   string
			first string
			then  string
		}{
			"PocketBase": {rest.Since{Param: "filter", Filter: "updated>='%s'", And: " && "}, "status='a' || status='b'", "status='a' || status='b'", "(status='a' || status='b') && (updated>='2026-01-02T03:04:05Z')"},
			"OData":      {rest.Since{Param: "$filter", Filter: "modifiedAt ge %s", And: " and "}, "kind eq 'x'", "kind eq 'x'", "(kind eq 'x') and (modifiedAt ge 2026-01-02T03:04:05Z)"},
			"JQL":        {rest.Since{Param: "jql", Filter: `updated >= "%s"`, Format: "2006-01-02 15:04", And: " AND "}, "project = X", "project = X", `(project = X) AND (updated >= "2026-01-02 03:04")`},
			"none":       {rest.Since{Param: "filter", Filter: "updated>='%s'"}, "", "", "updated>='2026-01-02T03:04:05Z'"},
		} {
			fresh(t, b)
			var asked []string
			api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}, Since: c.since}, func(r *http.Request) answer {
				asked = append(asked, r.URL.Query().Get(c.since.Param))
				return answer{body: list(1, 2), header: date(time.Date(2026, 1, 2, 3, 4, 10, 0, time.UTC))}
			})
			d := since()
			d.API = api
			if c.own != "" {
				d.Ask.Query = url.Values{c.since.Param: {c.own}}
			}
			m := here(t, b, d)
			require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created, name)
			harness.Sync(t, m, synced.NoScope)
			require.Equal(t, []string{c.first, c.then}, asked, name)
		}
		// Two that can't be joined are an error, not one of them alone.
		fresh(t, b)
		d := since()
		d.API = served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}, Since: rest.Since{Param: "filter", Filter: "updated>='%s'"}}, func(*http.Request) answer {
			return answer{body: list(1, 2), header: date(time.Now())}
		})
		d.Ask.Query = url.Values{"filter": {"a"}}
		m := here(t, b, d)
		harness.Sync(t, m, synced.NoScope)
		_, err := m.Synchronize(ctx, synced.NoScope)
		require.ErrorContains(t, err, "set rest.Since.And")
	})
}

// An API that refuses parameters that it does not know is asked without those for fields and
// related records, or by its own names.
func TestReport_R58_NamesForFieldsAndInclude(t *testing.T) {
	type part struct {
		SyncedID int64 `json:"id" db:"synced_id"`
		WholeID  int64 `json:"-" db:"whole_id" synced:"parent"`
	}
	type whole struct {
		ID       int64 `db:"id"`
		SyncedID int64 `json:"id" db:"synced_id"`
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		parts := harness.Model(t, b, synced.Synced[part]{Table: "parts", Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		first := true
		for name, c := range map[string]struct {
			parameters rest.Parameters
			want       url.Values // nil where the API refuses what is sent
		}{
			"none":          {rest.Parameters{Fields: rest.None, Include: rest.None}, url.Values{}},
			"its own":       {rest.Parameters{Fields: "$select", Include: "expand[]"}, url.Values{"$select": {"id"}, "expand[]": {"parts"}}},
			"the defaults ": {rest.Parameters{}, nil},
		} {
			config := rest.Config{RecordsKey: "data", Pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"}, Parameters: c.parameters}
			d := synced.Synced[whole]{
				Table: "wholes", Strategy: strategy.Full{}, Ask: synced.Ask{Fields: []string{"id"}},
				Associations: []synced.Association{synced.HasMany(parts, "parts", "whole_id")},
			}
			d.API = served(t, config, func(r *http.Request) answer {
				for parameter := range r.URL.Query() {
					if !c.want.Has(parameter) {
						return answer{status: http.StatusBadRequest, body: fmt.Sprintf(`{"error":{"message":"Received unknown parameter: %s"}}`, parameter)}
					}
				}
				require.Equal(t, c.want, r.URL.Query(), name)
				return answer{body: `{"has_more":false,"data":[{"id":1,"parts":[{"id":11}]}]}`}
			})
			if first {
				require.NoError(t, d.CreateTable(ctx, b.DB))
				first = false
			}
			_, err := harness.Bind(t, b, d).Synchronize(ctx, synced.NoScope)
			if c.want == nil {
				require.ErrorIs(t, err, remote.ErrInvalid)
				require.ErrorContains(t, err, "unknown parameter")
				continue
			}
			require.NoError(t, err)
			require.Equal(t, []string{"11"}, b.Column(t, "SELECT synced_id FROM parts"))
		}
	})
}
