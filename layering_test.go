package synced_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// deps lists the packages that a package links.
func deps(t *testing.T, packages ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func TestLayering(t *testing.T) {
	t.Parallel()
	const own = "github.com/syncedgo/synced"
	t.Run("the root package links no database driver", func(t *testing.T) {
		t.Parallel()
		for _, p := range deps(t, own) {
			require.NotContains(t, p, "pgx")
			require.NotContains(t, p, "sqlite")
		}
	})
	t.Run("runs need no upload", func(t *testing.T) {
		t.Parallel()
		require.NotContains(t, deps(t, own, own+"/schedule", own+"/store/postgres", own+"/store/sqlite"), own+"/upload")
	})
	t.Run("production code links no test code", func(t *testing.T) {
		t.Parallel()
		for _, p := range deps(t, own, own+"/remote", own+"/remote/rest", own+"/remote/oauth", own+"/remote/budget", own+"/store/postgres", own+"/store/sqlite", own+"/timestamp", own+"/strategy", own+"/schedule", own+"/upload") {
			// "testing" itself comes with SQLite's databases in memory.
			require.NotEqual(t, "net/http/httptest", p)
			require.NotContains(t, p, "testify")
			require.NotContains(t, []string{own + "/internal/testdb", own + "/internal/recorded", own + "/remote/remotetest", own + "/internal/storetest"}, p)
		}
	})
	t.Run("the contract of a remote links no HTTP client of ours", func(t *testing.T) {
		t.Parallel()
		for _, p := range deps(t, own, own+"/remote", own+"/strategy", own+"/report") {
			for _, part := range []string{"oauth2", "gobreaker", "httpsfv", "x/time/rate"} {
				require.NotContains(t, p, part)
			}
		}
	})
	t.Run("imports point down", func(t *testing.T) {
		t.Parallel()
		floor := map[string]int{}
		for n, packages := range floors {
			for _, p := range packages {
				floor[p] = n
			}
		}
		out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			fields := strings.Fields(line)
			from := strings.TrimPrefix(strings.TrimPrefix(fields[0], own), "/")
			if slices.ContainsFunc(forTests, func(prefix string) bool { return from == prefix || strings.HasPrefix(from, prefix+"/") }) {
				continue
			}
			require.Contains(t, floor, from, "give the package a floor")
			for _, p := range fields[1:] {
				if to, ours := strings.CutPrefix(p, own+"/"); ours {
					require.Less(t, floor[to], floor[from], "%s imports %s", from, to)
				}
			}
		}
	})
}

// floors are the packages from the ground up. Each imports only those of the floors
// below it.
var floors = [][]string{
	{"internal/plural", "internal/shown", "internal/secret"},
	{"store", "strategy", "internal/proof", "internal/window", "internal/scan", "internal/rawquery", "internal/recycle", "internal/offsets", "internal/sqlitedriver", "internal/lent"},
	{"remote", "internal/backend"},
	{"internal/cost", "report"},
	{"observe"},
	{"mapper", "remote/wire", "internal/logged", "internal/attribute", "internal/idindex", "internal/idset", "internal/spool"},
	{"remote/rest", "internal/plan", "internal/ledger", "internal/sqlstore", "internal/redact"},
	{"timestamp", "outbox", "journal", "remote/oauth", "remote/budget", "store/postgres", "store/sqlite"},
	{"internal/model", "peer"},
	{"internal/page", "internal/rows", "internal/stamp"},
	{"internal/look"},
	{"internal/listing", "internal/commit", "internal/feed"},
	{"internal/write"},
	{"internal/absent", "internal/compare"},
	{"internal/engine"},
	{"internal/declare"},
	{""},
	{"internal/migrationfiles"},
	{"schedule", "upload", "cmd/synced-migrations"},
}

// forTests are the packages that only tests use.
var forTests = []string{"remote/remotetest", "internal/testdb", "internal/storetest", "internal/stagetest", "internal/recorded", "internal/contract", "internal/breaking"}
