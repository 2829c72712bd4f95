package reports_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// owner is what things belong to.
type owner struct {
	ID       int64   `db:"id"`
	SyncedID int64   `json:"id" db:"synced_id"`
	Name     *string `json:"name" db:"name"`
}

type belonging struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	OwnerID  *int64 `db:"owner_id" synced:"parent"`
}

// A parent that is not found is gone only beside one that is found by the same
// question, and one that can't be fetched keeps its own child alone.
func TestReport_R01_C80_ParentsThatAreNotFound(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			owners string // the path of one owner
			told   answer // what is said of owner 2
			reason string // why the child of owner 2 is not written, or ""
		}{
			"gone":                  {"/owners/", missing, ""},
			"credentials that end":  {"/owners/", missing, "does not find a record that exists"},
			"the wrong address":     {"/owner/", missing, "no record is known to exist that could be asked for beside it"},
			"a husk":                {"/owners/", answer{body: `{"id":2,"deleted":true}`}, "declare a Tombstone"},
			"forbidden":             {"/owners/", answer{status: http.StatusForbidden}, "403"},
			"in another form":       {"/owners/", answer{body: `[]`}, "fetch owners 2: "},
			"forbidden, and others": {"/owner/", answer{status: http.StatusForbidden}, "fetch owners"},
		} {
			for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
				t.Run(fmt.Sprintf("%s, %T", name, commit), func(t *testing.T) {
					fresh(t, b)
					b.Execute(t, "DROP TABLE IF EXISTS belongings")
					b.Execute(t, "DROP TABLE IF EXISTS owners")
					hits := 0
					api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
						if r.URL.Path == "/owners/1" {
							hits++
						}
						switch {
						case r.URL.Path == "/belongings":
							hits = 0
							return answer{body: `[{"id":11,"owner":1},{"id":12,"owner":2},{"id":13,"owner":null}]`}
						case name == "credentials that end" && hits > 1:
							return missing
						case strings.HasPrefix(r.URL.Path, "/owners/") && number(r.URL.Path, 0) == 2 && c.reason != "" && c.told.status != http.StatusNotFound:
							return c.told
						case strings.HasPrefix(r.URL.Path, c.owners) && number(r.URL.Path, 0) == 1:
							return answer{body: record(1)}
						}
						return missing
					})
					owners := harness.Model(t, b, synced.Synced[owner]{Table: "owners", API: api, Strategy: strategy.Full{}})
					d := synced.Synced[belonging]{Table: "belongings", API: api, Strategy: strategy.Full{}, Commit: commit,
						BelongsTo: []synced.Parent{synced.BelongsTo(owners, "owner", "owner_id", synced.MissingFetch)}}
					m := harness.Model(t, b, d)
					_, err := m.Synchronize(ctx, synced.NoScope)
					if c.reason == "" {
						require.NoError(t, err)
						require.Equal(t, []string{"1", "null", "null"}, b.Column(t, "SELECT owner_id FROM belongings ORDER BY synced_id"))
						return
					}
					require.ErrorContains(t, err, c.reason)
					d.Invalid = synced.Quarantine{}
					m = harness.Bind(t, b, d)
					for range 2 {
						result := harness.Sync(t, m, synced.NoScope)
						waits := 1
						if c.owners == "/owner/" {
							waits = 2
						}
						require.Equal(t, waits, result.Quarantined)
						require.Contains(t, strings.Join(b.Column(t, "SELECT error FROM synced_quarantine"), "; "), c.reason)
						require.Len(t, b.Column(t, "SELECT synced_id FROM belongings"), 3-waits)
					}
				})
			}
		}
	})
}
