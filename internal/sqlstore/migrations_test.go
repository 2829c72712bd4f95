package sqlstore

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

// A migration that was applied somewhere is not applied again, so what is written into it
// later is missing there.
func TestMigrationsStayAsTheyWere(t *testing.T) {
	t.Parallel()
	list, err := fs.Glob(files, "migrations/*.sql")
	require.NoError(t, err)
	sums := map[string]string{}
	for _, name := range list {
		text, err := files.ReadFile(name)
		require.NoError(t, err)
		sums[name[len("migrations/"):]] = fmt.Sprintf("%x", sha256.Sum256(text))[:12]
	}
	require.Equal(t, map[string]string{
		"0002_quarantine.sql":     "043feecba8fe",
		"0003_waiting.sql":        "a7d449310880",
		"0004_changes.sql":        "4a5e962201c2",
		"0005_locks.sql":          "d9edbcbb7fa7",
		"0006_tokens.sql":         "d9a5abe73597",
		"0007_validators.sql":     "fbd1b11f539a",
		"0008_runs.sql":           "3dd8f15762e4",
		"0009_numbers.sql":        "d1c1a0b6e3d8",
		"0010_times.sql":          "d963b4ffbcfa",
		"0011_refused.sql":        "03b4a0bf0386",
		"0012_partial.sql":        "30951515f08a",
		"0015_rewinds.sql":        "dcf9c7d3ef5e",
		"0016_parents.sql":        "1951d5cb2a6d",
		"0017_positions.sql":      "bbfb5693d775",
		"0018_windows.sql":        "2eda0602dcc2",
		"0020_schedules.sql":      "5fc4e84f0e6b",
		"0021_budgets.sql":        "e7f085d9491d",
		"0022_alerts.sql":         "1d147d4db637",
		"0030_journal.sql":        "6a06c6b434d6",
		"0031_journal_prints.sql": "bffc8d9a6cb6",
		"0033_peers.sql":          "a35d0c314a7d",
		"0034_conflicts.sql":      "486df7598ebf",
		"0035_peer_rows.sql":      "ff061c9cfd26",
		"0036_peer_snapshots.sql": "63bdbddd6ebf",
		"0037_peer_histories.sql": "06d29e348339",
		"0038_peer_models.sql":    "751276fa1baa",
		"0039_peer_withheld.sql":  "d881b73abe51",
		"0040_uploads.sql":        "0ecc5e2f3c55",
		"0041_upload_left.sql":    "1e790b3f2b19",
	}, sums, "write a migration with the next number, and leave those that are there as they are")
}
