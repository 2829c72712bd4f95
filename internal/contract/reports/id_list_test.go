package reports_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
)

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
