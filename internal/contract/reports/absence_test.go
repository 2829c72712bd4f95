package reports_test

import (
	"fmt"
	"net/http"
	"slices"
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
