package cli

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/strategy"
)

// family is a service of account 1 with repositories, their issues, and notes that only
// point to repositories.
func family(t *testing.T, b *harness.Bundle) *play {
	t.Helper()
	type note struct {
		SyncedID  int64  `json:"id" db:"synced_id"`
		AccountID int64  `db:"account_id"`
		RepoID    *int64 `db:"repo_id" synced:"parent"`
	}
	for id := 1; id <= 2; id++ {
		b.Server.Collection("repos").Put(remotetest.Record{"id": id, "name": "repo"})
	}
	b.Server.Collection("notes").Put(remotetest.Record{"id": 1, "repo_id": 1})
	b.Server.Collection("repos/1/issues").Put(remotetest.Record{"id": 1, "title": "one"}, remotetest.Record{"id": 2, "title": "two"})
	b.Server.Collection("repos/2/issues").Put(remotetest.Record{"id": 1, "title": "three"})
	return &play{t: t, b: b, registry: Registry{DB: b.DB, Models: func(context.Context) ([]schedule.Entry, error) {
		repos := harness.Model(t, b, synced.Synced[repo]{Table: "repos", Scope: "account_id", Strategy: strategy.Full{}, Invalid: synced.Quarantine{}})
		issues := harness.Model(t, b, synced.Synced[issue]{Table: "issues", Scope: "repo_id", Strategy: strategy.Full{}, Invalid: synced.Quarantine{},
			PerParent: synced.Each(repos, "repos/{synced_id}/issues")})
		notes := harness.Model(t, b, synced.Synced[note]{Table: "notes", Scope: "account_id", Strategy: strategy.Full{},
			BelongsTo: []synced.Parent{synced.BelongsTo(repos, "repo_id", "repo_id", synced.MissingNull)}})
		one := schedule.Fixed(synced.In(1))
		return []schedule.Entry{schedule.Every(issues, time.Hour, one), schedule.Every(repos, time.Hour, one), schedule.Every(notes, time.Hour, one)}, nil
	}}}
}

func TestContract_C276_AParentThatFailed(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := family(t, b)
		require.NoError(t, exit(p.run("sync")))
		b.Server.Fault(remotetest.Fault{Collection: "repos", Status: http.StatusForbidden, Times: -1})
		requests := b.Server.Requests()
		out, code := p.run("sync")
		require.Equal(t, 2, code)
		require.Contains(t, out, "issues 1: not run, because repos failed; --keep-going runs it\n")
		require.Contains(t, out, "notes 1: nothing changed (1 request, …)\n", "it only points to repos: %s", out)
		require.True(t, strings.HasSuffix(out, "error: 1 of 3 runs failed; 1 not run, because others failed\n"), out)
		require.Equal(t, requests+2, b.Server.Requests())

		out, code = p.run("sync", "--json")
		require.Equal(t, 2, code)
		require.Contains(t, out, `"error":"issues 1: not run, because repos failed; --keep-going runs it"}`)
		out, code = p.run("sync", "--keep-going")
		require.Equal(t, 2, code)
		require.Contains(t, out, "issues 1: nothing changed (2 requests, …)\n")
		require.True(t, strings.HasSuffix(out, "error: 1 of 3 runs failed\n"), out)
		require.NoError(t, exit(p.run("sync", "issues")), "by itself it runs")
		require.NoError(t, exit(p.run("sync", "issues", "--parent", b.Column(t, "SELECT id FROM repos ORDER BY id")[0])))
	})
}

func TestContract_C275_DryRunOfEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := family(t, b)
		p.expect(0, "check issues", "0 checks: 0 compared, 0 differ")
		p.expect(0, "sync issues --dry-run", "0 runs: nothing changed")
		require.NoError(t, exit(p.run("sync")))
		keys := b.Column(t, "SELECT id FROM repos ORDER BY synced_id")
		b.Server.Collection("repos/2/issues").Put(remotetest.Record{"id": 9, "title": "new"})
		out, code := p.run("sync", "issues", "--dry-run", "--jobs", "1")
		require.Equal(t, 0, code, out)
		require.Contains(t, out, "issues (repo_id "+keys[0]+"): 2 compared, nothing differs\n")
		require.Contains(t, out, "issues (repo_id "+keys[1]+"): 2 compared: 1 missing, 0 additional, 0 changed\n")
		require.Len(t, b.Column(t, "SELECT synced_id FROM issues"), 3)

		found, code := p.run("check", "issues", "--json", "--jobs", "1")
		require.Equal(t, 1, code)
		require.Contains(t, found, `{"model":"issues","scope":"`+keys[1]+`","parent":true,"passed":false,`)
		p.in = strings.TrimSuffix(found, "error: 1 of 2 scopes differ\n")
		p.expect(0, "apply -", "issues, parent "+keys[1]+": 1 created (0 requests, …)")
		require.NoError(t, exit(p.run("check")))
	})
}

func TestContract_C278_AScopeStandsForItsParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := family(t, b)
		b.Server.Collection("repos/2/issues").Put(remotetest.Record{"id": 7, "title": []string{"no", "text"}})
		require.NoError(t, exit(p.run("sync")))
		key := b.Column(t, "SELECT id FROM repos WHERE synced_id = 2")[0]
		for _, at := range []string{"--scope 1", "--parent " + key, ""} {
			out, code := p.run(strings.Fields("quarantine list issues --json " + at)...)
			require.Equal(t, 0, code, out)
			require.Contains(t, out, `{"model":"issues","scope":"`+key+`","parent":true,"id":"7",`, at)
		}
		p.expect(2, "quarantine list --parent "+key, "error: --parent is for one model, and goes without --scope: name the model")
		p.expect(2, "quarantine list --scope 3", "error: no scope 3: did you mean 1?")
		p.expect(2, "removals list --scope 3", "error: no scope 3: did you mean 1?")
		p.expect(2, "quarantine retry --scope 3", "error: no scope 3: did you mean 1?")
		p.expect(2, "quarantine drop issues --scope 3 --all", "error: issues has no scope 3: did you mean 1?")
		p.expect(0, "quarantine list repos", "nothing is in quarantine")
		p.expect(0, "quarantine drop issues --scope 1 --all", "issues: 1 record dropped")
		for _, command := range []string{"pause", "run", "resume"} {
			p.expect(2, "schedule "+command+" repos", "error: nothing is known yet: a schedule that runs makes its scopes known")
		}
	})
}
