package cli

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/strategy"
)

type repo struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

type issue struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	RepoID   int64  `db:"repo_id"`
	Title    string `json:"title" db:"title"`
}

func TestContract_C258_OfEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := &play{t: t, b: b, registry: Registry{DB: b.DB, Models: func(ctx context.Context) ([]schedule.Entry, error) {
			repos := harness.Model(t, b, synced.Synced[repo]{Table: "repos", Scope: "account_id", Strategy: strategy.Full{}})
			issues := harness.Model(t, b, synced.Synced[issue]{Table: "issues", Scope: "repo_id", Strategy: strategy.Full{},
				Remove: synced.Destroy{Verify: synced.VerifyNever}, Invalid: synced.Quarantine{},
				PerParent: synced.Each(repos, "repos/{synced_id}/issues")})
			one := schedule.Fixed(synced.In(1))
			return []schedule.Entry{schedule.Every(issues, time.Hour, one), schedule.Every(repos, time.Hour, one)}, nil
		}}}
		repos := b.Server.Collection("repos")
		repos.PutRaw(`{"id":7,"name":"seven"}`)
		repos.PutRaw(`{"id":8,"name":"eight"}`)
		seven, eight := b.Server.Collection("repos/7/issues"), b.Server.Collection("repos/8/issues")
		seven.PutRaw(`{"id":1,"title":"one"}`)
		seven.PutRaw(`{"id":2,"title":"two"}`)
		eight.PutRaw(`{"id":3,"title":"three"}`)
		eight.PutRaw(`{"id":4,"title":["four"]}`)
		out, code := p.run("sync", "--jobs", "1")
		require.Equal(t, 0, code, "repositories come first: %s", out)
		require.Len(t, b.Column(t, "SELECT synced_id FROM issues"), 3)
		seven.Delete(1)
		seven.Delete(2)
		out, code = p.run("sync", "issues")
		require.Equal(t, 0, code, out)

		key := func(id string) string { return b.Column(t, "SELECT id FROM repos WHERE synced_id = "+id)[0] }
		out, _ = p.run("status", "issues", "--json")
		require.Contains(t, out, `"quarantined":1,"refused":2}`, "those of all parents")
		out, _ = p.run("quarantine", "list", "--json")
		require.Contains(t, out, `{"model":"issues","scope":"`+key("8")+`","parent":true,"id":"4"`)
		out, code = p.run("check", "--jobs", "1")
		require.Equal(t, 1, code, "each parent is compared: %s", out)
		require.Contains(t, out, "issues (repo_id "+key("7")+"): 0 compared: 0 missing, 2 additional, 0 changed\n")
		require.Contains(t, out, "issues (repo_id "+key("8")+"): 2 compared, nothing differs, 1 invalid\n")
		require.Contains(t, out, "error: 1 of 3 scopes differ\n")
		out, code = p.run("check", "issues", "--parent", key("8"))
		require.Equal(t, 0, code, out)

		p.expect(0, "quarantine drop issues --parent "+key("8")+" --id 4", "issues: 1 record dropped")
		out, _ = p.run("removals", "list", "--json")
		var refused removalJSON
		require.NoError(t, json.Unmarshal([]byte(out), &refused), out)
		require.Equal(t, key("7"), refused.Scope)
		p.expect(0, "removals list",
			"issues, parent "+key("7")+": 2 of 2 rows, 2 hours ago: the remote listed nothing at all",
			"  synced removals approve issues --parent "+key("7")+" --plan "+refused.Plan)
		p.expect(0, "removals approve issues --parent "+key("7")+" --plan "+refused.Plan, "issues, parent "+key("7")+": 2 removed (0 requests, …)")
		require.Len(t, b.Column(t, "SELECT synced_id FROM issues"), 1)
	})
}
