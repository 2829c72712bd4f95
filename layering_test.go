package synced_test

import (
	"os/exec"
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
	t.Run("production code links no test code", func(t *testing.T) {
		t.Parallel()
		for _, p := range deps(t, own, own+"/remote", own+"/remote/oauth", own+"/store/postgres", own+"/store/sqlite", own+"/timestamp", own+"/strategy") {
			// "testing" itself comes with SQLite's databases in memory.
			require.NotEqual(t, "net/http/httptest", p)
			require.NotContains(t, p, "testify")
			require.NotContains(t, []string{own + "/internal/testdb", own + "/internal/recorded", own + "/remote/remotetest", own + "/internal/storetest"}, p)
		}
	})
	t.Run("imports point one way", func(t *testing.T) {
		t.Parallel()
		may := map[string][]string{
			"store":            {},
			"internal/backend": {"store"},
			"remote":           {},
			"remote/oauth":     {"remote", "store", "internal/backend", "internal/ledger", "internal/idset"},
			"strategy":         {"remote"},
			"mapper":           {"remote"},
			"timestamp":        {"store", "internal/backend"},
			"report":           {"remote"},
			"store/postgres":   {"store", "internal/backend", "internal/sqlstore", "internal/idindex"},
			"store/sqlite":     {"store", "internal/backend", "internal/sqlstore", "internal/idindex"},
			"internal/engine":  {"mapper", "internal/plan", "remote", "report", "store", "internal/backend", "strategy", "timestamp", "internal/idindex", "internal/idset", "internal/spool", "internal/ledger"},

			"internal/plan":     {"mapper", "remote", "store", "internal/backend"},
			"internal/scan":     {},
			"internal/idindex":  {"store", "internal/backend"},
			"internal/idset":    {"store", "internal/backend"},
			"internal/spool":    {"remote"},
			"internal/ledger":   {"store", "internal/backend", "internal/idset"},
			"internal/sqlstore": {"store", "internal/backend", "internal/idindex"},
		}
		for from, allowed := range may {
			for _, p := range deps(t, own+"/"+from) {
				if to, ours := strings.CutPrefix(p, own+"/"); ours && to != from && to != "internal/scan" {
					require.Contains(t, allowed, to, from)
				}
			}
		}
	})
}
