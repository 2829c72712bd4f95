package reports_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// isDeleted is a tombstone.
func isDeleted(o remote.Object) bool {
	v, ok := o.Lookup("deleted")
	return ok && v.Kind() == 't'
}

func tombstone(id int) string { return fmt.Sprintf(`{"id":%d,"deleted":true}`, id) }

func TestReport_R06_ATombstoneIsNoRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(*http.Request) answer {
			return answer{body: "[" + tombstone(1) + "," + record(2) + "," + tombstone(9) + "]"}
		})
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			for _, removal := range []synced.Removal{synced.KeepRows{}, synced.Destroy{}} {
				for _, d := range []synced.Synced[thing]{things(), since()} {
					t.Run(fmt.Sprintf("%T, %T, %s", commit, removal, d.Strategy), func(t *testing.T) {
						fresh(t, b)
						d.API, d.Commit, d.Remove, d.Tombstone = api, commit, removal, isDeleted
						m := here(t, b, d, 1, 2)
						diff, err := m.Check(ctx, synced.NoScope)
						require.NoError(t, err)
						require.Empty(t, diff.Missing)
						require.Empty(t, diff.Changed)
						dry := harness.Sync(t, m, synced.NoScope, synced.Call{DryRun: true})
						require.Empty(t, dry.Diff.Missing)
						require.Empty(t, dry.Diff.Changed)
						result := harness.Sync(t, m, synced.NoScope)
						require.Equal(t, 2, result.Tombstones)
						require.Zero(t, result.Created+result.Updated)
						if removal == (synced.KeepRows{}) {
							require.Equal(t, []int{1, 2}, idsOf(t, m))
							require.Equal(t, []string{"r1", "r2"}, b.Column(t, "SELECT name FROM things ORDER BY synced_id"))
							given := harness.Sync(t, m, synced.NoScope, synced.Call{Records: harness.Parsed(t, tombstone(2))})
							require.Equal(t, 1, given.Tombstones)
							require.Equal(t, []string{"r1", "r2"}, b.Column(t, "SELECT name FROM things ORDER BY synced_id"))
						} else {
							require.Equal(t, []int{2}, idsOf(t, m))
						}
					})
				}
			}
		}
	})
}

// A record that is asked for may answer that it was deleted.
func TestReport_R21_ATombstoneOfOneRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			declared func(remote.Object) bool
			husk     string
			many     bool
			gone     bool
		}{
			"declared":             {isDeleted, tombstone(2), false, true},
			"declared, by ids":     {isDeleted, tombstone(2), true, true},
			"not declared":         {nil, tombstone(2), false, false},
			"not declared, by ids": {nil, tombstone(2), true, false},
			"only the id":          {nil, `{"id":2}`, false, false},
		} {
			for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
				t.Run(fmt.Sprintf("%s, %T", name, commit), func(t *testing.T) {
					fresh(t, b)
					config := rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}
					if c.many {
						config.IDs.Param = "ids"
					}
					api := served(t, config, func(r *http.Request) answer {
						switch id := number(r.URL.Path, 0); {
						case r.URL.Query().Has("ids"):
							body := ""
							for _, id := range idsOfQuery(r, "ids", ",") {
								if id == 2 {
									body += "," + c.husk
								} else if id < 4 {
									body += "," + record(id)
								}
							}
							return answer{body: "[" + body[min(1, len(body)):] + "]"}
						case id == 2:
							return answer{body: c.husk}
						case id > 0 && id < 4:
							return answer{body: record(id)}
						case id == 0:
							return answer{body: list(1, 3)}
						}
						return missing
					})
					d := things()
					d.API, d.Tombstone, d.Commit = api, c.declared, commit
					m := here(t, b, d, 1, 2, 3, 4)
					one, err := m.SyncOne(ctx, synced.NoScope, 2)
					require.Equal(t, c.gone, one.Gone, err)
					if !c.gone {
						require.Error(t, err)
						require.ErrorContains(t, err, "declare a Tombstone")
						require.Equal(t, []string{"r1", "r2", "r3", "r4"}, b.Column(t, "SELECT name FROM things ORDER BY synced_id"))
						result := harness.Sync(t, m, synced.NoScope)
						require.Equal(t, 1, result.Removed, result)
						require.Equal(t, 1, result.Refused.Rows)
						require.Equal(t, []string{"r1", "r2", "r3"}, b.Column(t, "SELECT name FROM things ORDER BY synced_id"))
						return
					}
					require.NoError(t, err)
					require.Equal(t, []int{1, 3, 4}, idsOf(t, m))
					m = here(t, b, d, 2)
					require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Removed)
					require.Equal(t, []int{1, 3}, idsOf(t, m))
				})
			}
		}
	})
}

// A listed object that lost every attribute is no record, and blanks no row.
func TestReport_R21_AHuskInAList(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			object string
			valid  bool
		}{
			"deleted":        {`{"id":2,"deleted":true}`, false},
			"only an id":     {`{"id":2}`, false},
			"unknown":        {`{"id":2,"status":"gone","meta":{"name":"x"}}`, false},
			"all null":       {`{"id":2,"name":null}`, true},
			"with something": {`{"name":"r2","deleted":true,"id":2}`, true},
		} {
			for _, d := range []synced.Synced[thing]{things(), since()} {
				for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
					t.Run(fmt.Sprintf("%s, %s, %T", name, d.Strategy, commit), func(t *testing.T) {
						fresh(t, b)
						d := d
						d.API = served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(*http.Request) answer {
							return answer{body: "[" + record(1) + "," + c.object + "," + record(3) + "]"}
						})
						d.Commit = commit
						m := here(t, b, d, 1, 2, 3)
						_, err := m.Synchronize(ctx, synced.NoScope)
						if c.valid {
							require.NoError(t, err)
							return
						}
						require.ErrorContains(t, err, "record 2: the object has none of the attributes that the model reads")
						require.Equal(t, []string{"r1", "r2", "r3"}, b.Column(t, "SELECT name FROM things ORDER BY synced_id"))
						d.Invalid = synced.Quarantine{}
						m = harness.Bind(t, b, d)
						require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Quarantined)
						require.Equal(t, []string{"r1", "r2", "r3"}, b.Column(t, "SELECT name FROM things ORDER BY synced_id"))
					})
				}
			}
		}
	})
}

// Ids that every page announces as deleted don't outweigh a record that a page lists.
func TestReport_R22_AnnouncedAndListed(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			announced [3]string // ids, by page
			listed    int       // the page that lists 5
		}{
			"on each page, listed first":  {[3]string{"[5]", "[5]", "[5]"}, 0},
			"on each page, listed second": {[3]string{"[5]", "[5]", "[5]"}, 1},
			"on each page, listed last":   {[3]string{"[5]", "[5]", "[5]"}, 2},
			"once before":                 {[3]string{"[5]", "[]", "[]"}, 1},
			"with it":                     {[3]string{"[]", "[5]", "[]"}, 1},
		} {
			for _, d := range []synced.Synced[thing]{things(), since()} {
				for _, commit := range []synced.Commit{synced.PerPage{}, synced.PerPage{Checkpoint: 1}, synced.Atomic{}} {
					t.Run(fmt.Sprintf("%s, %s, %T", name, d.Strategy, commit), func(t *testing.T) {
						fresh(t, b)
						dies := false
						api := served(t, rest.Config{RecordsKey: "items", Pagination: rest.Cursor{}}, func(r *http.Request) answer {
							page := 0
							if c := r.URL.Query().Get("cursor"); c != "" {
								page = int(c[1] - '0')
							}
							if dies && page == 2 {
								return answer{status: http.StatusNotFound}
							}
							ids := []int{page + 1}
							if page == c.listed {
								ids = append(ids, 5)
							}
							next := fmt.Sprintf(`"p%d"`, page+1)
							if page == 2 {
								next = "null"
							}
							return answer{body: fmt.Sprintf(`{"items":%s,"meta":{"deleted_ids":%s},"next_cursor":%s}`, list(ids...), c.announced[page], next)}
						})
						d.API, d.Remove, d.Commit = api, synced.Destroy{}, commit
						m := here(t, b, d, 1, 5)
						dies = true
						_, err := m.Synchronize(ctx, synced.NoScope)
						require.Error(t, err)
						dies = false
						dry := harness.Sync(t, m, synced.NoScope, synced.Call{DryRun: true})
						require.Empty(t, dry.Diff.Additional)
						result := harness.Sync(t, m, synced.NoScope)
						require.Zero(t, result.Removed)
						require.Equal(t, []int{1, 2, 3, 5}, idsOf(t, m))
					})
				}
			}
		}
	})
}
