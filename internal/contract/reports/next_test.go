package reports_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
)

// A link to the next page that is a page number, and forgets what the first was asked with,
// gets it back. One that is a token may stand for it.
func TestContract_C423_ALinkThatForgetsWhatWasAsked(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			link  string
			stays bool // as it is
		}{
			"a page number":  {"/things?page=2", false},
			"an offset":      {"/things?offset=2&limit=2", false},
			"a relative URL": {"?page=2", false},
			"a token":        {"/things?after=b2Zmc2V0", true},
			"elsewhere":      {"/things/2", true},
		} {
			for _, pagination := range []rest.Pagination{rest.NextURL{}, rest.LinkHeader{}} {
				t.Run(fmt.Sprintf("%s, %T", name, pagination), func(t *testing.T) {
					fresh(t, b)
					next, second := url.Values{}, ""
					config := rest.Config{RecordsKey: "things", PerPage: 2, Pagination: pagination}
					api := served(t, config, func(r *http.Request) answer {
						q := r.URL.Query()
						if r.URL.Path == "/things" && !q.Has("page") && !q.Has("offset") && !q.Has("after") {
							a := answer{body: `{"things":` + list(1, 2) + `,"next":"` + c.link + `"}`, header: map[string]string{"Link": "<" + c.link + `>; rel="next"`}}
							return a
						}
						next, second = q, r.URL.String()
						texts := []string{`{"id":3,"name":"r3"}`}
						if !q.Has("fields") && !c.stays {
							texts[0] = `{"id":3}`
						}
						if q.Get("account") != "7" && !c.stays {
							texts = append(texts, `{"id":99,"name":"another account's"}`)
						}
						return answer{body: `{"things":[` + strings.Join(texts, ",") + `],"next":null}`}
					})
					d := things()
					d.API, d.Ask = api, synced.Ask{Query: url.Values{"account": {"7"}}, Fields: []string{"id", "name"}}
					m := here(t, b, d)
					harness.Sync(t, m, synced.NoScope)
					if c.stays {
						require.Equal(t, c.link, second)
						return
					}
					require.Equal(t, "7", next.Get("account"))
					require.Equal(t, "2", next.Get(map[bool]string{true: "limit", false: "per_page"}[next.Has("offset")]))
					require.Equal(t, upTo(1, 3), idsOf(t, m))
					for _, row := range harness.All(t, m) {
						require.NotNil(t, row.Name)
					}
				})
			}
		}
	})
}

// A list that goes on after the time of the last record passes over others of that time.
func TestContract_C424_APageThatIsCutByATime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const early, late = "2026-03-04T12:00:01Z", "2026-03-04T12:00:02Z"
		at := func(id int) string {
			if id < 3 {
				return early
			}
			return late // 3 and 4, between which the first page ends, and 5
		}
		serve := func(asks func(id int, after string) bool) func(r *http.Request) answer {
			return func(r *http.Request) answer {
				texts := []string{}
				for id := 1; id <= 5 && len(texts) < 3; id++ {
					if asks(id, r.URL.Query().Get("after")) {
						texts = append(texts, fmt.Sprintf(`{"id":%d,"name":"r%d","at":%q}`, id, id, at(id)))
					}
				}
				return answer{body: fmt.Sprintf(`{"things":[%s],"more":%t}`, strings.Join(texts, ","), len(texts) == 3 && !strings.Contains(texts[2], `:5,`))}
			}
		}
		config := rest.Config{PerPage: 3, Record: rest.Record{Path: rest.None}, Pagination: rest.Cursor{Param: "after", LastRecord: "at", MorePath: "more"}}
		t.Run("later ones alone", func(t *testing.T) {
			fresh(t, b)
			api := served(t, config, serve(func(id int, after string) bool { return at(id) > after }))
			notWhole(t, b, api, "the list goes on after the time of the last record of a page, "+late, upTo(1, 5)...)
		})
		t.Run("that record and later ones", func(t *testing.T) {
			fresh(t, b)
			api := served(t, config, serve(func(id int, after string) bool { return at(id) >= after }))
			d := since()
			d.API = api
			m := here(t, b, d)
			require.NotZero(t, harness.Sync(t, m, synced.NoScope).StoredTime)
			require.Equal(t, upTo(1, 5), idsOf(t, m))
		})
	})
}
