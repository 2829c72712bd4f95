package reports_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// offsets lists records by offset and limit, below a path, while a function may change
// them before each page.
func offsets(ids *[]int, before func(offset int)) func(r *http.Request) answer {
	return func(r *http.Request) answer {
		offset, limit := number(r.URL.Query().Get("offset"), 0), number(r.URL.Query().Get("limit"), 3)
		if before != nil {
			before(offset)
		}
		return answer{body: fmt.Sprintf(`{"items":%s,"total_count":%d}`, list(cut(*ids, offset, limit)...), len(*ids))}
	}
}

// Where one record is can't be guessed: what is not found there may exist.
func TestReport_R01_TheAddressOfOneRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			endpoint string
			at       string // where one record is
			config   rest.Config
			finds    bool
		}{
			"with .json":           {"items.json", "/items/%d.json", rest.Config{}, true},
			"elsewhere":            {"items.json", "/item/%d", rest.Config{}, false},
			"elsewhere, declared":  {"items.json", "/item/%d", rest.Config{Record: rest.Record{Path: "item/%s"}}, true},
			"with a slash":         {"items/", "/items/%d/", rest.Config{}, true},
			"wrapped":              {"items", "/items/%d", rest.Config{Record: rest.Record{Key: "item"}}, true},
			"the list for anybody": {"items", "/other/%d", rest.Config{}, false},
		} {
			for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
				t.Run(fmt.Sprintf("%s, %T", name, commit), func(t *testing.T) {
					fresh(t, b)
					all := upTo(1, 6)
					pages := offsets(&all, func(offset int) {
						if offset == 3 {
							all = []int{2, 3, 4, 5, 6, 7} // 1 goes and 7 comes after the first page
						}
					})
					c.config.Pagination, c.config.PerPage, c.config.RecordsKey, c.config.TotalPath = rest.Offset{}, 3, "items", "total_count"
					api := served(t, c.config, func(r *http.Request) answer {
						if r.URL.Path == "/"+c.endpoint {
							return pages(r)
						}
						for _, id := range all {
							if r.URL.Path == fmt.Sprintf(c.at, id) {
								if name == "wrapped" {
									return answer{body: `{"item":` + record(id) + `}`}
								}
								return answer{body: record(id)}
							}
						}
						return missing
					})
					d := things()
					d.Endpoint, d.API, d.Commit = c.endpoint, api, commit
					m := here(t, b, d, 1, 2, 3, 4, 5, 6)
					one, err := m.SyncOne(ctx, synced.NoScope, 1)
					require.NoError(t, err)
					require.False(t, one.Gone, one)
					result := harness.Sync(t, m, synced.NoScope)
					require.Zero(t, result.Removed, result)
					require.Subset(t, idsOf(t, m), upTo(1, 6))
					result = harness.Sync(t, m, synced.NoScope)
					if c.finds {
						require.Equal(t, 1, result.Removed, result)
						require.Equal(t, upTo(2, 7), idsOf(t, m))
						one, err = m.SyncOne(ctx, synced.NoScope, 8)
						require.NoError(t, err)
						require.True(t, one.Gone)
						return
					}
					require.Zero(t, result.Removed)
					require.Contains(t, result.Refused.Reason, "rest.Config.Record")
					one, err = m.SyncOne(ctx, synced.NoScope, 1)
					require.NoError(t, err)
					require.False(t, one.Gone)
					require.Contains(t, one.Refused.Reason, "rest.Config.Record")
				})
			}
		}
	})
}

// idsOfQuery returns the ids that a request asks for.
func idsOfQuery(r *http.Request, param, split string) []int {
	var ids []int
	for _, text := range strings.Split(r.URL.Query().Get(param), split) {
		ids = append(ids, number(text, -1))
	}
	return ids
}

// An answer to a list of ids may be cut short.
func TestReport_R12_FewerAnsweredThanAsked(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, answered := range map[string]func(asked []int) []int{
			"25 of 40":    func(asked []int) []int { return asked[:min(25, len(asked))] },
			"the last 25": func(asked []int) []int { return asked[max(0, len(asked)-25):] },
			"one":         func(asked []int) []int { return asked[:min(1, len(asked))] },
			"none if too many": func(asked []int) []int {
				if len(asked) > 10 {
					return nil
				}
				return asked
			},
			"only odd ones first": func(asked []int) []int {
				slices.SortFunc(asked, func(a, b int) int { return b%2 - a%2 })
				return asked[:min(20, len(asked))]
			},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				exists := append(upTo(1, 10), upTo(12, 50)...)
				api := served(t, rest.Config{RecordsKey: rest.Root, IDs: rest.IDs{Param: "ids"}, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
					switch {
					case r.URL.Query().Has("ids"):
						asked := slices.DeleteFunc(idsOfQuery(r, "ids", ","), func(id int) bool { return !slices.Contains(exists, id) })
						return answer{body: list(answered(asked)...)}
					case r.URL.Path == "/things":
						return answer{body: list(upTo(1, 10)...)} // the others are not listed, and exist
					default:
						return missing
					}
				})
				d := things()
				d.API, d.Remove = api, synced.Destroy{Limit: 1}
				m := here(t, b, d, upTo(1, 50)...)
				for range 2 {
					result := harness.Sync(t, m, synced.NoScope)
					require.Subset(t, idsOf(t, m), exists, result)
				}
			})
		}
	})
}

// A parameter that the API does not read so finds nothing, or is not heard at all.
func TestReport_R13_IDsThatAreAskedForInAnotherWay(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			ids   rest.IDs
			finds bool
		}{
			"as one":        {rest.IDs{Param: "id"}, false},
			"repeated":      {rest.IDs{Param: "id", Repeated: true}, true},
			"an expression": {rest.IDs{Param: "filter", Each: "id='%s'", Join: "||"}, true},
			"not heard":     {rest.IDs{Param: "identifiers"}, false},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				exists := upTo(1, 6)
				api := served(t, rest.Config{RecordsKey: rest.Root, IDs: c.ids, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
					q := r.URL.Query()
					asked := q["id"]
					for _, part := range strings.Split(q.Get("filter"), "||") {
						if part != "" {
							asked = append(asked, strings.Trim(strings.TrimPrefix(part, "id="), "'"))
						}
					}
					if r.URL.Path != "/things" {
						return missing
					}
					if asked == nil {
						return answer{body: list(upTo(1, 3)...)}
					}
					var found []int
					for _, id := range exists {
						if slices.Contains(asked, fmt.Sprint(id)) {
							found = append(found, id)
						}
					}
					return answer{body: list(found...)}
				})
				d := things()
				d.API = api
				m := here(t, b, d, upTo(1, 7)...)
				result := harness.Sync(t, m, synced.NoScope)
				if c.finds {
					require.Nil(t, result.Refused)
					require.Equal(t, exists, idsOf(t, m))
					return
				}
				require.Zero(t, result.Removed)
				require.NotEmpty(t, result.Refused.Reason)
				require.Equal(t, upTo(1, 7), idsOf(t, m))
			})
		}
	})
}

// A token that dies makes a stranger of the run, to whom nothing exists.
func TestReport_R24_ATokenThatDies(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, strange := range map[string]answer{
			"404":        missing,
			"410":        {status: http.StatusGone},
			"200 null":   {body: "null"},
			"200 {}":     {body: "{}"},
			"an error":   {body: `{"error":"no such token"}`},
			"401":        {status: http.StatusUnauthorized},
			"403":        {status: http.StatusForbidden},
			"a page":     {body: "<html>log in</html>", header: map[string]string{"Content-Type": "text/html"}},
			"no content": {status: http.StatusNoContent},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				var dead, dies atomic.Bool
				all := upTo(1, 9)
				pages := offsets(&all, func(offset int) {
					if dies.Load() && offset == 6 {
						dead.Store(true)
					}
				})
				api := served(t, rest.Config{RecordsKey: "items", Pagination: rest.Offset{}, PerPage: 3, TotalPath: "total_count"}, func(r *http.Request) answer {
					switch {
					case r.URL.Path == "/things":
						return pages(r)
					case dead.Load():
						return strange
					case slices.Contains(all, number(r.URL.Path, 0)):
						return answer{body: record(number(r.URL.Path, 0))}
					}
					return missing
				})
				d := things()
				d.API = api
				m := here(t, b, d, upTo(1, 12)...)
				dies.Store(true)
				result, err := m.Synchronize(ctx, synced.NoScope)
				require.NoError(t, err)
				require.Zero(t, result.Removed)
				require.NotEmpty(t, result.Refused.Reason)
				one, err := m.SyncOne(ctx, synced.NoScope, 12)
				require.False(t, one.Gone, err)
				require.Equal(t, upTo(1, 12), idsOf(t, m))
				require.NotEmpty(t, fmt.Sprint(err, one.Refused))

				dies.Store(false)
				dead.Store(false)
				result = harness.Sync(t, m, synced.NoScope)
				require.Equal(t, 3, result.Removed)
			})
		}
	})
}

// A list by ids that has a filter by default hides what the list hid already. So does
// one that hides only some of what it leaves out, and one in an archive.
func TestReport_R26_AFilterThatListsOfIDsHave(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			query  map[string][]string
			hidden []int // of records 1 to 9; 10 is gone
			config rest.Config
			single func(id int) answer
			gone   bool
			why    string
		}{
			"the default":                {hidden: upTo(6, 9), gone: true},
			"one of five":                {hidden: []int{6}, gone: true},
			"all but one":                {hidden: upTo(4, 9), gone: true},
			"lifted":                     {hidden: upTo(6, 9), query: map[string][]string{"status_id": {"*"}}, gone: true},
			"a part can't be asked for":  {hidden: upTo(6, 9), single: func(id int) answer { return forbiddenAbove(8, id) }, why: "leaves out record 6, which exists"},
			"none can be asked for":      {hidden: upTo(6, 9), single: func(id int) answer { return forbiddenAbove(5, id) }, why: "could not be asked for"},
			"lifted, without an address": {hidden: upTo(6, 9), query: map[string][]string{"status_id": {"*"}}, config: rest.Config{Record: rest.Record{Path: rest.None}}, gone: true},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				c.config.RecordsKey, c.config.TotalPath, c.config.Pagination = "issues", "total_count", rest.Offset{}
				c.config.IDs = rest.IDs{Param: "issue_id", Query: c.query}
				api := served(t, c.config, func(r *http.Request) answer {
					if id := number(strings.TrimSuffix(r.URL.Path, ".json"), 0); id > 0 {
						switch {
						case c.single != nil:
							return c.single(id)
						case id > 9:
							return missing
						}
						return answer{body: record(id)}
					}
					found := upTo(1, 9)
					if q := r.URL.Query(); q.Has("issue_id") {
						asked := idsOfQuery(r, "issue_id", ",")
						found = slices.DeleteFunc(found, func(id int) bool { return !slices.Contains(asked, id) })
					}
					if r.URL.Query().Get("status_id") != "*" {
						found = slices.DeleteFunc(found, func(id int) bool { return slices.Contains(c.hidden, id) })
					}
					if offset := number(r.URL.Query().Get("offset"), 0); offset > 0 {
						found = nil
					}
					return answer{body: fmt.Sprintf(`{"issues":%s,"total_count":%d}`, list(found...), len(found))}
				})
				d := things()
				d.Endpoint, d.API = "issues.json", api
				m := here(t, b, d, upTo(1, 10)...)
				result := harness.Sync(t, m, synced.NoScope)
				require.Subset(t, idsOf(t, m), upTo(1, 9), "each of them exists")
				if c.gone {
					require.Nil(t, result.Refused)
					require.Equal(t, 1, result.Removed, result)
					return
				}
				require.Zero(t, result.Removed)
				require.Contains(t, result.Refused.Reason, c.why)
			})
		}
	})
}

// forbiddenAbove answers for record id, and refuses those after a number.
func forbiddenAbove(last, id int) answer {
	if id > last {
		return answer{status: http.StatusForbidden}
	}
	return answer{body: record(id)}
}

// Below a feed there is no record.
func TestReport_R27_AnEndpointThatIsAFeed(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		asked := 0
		say := func(r *http.Request) answer {
			asked++
			if r.URL.Path == "/db/_changes" {
				return answer{body: list(1, 2)}
			}
			if r.URL.Path == "/db/1" || r.URL.Path == "/db/2" {
				return answer{body: record(number(r.URL.Path, 0))}
			}
			return missing
		}
		config := rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}
		d := things()
		d.Endpoint, d.API = "db/_changes", served(t, config, say)
		m := here(t, b, d, 1, 2, 3)
		_, err := m.SyncOne(ctx, synced.NoScope, 1)
		require.ErrorIs(t, err, remote.ErrNoAddress)
		require.ErrorContains(t, err, "rest.Config.Record")
		require.Zero(t, asked)
		result := harness.Sync(t, m, synced.NoScope)
		require.Zero(t, result.Removed)
		require.Contains(t, result.Refused.Reason, "rest.Config.Record")
		require.Equal(t, []int{1, 2, 3}, idsOf(t, m))

		config.Record.Path = "db/%s"
		m = harness.Bind(t, b, withAPI(d, served(t, config, say)))
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Removed)
		one, err := m.SyncOne(ctx, synced.NoScope, 3)
		require.NoError(t, err)
		require.True(t, one.Gone)
	})
}

func withAPI(d synced.Synced[thing], api remote.API) synced.Synced[thing] {
	d.API = api
	return d
}

// A record that was merged is gone, however that is told, and keeps no other.
func TestReport_R40_MergedRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, merged := range map[string]answer{
			"answered with the other": {body: record(1)},
			"answered with a new one": {body: record(9)},
			"redirected":              {status: http.StatusMovedPermanently, header: map[string]string{"Location": "/things/1"}},
			"redirected temporarily":  {status: http.StatusTemporaryRedirect, header: map[string]string{"Location": "/things/1"}},
			"in a list":               {body: list(1)},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				exists := []int{1, 4}
				api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
					switch id := number(r.URL.Path, 0); {
					case r.URL.Path == "/things":
						return answer{body: list(exists...)}
					case id == 2:
						return merged
					case slices.Contains(exists, id):
						return answer{body: record(id)}
					}
					return missing
				})
				d := things()
				d.API = api
				m := here(t, b, d, 1, 2, 3, 4)
				result := harness.Sync(t, m, synced.NoScope)
				require.Nil(t, result.Refused)
				require.Equal(t, exists, idsOf(t, m))

				m = here(t, b, d, 1, 2)
				one, err := m.SyncOne(ctx, synced.NoScope, 2)
				require.NoError(t, err)
				require.True(t, one.Gone)
				require.Equal(t, exists, idsOf(t, m))
			})
		}
	})
}

// One record that the API does not show keeps no other from going.
func TestReport_R41_OneThatIsForbidden(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			unclear answer
			commit  synced.Commit
		}{
			"401":                      {answer{status: 401}, synced.PerPage{}},
			"403":                      {answer{status: 403}, synced.PerPage{}},
			"403, atomic":              {answer{status: 403}, synced.Atomic{}},
			"500":                      {answer{status: 500}, synced.PerPage{}},
			"no JSON":                  {answer{body: "<html>"}, synced.PerPage{}},
			"empty":                    {answer{}, synced.PerPage{}},
			"a redirect to the log-in": {answer{status: 302, header: map[string]string{"Location": "/login"}}, synced.PerPage{}},
			"a redirect to elsewhere":  {answer{status: 302, header: map[string]string{"Location": "https://login.example.com/"}}, synced.PerPage{}},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
					switch id := number(r.URL.Path, 0); {
					case r.URL.Path == "/things":
						return answer{body: list(1, 4)}
					case r.URL.Path == "/login":
						return answer{body: "<html>log in"}
					case id == 2:
						return c.unclear
					case id == 1 || id == 4:
						return answer{body: record(id)}
					}
					return missing
				})
				d := things()
				d.API, d.Commit = api, c.commit
				m := here(t, b, d, 1, 2, 3, 4)
				result, err := m.Synchronize(ctx, synced.NoScope, synced.Call{DryRun: true})
				require.NoError(t, err)
				require.Len(t, result.Diff.Additional, 1)
				require.Equal(t, "3", result.Diff.Additional[0].ID)
				result = harness.Sync(t, m, synced.NoScope)
				require.Equal(t, 1, result.Removed)
				require.Equal(t, []int{1, 2, 4}, idsOf(t, m))
				require.Equal(t, 1, result.Refused.Rows)
				require.Contains(t, result.Refused.Reason, "1 of 2 absent records could not be asked for, the first: record 2: ")
				_, err = m.SyncOne(ctx, synced.NoScope, 2)
				require.Error(t, err)
				require.Equal(t, []int{1, 2, 4}, idsOf(t, m))
			})
		}
	})
}
